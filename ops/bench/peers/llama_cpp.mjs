// Times llama.cpp's plain greedy decoding through node-llama-cpp (its processor build, from npm):
//
//     npm i -E node-llama-cpp@3.21.1
//     node llama_cpp.mjs FILE.gguf [--threads 2] [--batches 1,8] [--tokens 48] [--json FILE]
//
// FILE.gguf comes from to_gguf.py. Weights are read, not mapped, so that both sides hold them in memory of their own.
// With --json, rows {"batch", "setting", "tokens_per_second"} that `respec bench decode --peers FILE` shows.

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { getLlama } from "node-llama-cpp";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: "string", default: "2" },
    batches: { type: "string", default: "1,8" },
    tokens: { type: "string", default: "48" },
    json: { type: "string" },
  },
});
const threads = Number(values.threads);
const tokens = Number(values.tokens);

function resident(field) {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(status.match(new RegExp(`${field}:\\s+(\\d+)`))[1]) / 1024;
}

// One step of a batch gives every sequence one token; all sequences of a context share a step.
async function decode(sequences) {
  const prompt = Array.from({ length: 24 }, (_, i) => 1000 + i);
  let begun;
  let started = 0;
  const all = sequences.map(async (sequence) => {
    await sequence.clearHistory();
    let count = 0;
    for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
      // the first token of each sequence ends its prompt
      if (count === 0 && ++started === sequences.length) begun = performance.now();
      if (++count > tokens) break;
    }
  });
  await Promise.all(all);
  return (tokens * sequences.length) / ((performance.now() - begun) / 1000);
}

const begun = performance.now();
const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, progressLogs: false });
const model = await llama.loadModel({ modelPath: positionals[0], useMmap: false, gpuLayers: 0 });
const batches = values.batches.split(",").map(Number);
const most = Math.max(...batches);
const context = await model.createContext({
  sequences: most,
  contextSize: 24 + tokens + 16,
  batchSize: 512,
  threads: { ideal: threads, min: threads },
});
const seconds = (performance.now() - begun) / 1000;
const sequences = Array.from({ length: most }, () => context.getSequence());
const rows = [];
for (const batch of batches) {
  await decode(sequences.slice(0, batch));
  rows.push({ batch, setting: "llama.cpp", tokens_per_second: await decode(sequences.slice(0, batch)) });
}
console.log(`ready ${seconds.toFixed(2)} s, resident ${resident("VmHWM").toFixed(0)} MiB at most`);
for (const row of rows) console.log(`${row.batch} ${row.tokens_per_second.toFixed(1)} tokens/s`);
if (values.json) writeFileSync(values.json, JSON.stringify(rows, null, 1));
process.exit(0);
