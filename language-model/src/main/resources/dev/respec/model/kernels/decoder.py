"""Decoder-only transformer for generation: weights and KV cache live inside the module, one call is one step.

Rows of a step are flat: N tokens of B sequences, sequence after sequence, so that the linear layers never see padding.
Only attention works on the padded [B, K] grid, and only where sequences bring different numbers of tokens.

Cache: one tensor a layer, [2, slots * kv_heads, capacity, head_dim]; keys first, values second. Slots first .. first + B - 1
take part in a step. A cache column is visible to a query when it lies at or before the query's own column; columns past
it may hold rejected drafts and are overwritten before they become visible.
"""

from typing import List

import torch
from torch import Tensor


class Decoder(torch.nn.Module):
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    epsilon: float
    capacity: int
    slots: int
    feature_layers: List[int]
    weights: List[Tensor]
    caches: List[Tensor]

    def __init__(self):
        super().__init__()
        self.layers = 0
        self.heads = 0
        self.kv_heads = 0
        self.head_dim = 0
        self.epsilon = 1e-6
        self.capacity = 0
        self.slots = 0
        self.feature_layers = torch.jit.annotate(List[int], [])
        self.weights = torch.jit.annotate(List[Tensor], [])
        self.caches = torch.jit.annotate(List[Tensor], [])
        self.embedding = torch.zeros(0)
        self.final_norm = torch.zeros(0)
        self.head = torch.zeros(0)
        self.cosine = torch.zeros(0)
        self.sine = torch.zeros(0)
        self.compute = torch.zeros(0)
        self.kept = torch.zeros(0)

    @torch.jit.export
    def configure(self, layers: int, heads: int, kv_heads: int, head_dim: int, epsilon: float, feature_layers: List[int]):
        self.layers = layers
        self.heads = heads
        self.kv_heads = kv_heads
        self.head_dim = head_dim
        self.epsilon = epsilon
        self.feature_layers = feature_layers

    @torch.jit.export
    def load(self, weights: List[Tensor], half: bool):
        """Fourteen tensors a layer in checkpoint order: input norm, q, k, v, their biases, o, q norm, k norm, post norm,
        gate, up, down; absent ones are empty. Then embedding, final norm, head (empty when tied). Copies and fuses them."""
        kind = torch.bfloat16 if half else torch.float32
        self.compute = torch.zeros(0, dtype=kind)
        fused = torch.jit.annotate(List[Tensor], [])
        for layer in range(self.layers):
            w = weights[layer * 14 : layer * 14 + 14]
            fused.append(w[0].to(kind, copy=True))
            fused.append(torch.cat([w[1], w[2], w[3]]).to(kind))
            fused.append(torch.cat([w[4], w[5], w[6]]).to(kind))
            fused.append(w[7].to(kind, copy=True))
            # one norm row a query or key head, so that both are normalised in one operation
            if w[8].numel() > 0:
                fused.append(
                    torch.cat([w[8].unsqueeze(0).expand(self.heads, -1), w[9].unsqueeze(0).expand(self.kv_heads, -1)]).to(kind)
                )
            else:
                fused.append(torch.zeros(0, dtype=kind))
            fused.append(w[10].to(kind, copy=True))
            fused.append(torch.cat([w[11], w[12]]).to(kind))
            fused.append(w[13].to(kind, copy=True))
        last = self.layers * 14
        self.embedding = weights[last].to(kind, copy=True)
        self.final_norm = weights[last + 1].to(kind, copy=True)
        self.head = self.embedding if weights[last + 2].numel() == 0 else weights[last + 2].to(kind, copy=True)
        self.weights = fused

    @torch.jit.export
    def allocate(self, slots: int, capacity: int, inverse_frequencies: Tensor):
        self.slots = slots
        self.capacity = capacity
        kind = self.compute.dtype
        caches = torch.jit.annotate(List[Tensor], [])
        for _ in range(self.layers):
            caches.append(torch.zeros([2, slots * self.kv_heads, capacity, self.head_dim], dtype=kind))
        self.caches = caches
        features = len(self.feature_layers) * self.embedding.size(1)
        self.kept = torch.zeros([slots * capacity, features]) if features > 0 else torch.zeros(0)
        angles = torch.arange(capacity, dtype=torch.float32).unsqueeze(1) * inverse_frequencies.unsqueeze(0)
        cosine = torch.cos(angles)
        sine = torch.sin(angles)
        # rotate_half(x) * sin equals roll(x) * signed sin, which is one operation less
        self.cosine = torch.cat([cosine, cosine], dim=1).to(kind)
        self.sine = torch.cat([-sine, sine], dim=1).to(kind)

    def normalise(self, x: Tensor, weight: Tensor) -> Tensor:
        if x.dtype == torch.float32:
            return x * torch.rsqrt(torch.mean(x * x, dim=-1, keepdim=True) + self.epsilon) * weight
        y = x.float()
        y = y * torch.rsqrt(torch.mean(y * y, dim=-1, keepdim=True) + self.epsilon)
        return y.to(x.dtype) * weight

    @torch.jit.export
    def step(
        self,
        tokens: Tensor,
        positions: Tensor,
        grid_rows: Tensor,
        grid_positions: Tensor,
        first: int,
        visible: int,
        out_rows: Tensor,
    ) -> Tensor:
        """tokens, positions [N] int64; grid_rows [N] places each token in the [B * K] grid, empty where the grid is full;
        grid_positions [B, K] (0 where there is no token); visible: cache columns to attend over; out_rows: rows to give
        logits for, empty for all. Returns logits [rows, V] float32; features are kept for features_at()."""
        kv = self.kv_heads
        group = self.heads // kv
        dim = self.head_dim
        batch = grid_positions.size(0)
        width = grid_positions.size(1)
        full = grid_rows.numel() == 0
        count = tokens.size(0)
        rotated = (self.heads + kv) * dim
        kind = self.compute.dtype

        cosine = self.cosine.index_select(0, positions).unsqueeze(1)
        sine = self.sine.index_select(0, positions).unsqueeze(1)
        # row of the flattened cache [slots * kv * capacity, dim] that each (token, kv head) goes to
        sequence = torch.arange(batch).unsqueeze(1).expand(batch, width).reshape(-1)
        if not full:
            sequence = sequence.index_select(0, grid_rows)
        head = torch.arange(kv)
        columns = (((first + sequence) * kv).unsqueeze(1) + head.unsqueeze(0)) * self.capacity + positions.unsqueeze(1)
        columns = columns.reshape(-1)
        hidden_columns = torch.arange(visible).view(1, 1, visible) > grid_positions.unsqueeze(2)
        mask = torch.zeros([batch, width, visible], dtype=kind).masked_fill_(hidden_columns, -float("inf"))
        mask = mask.view(batch, 1, 1, width, visible).expand(batch, kv, group, width, visible)
        mask = mask.reshape(batch * kv, group * width, visible)
        low = first * kv
        high = (first + batch) * kv
        scale = 1.0 / (float(dim) ** 0.5)

        features = torch.jit.annotate(List[Tensor], [])
        x = self.embedding.index_select(0, tokens)
        for layer in range(self.layers):
            at = layer * 8
            if layer in self.feature_layers:
                features.append(x.clone())
            y = self.normalise(x, self.weights[at])
            bias = self.weights[at + 2]
            if bias.numel() > 0:
                qkv = torch.addmm(bias, y, self.weights[at + 1].t())
            else:
                qkv = torch.mm(y, self.weights[at + 1].t())
            qk = qkv[:, :rotated].view(count, self.heads + kv, dim)
            norms = self.weights[at + 4]
            if norms.numel() > 0:
                qk = self.normalise(qk, norms)
            qk = torch.addcmul(qk * cosine, torch.roll(qk, dim // 2, -1), sine)
            cache = self.caches[layer]
            cache[0].view(-1, dim).index_copy_(0, columns, qk[:, self.heads :].reshape(-1, dim))
            cache[1].view(-1, dim).index_copy_(0, columns, qkv[:, rotated:].reshape(-1, dim))
            q = qk[:, : self.heads].reshape(count, self.heads * dim)
            if not full:
                q = torch.zeros([batch * width, self.heads * dim], dtype=kind).index_copy_(0, grid_rows, q)
            q = q.view(batch, width, kv, group, dim)
            q = q.permute(0, 2, 3, 1, 4).reshape(batch * kv, group * width, dim)
            keys = cache[0, low:high, :visible]
            values = cache[1, low:high, :visible]
            scores = torch.baddbmm(mask, q, keys.transpose(1, 2), beta=1.0, alpha=scale)
            attended = torch.bmm(torch.softmax(scores, -1), values)
            attended = attended.view(batch, kv, group, width, dim).permute(0, 3, 1, 2, 4).reshape(batch * width, self.heads * dim)
            if not full:
                attended = attended.index_select(0, grid_rows)
            x = torch.addmm(x, attended, self.weights[at + 3].t())
            y = self.normalise(x, self.weights[at + 5])
            gate, up = torch.mm(y, self.weights[at + 6].t()).chunk(2, 1)
            x = torch.addmm(x, torch.nn.functional.silu(gate) * up, self.weights[at + 7].t())

        if len(features) > 0:
            rows = (first + sequence) * self.capacity + positions
            self.kept.index_copy_(0, rows, torch.cat(features, 1).float())
        if out_rows.numel() > 0:
            x = x.index_select(0, out_rows)
        logits = torch.mm(self.normalise(x, self.final_norm), self.head.t()).float()
        return logits

    @torch.jit.export
    def features_at(self, slots: Tensor, positions: Tensor) -> Tensor:
        """Features [N, 3 * hidden] float32 that the target computed last for these columns of these slots."""
        return self.kept.index_select(0, slots * self.capacity + positions)

    @torch.jit.export
    def copy_slot(self, source: int, target: int, targets: int, length: int):
        """Copies the first columns of one slot to slots target .. target + targets - 1."""
        kv = self.kv_heads
        for layer in range(self.layers):
            cache = self.caches[layer]
            part = cache[:, source * kv : (source + 1) * kv, :length].clone()
            for i in range(targets):
                cache[:, (target + i) * kv : (target + i + 1) * kv, :length] = part
        if self.kept.numel() > 0:
            rows = self.kept[source * self.capacity : source * self.capacity + length].clone()
            for i in range(targets):
                start = (target + i) * self.capacity
                self.kept[start : start + length] = rows
