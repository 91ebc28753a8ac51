"""Decoder-only transformer for generation: weights and KV cache live inside the module, one call is one step.

Rows of a step are flat: N tokens of B sequences, sequence after sequence, so that the linear layers never see padding.
Only attention works on the padded [B, K] grid, and only where sequences bring different numbers of tokens.

Cache: keys and values of all layers, float32, [2 * slots * kv_heads, capacity, head_dim] a layer, keys first. Slots
first .. first + B - 1 take part in a step. In a chain a cache column is visible to a query when it lies at or before the
query's own; columns past it may hold rejected drafts and are overwritten before they become visible. In a tree the
columns before the run are visible, and of the run those of the query's own node and its ancestors.

Folded at load, none of it visible outside: the norms' sqrt(hidden), in float32 the norm weights too, into what stands
behind them; 1/sqrt(head_dim) into the queries; the rotary pairs (j, j + head_dim/2) into neighbours (2j, 2j+1), which
leaves every query-key product as it is. A small model's step costs what its operations cost to call, so a layer has few:
one complex product turns queries and keys (values are turned by nothing), one indexed copy writes keys and values.
"""

from typing import Final, List

import torch
from matrices import Matrices
from torch import Tensor


class Decoder(torch.nn.Module):
    blocked_from: Final[int]
    feature_layers: List[int]
    biases: List[Tensor]
    gains: List[Tensor]
    head_norms: List[Tensor]
    caches: List[Tensor]

    def __init__(self):
        super().__init__()
        none = torch.zeros(0)
        # cells of one head's score matrix from which the blocked attention is faster than three plain products
        self.blocked_from = 16384
        self.layers = 0
        self.heads = 0
        self.kv_heads = 0
        self.head_dim = 0
        self.capacity = 0
        self.slots = 0
        self.feature_layers = torch.jit.annotate(List[int], [])
        self.matrices = Matrices()
        self.biases = torch.jit.annotate(List[Tensor], [])
        self.gains = torch.jit.annotate(List[Tensor], [])
        self.head_norms = torch.jit.annotate(List[Tensor], [])
        self.caches = torch.jit.annotate(List[Tensor], [])
        self.epsilon = 0.0
        self.floor = none
        self.head_floor = none
        self.embedding = none
        self.attention_factor = 1.0
        self.frequencies = none
        self.cis = none
        self.kept = none
        self.cache_rows = torch.zeros(0, dtype=torch.int64)

    @torch.jit.export
    def configure(self, layers: int, heads: int, kv_heads: int, head_dim: int, epsilon: float, feature_layers: List[int]):
        self.layers = layers
        self.heads = heads
        self.kv_heads = kv_heads
        self.head_dim = head_dim
        self.epsilon = epsilon
        self.head_floor = torch.tensor((float(head_dim) * epsilon) ** 0.5, device=self.floor.device)
        self.feature_layers = feature_layers

    @torch.jit.export
    def begin_load(self, half: bool, packs: bool, copies: bool):
        """Starts taking weights; the layers follow in order, then the rest. See Matrices.begin."""
        self.matrices.begin(half, packs, copies)
        self.biases = torch.jit.annotate(List[Tensor], [])
        self.gains = torch.jit.annotate(List[Tensor], [])
        self.head_norms = torch.jit.annotate(List[Tensor], [])

    def behind_norm(self, w: Tensor, norm: Tensor):
        """Adds a matrix that stands behind a norm; the norm's weight goes into it or is kept as a gain."""
        gain = norm * (float(norm.numel()) ** 0.5)
        if self.matrices.half:
            # folding would round each weight once more
            self.gains.append(gain)
            self.matrices.add(w)
        else:
            self.gains.append(torch.zeros(0, device=w.device))
            self.matrices.add(w * gain)

    def neighbours(self, w: Tensor, heads: int) -> Tensor:
        return w.view(heads, 2, self.head_dim // 2, -1).transpose(1, 2).reshape(heads * self.head_dim, -1)

    @torch.jit.export
    def load_layer(self, w: List[Tensor]):
        """The next layer's fourteen tensors in checkpoint order: input norm, q, k, v, their biases, o, q norm, k norm,
        post norm, gate, up, down; float32, absent ones empty. Copies and fuses them."""
        normed = w[8].numel() > 0
        # a norm behind the projection would undo the scale
        scale = 1.0 if normed else 1.0 / float(self.head_dim) ** 0.5
        q = self.neighbours(w[1], self.heads) * scale
        self.behind_norm(torch.cat([q, self.neighbours(w[2], self.kv_heads), w[3]]), w[0])
        if w[4].numel() > 0:
            bias = [self.neighbours(w[4], self.heads).view(-1) * scale, self.neighbours(w[5], self.kv_heads).view(-1), w[6]]
            self.biases.append(torch.cat(bias))
        else:
            self.biases.append(torch.zeros(0, device=q.device))
        if normed:
            # one row a head, queries before keys; their sqrt(head_dim) and the queries' scale cancel out
            rows = [
                self.neighbours(w[8], 1).view(1, -1).expand(self.heads, -1),
                self.neighbours(w[9], 1).view(1, -1).expand(self.kv_heads, -1) * float(self.head_dim) ** 0.5,
            ]
            self.head_norms.append(torch.cat(rows))
        else:
            self.head_norms.append(torch.zeros(0, device=q.device))
        self.matrices.add(w[7])
        self.behind_norm(torch.cat([w[11], w[12]]), w[10])
        self.matrices.add(w[13])

    @torch.jit.export
    def end_load(self, embedding: Tensor, norm: Tensor, head: Tensor):
        """embedding [V, hidden], final norm, head [V, hidden] or empty where it is the embedding."""
        half = self.matrices.half
        self.embedding = embedding.to(torch.bfloat16) if half else embedding.clone()
        self.floor = torch.tensor((float(norm.numel()) * self.epsilon) ** 0.5, device=norm.device)
        self.behind_norm(embedding if head.numel() == 0 else head, norm)

    @torch.jit.export
    def probe(self, half: bool, copies: bool) -> Tensor:
        """Packs and multiplies once; raises where the platform cannot."""
        self.matrices.begin(half, True, copies)
        square = torch.ones([512, 512], device=self.floor.device)
        self.matrices.add(square)
        return self.matrices.product(square[:1], 0) + self.matrices.product(square[:8], 0)[:1]

    @torch.jit.export
    def allocate(self, slots: int, capacity: int, inverse_frequencies: Tensor, attention_factor: float):
        """capacity: columns of a slot, until grow() makes more. attention_factor: on rotated queries and keys."""
        device = self.embedding.device
        self.slots = slots
        self.capacity = 0
        self.frequencies = inverse_frequencies.clone()
        self.attention_factor = attention_factor
        caches = torch.jit.annotate(List[Tensor], [])
        for _ in range(self.layers):
            caches.append(torch.zeros([2 * slots * self.kv_heads, 0, self.head_dim], device=device))
        self.caches = caches
        features = len(self.feature_layers) * self.embedding.size(1)
        self.kept = torch.zeros([0, features], device=device)
        self.grow(capacity)

    @torch.jit.export
    def grow(self, capacity: int):
        """Gives every slot more columns; what the cache holds stays. A layer at a time, so that little is held twice."""
        kv = self.kv_heads
        device = self.embedding.device
        held = self.capacity
        for layer in range(self.layers):
            cache = torch.zeros([2 * self.slots * kv, capacity, self.head_dim], device=device)
            cache[:, :held] = self.caches[layer]
            self.caches[layer] = cache
        head = torch.arange(kv, device=device) * capacity
        self.cache_rows = torch.cat([head, head + self.slots * kv * capacity])
        features = self.kept.size(1)
        if features > 0:
            kept = torch.zeros([self.slots, capacity, features], device=device)
            kept[:, :held] = self.kept.view(self.slots, held, features)
            self.kept = kept.view(-1, features)
        positions = torch.arange(capacity, dtype=torch.float32, device=device)
        angles = torch.outer(positions, self.frequencies)
        self.cis = torch.polar(torch.full_like(angles, self.attention_factor), angles)
        self.capacity = capacity

    def unit(self, x: Tensor, floor: Tensor) -> Tensor:
        """RMS norm without its weight and its sqrt(n): x / sqrt(|x|^2 + n * epsilon)."""
        return x / torch.hypot(torch.linalg.vector_norm(x, 2, [-1], True), floor)

    def normalised(self, x: Tensor, i: int) -> Tensor:
        y = self.unit(x, self.floor)
        return y * self.gains[i] if self.gains[i].numel() > 0 else y

    def turns(self, positions: Tensor) -> Tensor:
        """Rotation of each head's pairs: [N, heads + 2 kv_heads, d/2] complex, 1 for values."""
        cis = self.cis.index_select(0, positions).unsqueeze(1)
        still = torch.ones_like(cis).expand(-1, self.kv_heads, -1)
        return torch.cat([cis.expand(-1, self.heads + self.kv_heads, -1), still], 1)

    def mask(self, grid: Tensor, ancestors: Tensor, visible: int) -> Tensor:
        """Additive [B, K, visible]. grid [B, K]: the column of each query; ancestors [B, K, K]: 1 where a query of the run
        sees a node of it, empty for chains."""
        column = torch.arange(visible, device=grid.device).view(1, 1, visible)
        if ancestors.numel() == 0:
            hidden = column > grid.unsqueeze(2)
        else:
            width = grid.size(1)
            offset = (column - grid[:, :1].unsqueeze(2)).expand(grid.size(0), width, visible)
            seen = ancestors.gather(2, offset.clamp(0, width - 1)).to(torch.bool).logical_and(offset < width)
            hidden = seen.logical_or(offset < 0).logical_not()
        mask = torch.zeros([grid.size(0), grid.size(1), visible], device=grid.device)
        return mask.masked_fill_(hidden, -float("inf"))

    @torch.jit.export
    def step(
        self,
        numbers: Tensor,
        count: int,
        batch: int,
        width: int,
        ragged: bool,
        branched: bool,
        first: int,
        visible: int,
    ) -> Tensor:
        """One pass over count = N tokens of B sequences with at most K tokens each.

        numbers int64, one after the other: tokens [N]; rotary positions [N]; cache columns [N]; slots [N]; only if ragged,
        the place of each token in the [B * K] grid [N]; the column of each query of the grid [B * K], 0 where there is
        none; only if branched, ancestors [B * K * K], see mask; rows to give logits for, none for all. visible: cache
        columns to attend over. Returns logits [rows, V] float32; features are kept for features_at()."""
        kv = self.kv_heads
        group = self.heads // kv
        dim = self.head_dim
        total = self.heads + 2 * kv

        tokens = numbers[:count]
        columns = numbers[2 * count : 3 * count]
        slots = numbers[3 * count : 4 * count]
        end = (5 if ragged else 4) * count
        grid_rows = numbers[4 * count : end]
        grid = numbers[end : end + batch * width].view(batch, width)
        end += batch * width
        nodes = batch * width * width if branched else 0
        ancestors = numbers[end : end + nodes].view(batch, width, -1) if branched else numbers[:0]
        out_rows = numbers[end + nodes :]

        turns = self.turns(numbers[count : 2 * count])
        places = ((slots * (kv * self.capacity) + columns).unsqueeze(1) + self.cache_rows).view(-1)
        mask = self.mask(grid, ancestors, visible)
        blocked = width > 1 and group * width * visible >= self.blocked_from
        if blocked:
            mask = mask.unsqueeze(1).unsqueeze(1).expand(batch, 1, group, width, visible)
            mask = mask.reshape(batch, 1, group * width, visible)
        else:
            mask = mask.view(batch, 1, 1, width, visible).expand(batch, kv, group, width, visible)
            mask = mask.reshape(batch * kv, group * width, visible)
        low = first * kv
        high = (first + batch) * kv
        values_at = self.slots * kv

        features = torch.jit.annotate(List[Tensor], [])
        x = self.embedding.index_select(0, tokens).to(torch.float32)
        for layer in range(self.layers):
            at = layer * 4
            if layer in self.feature_layers:
                features.append(x)
            y = self.normalised(x, layer * 2)
            bias = self.biases[layer]
            if bias.numel() > 0:
                mixed = self.matrices.plus(bias, y, at)
            else:
                mixed = self.matrices.product(y, at).to(torch.float32)
            mixed = mixed.view(count, total, dim)
            norms = self.head_norms[layer]
            if norms.numel() > 0:
                turned = self.unit(mixed[:, : self.heads + kv], self.head_floor) * norms
                mixed = torch.cat([turned, mixed[:, self.heads + kv :]], 1)
            mixed = torch.view_as_real(torch.view_as_complex(mixed.view(count, total, dim // 2, 2)) * turns).flatten(2)
            cache = self.caches[layer]
            cache.view(-1, dim).index_copy_(0, places, mixed[:, self.heads :].reshape(-1, dim))
            q = mixed[:, : self.heads].reshape(count, self.heads * dim)
            if ragged:
                q = torch.zeros([batch * width, self.heads * dim], device=q.device).index_copy_(0, grid_rows, q)
            q = q.view(batch, width, kv, group, dim)
            q = q.permute(0, 2, 3, 1, 4).reshape(batch * kv, group * width, dim)
            keys = cache[low:high, :visible]
            values = cache[values_at + low : values_at + high, :visible]
            if blocked:
                attended = torch.nn.functional.scaled_dot_product_attention(
                    q.view(batch, kv, group * width, dim),
                    keys.view(batch, kv, visible, dim),
                    values.view(batch, kv, visible, dim),
                    mask,
                    scale=1.0,
                )
            else:
                attended = torch.bmm(torch.softmax(torch.baddbmm(mask, q, keys.transpose(1, 2)), -1), values)
            attended = attended.view(batch, kv, group, width, dim).permute(0, 3, 1, 2, 4).reshape(batch * width, self.heads * dim)
            if ragged:
                attended = attended.index_select(0, grid_rows)
            x = self.matrices.plus(x, attended, at + 1)
            gate, up = self.matrices.product(self.normalised(x, layer * 2 + 1), at + 2).chunk(2, 1)
            x = self.matrices.plus(x, torch.nn.functional.silu(gate) * up, at + 3)

        if len(features) > 0:
            self.kept.index_copy_(0, slots * self.capacity + columns, torch.cat(features, 1))
        if out_rows.numel() > 0:
            x = x.index_select(0, out_rows)
        last = self.layers * 2
        return self.matrices.product(self.normalised(x, last), last * 2).to(torch.float32)

    @torch.jit.export
    def multiply(self, rows: int, times: int) -> Tensor:
        """The first layer's feed-forward input product of so many rows, again and again: what the arithmetic can reach."""
        x = torch.ones([rows, self.embedding.size(1)], device=self.embedding.device)
        y = x
        for _ in range(times):
            y = self.matrices.product(x, 2)
        return y[:1].to(torch.float32)

    @torch.jit.export
    def features_at(self, slots: Tensor, columns: Tensor) -> Tensor:
        """Features [N, 3 * hidden] float32 that the target computed last for these columns of these slots."""
        return self.kept.index_select(0, slots * self.capacity + columns)

    @torch.jit.export
    def move_columns(self, slots: Tensor, sources: Tensor, targets: Tensor):
        """Copies cache columns [N] within their slots [N]; all are read before any is written."""
        base = (slots * (self.kv_heads * self.capacity)).unsqueeze(1) + self.cache_rows
        old = (base + sources.unsqueeze(1)).view(-1)
        new = (base + targets.unsqueeze(1)).view(-1)
        for layer in range(self.layers):
            rows = self.caches[layer].view(-1, self.head_dim)
            rows.index_copy_(0, new, rows.index_select(0, old))
        if self.kept.numel() > 0:
            moved = self.kept.index_select(0, slots * self.capacity + sources)
            self.kept.index_copy_(0, slots * self.capacity + targets, moved)

    @torch.jit.export
    def copy_slot(self, source: int, target: int, length: int):
        """Copies the first columns of one slot to another."""
        kv = self.kv_heads
        values_at = self.slots * kv
        for layer in range(self.layers):
            cache = self.caches[layer]
            for side in [0, values_at]:
                cache[side + target * kv : side + (target + 1) * kv, :length] = cache[
                    side + source * kv : side + (source + 1) * kv, :length
                ]
        if self.kept.numel() > 0:
            start = source * self.capacity
            self.kept[target * self.capacity : target * self.capacity + length] = self.kept[start : start + length]
