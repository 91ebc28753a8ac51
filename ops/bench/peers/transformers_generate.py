"""Times transformers' generate, plain and assisted, on a checkpoint and prompts: python transformers_generate.py --help

Needs torch and transformers. Prints a table and, with --json, rows {"batch", "setting", "tokens_per_second"} that
`respec bench decode --peers FILE` shows beside its own.
"""

import argparse
import json
import time

import torch
from transformers import AutoModelForCausalLM


def rate(model, prompts, tokens, seconds, assistant=None):
    """Tokens a second of sampling at temperature 1; the best of the rounds that fit, after one to warm up."""
    extra = {} if assistant is None else {"assistant_model": assistant}
    best = 0.0
    until = None
    while until is None or time.monotonic() < until:
        begun = time.monotonic()
        out = model.generate(
            prompts,
            attention_mask=torch.ones_like(prompts),
            do_sample=True,
            temperature=1.0,
            top_k=0,
            top_p=1.0,
            max_new_tokens=tokens,
            min_new_tokens=tokens,
            pad_token_id=0,
            **extra,
        )
        elapsed = time.monotonic() - begun
        if until is None:
            until = time.monotonic() + seconds
        else:
            best = max(best, (out.shape[1] - prompts.shape[1]) * out.shape[0] / elapsed)
    return best


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", required=True, help="checkpoint folder")
    arguments.add_argument("--assistant", help="smaller checkpoint for assisted generation, batch 1 only")
    arguments.add_argument("--tokens-file", help='JSONL of {"token_ids": [...]}: prompts; default: 24 zeros')
    arguments.add_argument("--batches", default="1,4,16,64")
    arguments.add_argument("--tokens", type=int, default=96, help="new tokens per sequence")
    arguments.add_argument("--seconds", type=float, default=4.0, help="time for each row")
    arguments.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--json", help="file to write the rows to")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    torch.set_grad_enabled(False)
    kind = getattr(torch, given.dtype)
    model = AutoModelForCausalLM.from_pretrained(given.model, dtype=kind).eval()
    assistant = given.assistant and AutoModelForCausalLM.from_pretrained(given.assistant, dtype=kind).eval()
    prompt = [0] * 24
    if given.tokens_file:
        with open(given.tokens_file) as lines:
            prompt = json.loads(next(lines))["token_ids"]
    rows = []
    for batch in map(int, given.batches.split(",")):
        prompts = torch.tensor([prompt] * batch)
        rows.append((batch, "transformers", rate(model, prompts, given.tokens, given.seconds)))
        if assistant is not None and batch == 1:
            rows.append((1, "transformers assisted", rate(model, prompts, given.tokens, given.seconds, assistant)))
    for batch, setting, speed in rows:
        print(f"{batch:6d}  {setting:24s}  {speed:9.0f} tokens/s")
    if given.json:
        with open(given.json, "w") as out:
            json.dump([{"batch": b, "setting": s, "tokens_per_second": v} for b, s, v in rows], out, indent=1)


if __name__ == "__main__":
    main()
