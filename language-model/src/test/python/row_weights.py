"""Golden losses and gradients of EAGLE-3 training with a weight for each row of each pass, for golden/eagle3.

python language-model/src/test/python/row_weights.py language-model/src/test/resources/golden/eagle3

Written from the conventions of that folder's README alone: row by row, with plain attention over a list of keys, in
float64 with torch's autograd. With weights of 1 and without the total variation it must give train4.*, which it checks
before it writes weighted.safetensors beside each drafter: the loss mean over all positions, step losses, six gradients,
and the weights themselves.
"""

import json
import math
import pathlib
import random
import struct
import sys

import torch

PASSES, DECAY, VARIATION = 4, 0.8, 0.7
GRADIENTS = ["fc.weight", "lm_head.weight", "midlayer.mlp.down_proj.weight", "midlayer.self_attn.k_proj.weight",
             "midlayer.self_attn.q_proj.weight", "norm.weight"]
TYPES = {"F32": ("f", torch.float64), "I32": ("i", torch.int64), "I64": ("q", torch.int64), "U8": ("B", torch.uint8), "BOOL": ("?", torch.bool)}


def read(path):
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    tensors = {}
    for name, entry in json.loads(raw[8:8 + size]).items():
        if name != "__metadata__":
            code, kind = TYPES[entry["dtype"]]
            first, last = entry["data_offsets"]
            values = struct.unpack(f"<{(last - first) // struct.calcsize(code)}{code}", raw[8 + size + first:8 + size + last])
            tensors[name] = torch.tensor(values, dtype=kind).reshape(entry["shape"])
    return tensors


def write(path, tensors):
    header, data = {}, b""
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().reshape(-1).tolist()
        packed = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


class Drafter:
    def __init__(self, weights, config, embeddings):
        self.w = {name: tensor.clone().requires_grad_() if tensor.dtype == torch.float64 else tensor
                  for name, tensor in weights.items()}
        self.embeddings = embeddings
        self.heads, self.kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
        self.d = self.w["midlayer.self_attn.q_proj.weight"].shape[0] // self.heads
        self.theta, self.eps = config["rope_theta"], config["rms_norm_eps"]

    def norm(self, x, name):
        return x / torch.sqrt((x * x).mean() + self.eps) * self.w[name]

    def rotate(self, head, position):
        half = self.d // 2
        angles = torch.tensor([position / self.theta ** (2 * i / self.d) for i in range(half)], dtype=torch.float64)
        a, b = head[:half], head[half:]
        return torch.cat([a * torch.cos(angles) - b * torch.sin(angles), b * torch.cos(angles) + a * torch.sin(angles)])

    def joined(self, g, token):
        return torch.cat([self.norm(self.embeddings[token], "midlayer.input_layernorm.weight"),
                          self.norm(g, "midlayer.hidden_norm.weight")])

    def key(self, x, position):
        k = (self.w["midlayer.self_attn.k_proj.weight"] @ x).reshape(self.kv_heads, self.d)
        return [self.rotate(head, position) for head in k]

    def value(self, x):
        return (self.w["midlayer.self_attn.v_proj.weight"] @ x).reshape(self.kv_heads, self.d)

    def output(self, g, x, position, keys, values):
        queries = (self.w["midlayer.self_attn.q_proj.weight"] @ x).reshape(self.heads, self.d)
        heads = []
        for head in range(self.heads):
            shared = head * self.kv_heads // self.heads
            query = self.rotate(queries[head], position)
            scores = torch.stack([query @ key[shared] for key in keys]) / math.sqrt(self.d)
            share = torch.softmax(scores, 0)
            heads.append(sum(share[i] * values[i][shared] for i in range(len(values))))
        h = g + self.w["midlayer.self_attn.o_proj.weight"] @ torch.cat(heads)
        n = self.norm(h, "midlayer.post_attention_layernorm.weight")
        gate = self.w["midlayer.mlp.gate_proj.weight"] @ n
        return h + self.w["midlayer.mlp.down_proj.weight"] @ (
            gate * torch.sigmoid(gate) * (self.w["midlayer.mlp.up_proj.weight"] @ n))

    def log_probabilities(self, h):
        return torch.log_softmax(self.w["lm_head.weight"] @ self.norm(h, "norm.weight"), 0)


def row_losses(drafter, target_ids, batch, variation):
    """[pass][sequence][row]; None where the mask of the row is 0."""
    ids, mask = batch["train.input_ids"].tolist(), batch["train.loss_mask"].tolist()
    logits = batch["train.target_logits"]
    width = len(ids[0])
    losses = [[[None] * width for _ in ids] for _ in range(PASSES)]
    for b in range(len(ids)):
        token = lambda at: ids[b][at] if at < width else 0
        states = [drafter.w["fc.weight"] @ batch["train.aux_features"][b, t] for t in range(width)]
        keys, values = [[] for _ in range(width)], [[] for _ in range(width)]
        for j in range(PASSES):
            joined = [drafter.joined(states[t], token(t + 1 + j)) for t in range(width)]
            for t in range(width):
                keys[t].append(drafter.key(joined[t], t + j))
                values[t].append(drafter.value(joined[t]))
            for t in range(width):
                seen_keys = [keys[s][0] for s in range(t + 1)] + keys[t][1:]
                seen_values = [values[s][0] for s in range(t + 1)] + values[t][1:]
                states[t] = drafter.output(states[t], joined[t], t + j, seen_keys, seen_values)
                if t + j < width and mask[b][t + j]:
                    losses[j][b][t] = row_loss(drafter.log_probabilities(states[t]), logits[b], t + 1 + j, target_ids, variation)
    return losses


def row_loss(log_q, logits, at, target_ids, variation):
    size = logits.shape[-1]
    inside = at < logits.shape[0]
    best = int(torch.argmax(logits[at])) if inside else 0
    loss = torch.zeros([], dtype=torch.float64)
    if best in target_ids:
        restricted = logits[at][target_ids] if inside else torch.zeros(len(target_ids), dtype=torch.float64)
        loss = loss - (torch.softmax(restricted, 0) * log_q).sum()
    if variation:
        whole = torch.softmax(logits[at], 0) if inside else torch.zeros(size, dtype=torch.float64)
        overlap = torch.minimum(whole[target_ids], torch.exp(log_q)).sum()
        loss = loss + variation * (1 - overlap)
    return loss


def differentiate(folder, target, weights, variation):
    config = json.loads((folder / "config.json").read_text())
    stored, batch = read(folder / "model.safetensors"), read(folder / "expected.safetensors")
    drafter = Drafter(stored, config, stored.get("embed_tokens.weight", target["model.embed_tokens.weight"]))
    target_ids = [i + int(offset) for i, offset in enumerate(stored["d2t"])]
    losses = row_losses(drafter, target_ids, batch, variation)
    positions = batch["train.input_ids"].numel()
    steps = [sum(weights[j][b][t] * loss for b, rows in enumerate(losses[j]) for t, loss in enumerate(rows) if loss is not None)
             / positions for j in range(PASSES)]
    total = sum(DECAY ** j * step for j, step in enumerate(steps))
    total.backward()
    return total, torch.stack(steps), {name: drafter.w[name].grad for name in GRADIENTS}, batch


def main(root):
    target = read(root / "target" / "model.safetensors")
    for name in ("drafter-embed", "drafter-noembed"):
        ones = [[[1.0] * 14] * 2] * PASSES
        total, steps, gradients, known = differentiate(root / name, target, ones, 0)
        differences = [float((steps - known["train4.step_losses"]).abs().max())]
        differences += [float((gradients[each] - known[f"train4.grad.{each}"]).abs().max())
                        for each in GRADIENTS if f"train4.grad.{each}" in known]
        assert max(differences) < 1e-6, differences
        draws = random.Random(41)
        weights = [[[draws.choice([0.0, 0.0, 1.0, draws.uniform(0, 5)]) for _ in range(14)] for _ in range(2)]
                   for _ in range(PASSES)]
        weights = torch.tensor(weights, dtype=torch.float32).tolist()
        total, steps, gradients, _ = differentiate(root / name, target, weights, VARIATION)
        write(root / name / "weighted.safetensors", {
            "weights": torch.tensor(weights), "loss": total.reshape(1), "step_losses": steps,
            **{f"grad.{each}": gradient for each, gradient in gradients.items()}})
        print(name, "loss", float(total), "largest difference to train4", max(differences))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
