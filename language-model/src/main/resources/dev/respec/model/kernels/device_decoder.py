"""Decoder-only transformer for generation on an accelerator: weights, KV cache and sampling stay on the device.

The interface is that of decoder.py, and so are rows, grid and cache columns. What differs follows from what is dear on such
a device: a step costs what its launches cost, and what crosses to the host waits for all of them. So a layer has few
operations, its weights are plain matrices in the type that is computed in, queries, keys and values are written by one
indexed copy, attention is the library's fused kernel, and `sampled` returns a few numbers for each row instead of its
logits.

Cache: keys and values of a layer in the computing type, [slots * capacity, 2 * kv_heads, head_dim], keys first.

The residual stream, norms, rotation and the softmax over the vocabulary are float32. Rotary pairs (j, j + head_dim/2) are
neighbours (2j, 2j+1) here, which leaves every query-key product as it is.
"""

from typing import Final, List

import torch
from torch import Tensor


class DeviceDecoder(torch.nn.Module):
    block: Final[int]
    feature_layers: List[int]
    qkv: List[Tensor]
    biases: List[Tensor]
    outs: List[Tensor]
    doors: List[Tensor]
    downs: List[Tensor]
    gains: List[Tensor]
    head_norms: List[Tensor]
    caches: List[Tensor]

    def __init__(self):
        super().__init__()
        none = torch.zeros(0)
        # tokens of the vocabulary that are summed together for a draw
        self.block = 1024
        self.home = none
        self.half = False
        self.layers = 0
        self.heads = 0
        self.kv_heads = 0
        self.head_dim = 0
        self.capacity = 0
        self.slots = 0
        self.epsilon = 0.0
        self.feature_layers = torch.jit.annotate(List[int], [])
        self.qkv = torch.jit.annotate(List[Tensor], [])
        self.biases = torch.jit.annotate(List[Tensor], [])
        self.outs = torch.jit.annotate(List[Tensor], [])
        self.doors = torch.jit.annotate(List[Tensor], [])
        self.downs = torch.jit.annotate(List[Tensor], [])
        self.gains = torch.jit.annotate(List[Tensor], [])
        self.head_norms = torch.jit.annotate(List[Tensor], [])
        self.caches = torch.jit.annotate(List[Tensor], [])
        self.floor = none
        self.head_floor = none
        self.embedding = none
        self.head = none
        self.attention_factor = 1.0
        self.frequencies = none
        self.cis = none
        self.kept = none

    @torch.jit.export
    def reside(self, on: Tensor):
        """Before anything else: the device of this tensor computes. What is given to the module may lie elsewhere, and
        what it returns to be read is copied to the host."""
        self.home = torch.zeros(0, device=on.device)

    def device(self) -> torch.device:
        return self.home.device

    def type(self) -> torch.dtype:
        return torch.bfloat16 if self.half else torch.float32

    # ---- weights ----------------------------------------------------------------------------------------------

    @torch.jit.export
    def configure(self, layers: int, heads: int, kv_heads: int, head_dim: int, epsilon: float, feature_layers: List[int]):
        self.layers = layers
        self.heads = heads
        self.kv_heads = kv_heads
        self.head_dim = head_dim
        self.epsilon = epsilon
        self.head_floor = torch.tensor((float(head_dim) * epsilon) ** 0.5, device=self.device())
        self.feature_layers = feature_layers

    @torch.jit.export
    def begin_load(self, half: bool):
        """Forgets the weights and starts taking others; the layers follow in order, then the rest."""
        self.half = half
        self.qkv = torch.jit.annotate(List[Tensor], [])
        self.biases = torch.jit.annotate(List[Tensor], [])
        self.outs = torch.jit.annotate(List[Tensor], [])
        self.doors = torch.jit.annotate(List[Tensor], [])
        self.downs = torch.jit.annotate(List[Tensor], [])
        self.gains = torch.jit.annotate(List[Tensor], [])
        self.head_norms = torch.jit.annotate(List[Tensor], [])

    def here(self, w: Tensor) -> Tensor:
        """On the device in the computing type; bytes are bfloat16 values, as they are stored."""
        moved = w.to(self.device())
        if moved.dtype == torch.uint8:
            moved = torch.view_copy(moved, dtype=torch.bfloat16)
        return moved.to(self.type())

    def neighbours(self, w: Tensor, heads: int) -> Tensor:
        return w.view(heads, 2, self.head_dim // 2, -1).transpose(1, 2).reshape(heads * self.head_dim, -1)

    @torch.jit.export
    def load_layer(self, w: List[Tensor]):
        """The next layer's fourteen tensors in checkpoint order, see decoder.py; float32, or bfloat16 as bytes where the
        module computes in it. Vectors are always float32."""
        q = self.neighbours(self.here(w[1]), self.heads)
        self.qkv.append(torch.cat([q, self.neighbours(self.here(w[2]), self.kv_heads), self.here(w[3])]))
        if w[4].numel() > 0:
            q_bias = self.neighbours(self.here(w[4]), self.heads).view(-1)
            k_bias = self.neighbours(self.here(w[5]), self.kv_heads).view(-1)
            self.biases.append(torch.cat([q_bias, k_bias, self.here(w[6])]))
        else:
            self.biases.append(torch.zeros(0, device=self.device()))
        if w[8].numel() > 0:
            scale = float(self.head_dim) ** 0.5
            q_norm = self.neighbours(w[8].to(self.device()), 1).view(1, -1).expand(self.heads, -1)
            k_norm = self.neighbours(w[9].to(self.device()), 1).view(1, -1).expand(self.kv_heads, -1)
            self.head_norms.append(torch.cat([q_norm, k_norm]) * scale)
        else:
            self.head_norms.append(torch.zeros(0, device=self.device()))
        self.outs.append(self.here(w[7]))
        self.doors.append(torch.cat([self.here(w[11]), self.here(w[12])]))
        self.downs.append(self.here(w[13]))
        self.gains.append(w[0].to(self.device()) * (float(w[0].numel()) ** 0.5))
        self.gains.append(w[10].to(self.device()) * (float(w[10].numel()) ** 0.5))

    @torch.jit.export
    def end_load(self, embedding: Tensor, norm: Tensor, head: Tensor):
        """embedding [V, hidden], final norm float32, head [V, hidden] or empty where it is the embedding."""
        self.embedding = self.here(embedding)
        self.head = self.here(head) if head.numel() > 0 else self.embedding
        self.floor = torch.tensor((float(norm.numel()) * self.epsilon) ** 0.5, device=self.device())
        self.gains.append(norm.to(self.device()) * (float(norm.numel()) ** 0.5))

    @torch.jit.export
    def allocate(self, slots: int, capacity: int, inverse_frequencies: Tensor, attention_factor: float):
        """capacity: columns of a slot, until grow() makes more. attention_factor: on rotated queries and keys."""
        device = self.device()
        self.slots = slots
        self.capacity = 0
        self.frequencies = inverse_frequencies.to(device).clone()
        self.attention_factor = attention_factor
        caches = torch.jit.annotate(List[Tensor], [])
        for _ in range(self.layers):
            caches.append(torch.zeros([0, 2 * self.kv_heads, self.head_dim], dtype=self.type(), device=device))
        self.caches = caches
        features = len(self.feature_layers) * self.embedding.size(1)
        self.kept = torch.zeros([0, features], dtype=self.type(), device=device)
        self.grow(capacity)

    @torch.jit.export
    def grow(self, capacity: int):
        """Gives every slot more columns; what the cache holds stays. A layer at a time, so that little is held twice."""
        device = self.device()
        heads, dim = 2 * self.kv_heads, self.head_dim
        held = self.capacity
        for layer in range(self.layers):
            cache = torch.zeros([self.slots, capacity, heads, dim], dtype=self.type(), device=device)
            cache[:, :held] = self.caches[layer].view(self.slots, held, heads, dim)
            self.caches[layer] = cache.view(-1, heads, dim)
        features = self.kept.size(1)
        if features > 0:
            kept = torch.zeros([self.slots, capacity, features], dtype=self.type(), device=device)
            kept[:, :held] = self.kept.view(self.slots, held, features)
            self.kept = kept.view(-1, features)
        positions = torch.arange(capacity, dtype=torch.float32, device=device)
        angles = torch.outer(positions, self.frequencies)
        self.cis = torch.polar(torch.full_like(angles, self.attention_factor), angles)
        self.capacity = capacity

    # ---- a step -----------------------------------------------------------------------------------------------

    def unit(self, x: Tensor, floor: Tensor) -> Tensor:
        """RMS norm without its weight and its sqrt(n): x / sqrt(|x|^2 + n * epsilon)."""
        return x / torch.hypot(torch.linalg.vector_norm(x, 2, [-1], True), floor)

    def normalised(self, x: Tensor, i: int) -> Tensor:
        """In the computing type."""
        out = torch.empty(x.size(), dtype=self.type(), device=x.device)
        return torch.mul(self.unit(x, self.floor), self.gains[i], out=out)

    def turns(self, positions: Tensor) -> Tensor:
        """Rotation of each head's pairs: [N, heads + 2 kv_heads, d/2] complex, 1 for values."""
        cis = self.cis.index_select(0, positions).unsqueeze(1)
        still = torch.ones_like(cis).expand(-1, self.kv_heads, -1)
        return torch.cat([cis.expand(-1, self.heads + self.kv_heads, -1), still], 1)

    def mask(self, grid: Tensor, ancestors: Tensor, visible: int) -> Tensor:
        """Additive [B, 1, group * K, visible], see decoder.py."""
        batch, width = grid.size(0), grid.size(1)
        group = self.heads // self.kv_heads
        column = torch.arange(visible, device=grid.device).view(1, 1, visible)
        if ancestors.numel() == 0:
            hidden = column > grid.unsqueeze(2)
        else:
            offset = (column - grid[:, :1].unsqueeze(2)).expand(batch, width, visible)
            seen = ancestors.gather(2, offset.clamp(0, width - 1)).to(torch.bool).logical_and(offset < width)
            hidden = seen.logical_or(offset < 0).logical_not()
        mask = torch.zeros([batch, width, visible], dtype=self.type(), device=grid.device)
        mask = mask.masked_fill_(hidden, -float("inf")).view(batch, 1, 1, width, visible)
        return mask.expand(batch, 1, group, width, visible).reshape(batch, 1, group * width, visible)

    def hidden(
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
        """The residual stream behind the last layer, float32, of the rows that logits are wanted of. Parameters as those
        of decoder.py's step."""
        kv, dim = self.kv_heads, self.head_dim
        group = self.heads // kv
        total = self.heads + 2 * kv
        scale = 1.0 / float(dim) ** 0.5

        numbers = numbers.to(self.device())
        end = (5 if ragged else 4) * count
        places = numbers[3 * count : 4 * count] * self.capacity + numbers[2 * count : 3 * count]
        grid_rows = numbers[4 * count : end]
        grid = numbers[end : end + batch * width].view(batch, width)
        end += batch * width
        nodes = batch * width * width if branched else 0
        ancestors = numbers[end : end + nodes].view(batch, width, -1) if branched else numbers[:0]
        out_rows = numbers[end + nodes :]

        turns = self.turns(numbers[count : 2 * count])
        # one row sees all columns: the kernel without a mask is faster
        mask = self.mask(grid, ancestors, visible) if batch * width > 1 else self.home
        features = torch.jit.annotate(List[Tensor], [])
        x = self.embedding.index_select(0, numbers[:count]).to(torch.float32)
        for layer in range(self.layers):
            if layer in self.feature_layers:
                features.append(x)
            y = self.normalised(x, layer * 2)
            if self.biases[layer].numel() > 0:
                mixed = torch.nn.functional.linear(y, self.qkv[layer], self.biases[layer])
            else:
                mixed = torch.nn.functional.linear(y, self.qkv[layer])
            mixed = mixed.to(torch.float32).view(count, total, dim)
            norms = self.head_norms[layer]
            if norms.numel() > 0:
                turned = self.unit(mixed[:, : self.heads + kv], self.head_floor) * norms
                mixed = torch.cat([turned, mixed[:, self.heads + kv :]], 1)
            mixed = torch.view_as_real(torch.view_as_complex(mixed.view(count, total, dim // 2, 2)) * turns)
            mixed = mixed.flatten(2).to(self.type())
            cache = self.caches[layer]
            cache.index_copy_(0, places, mixed[:, self.heads :])
            q = mixed[:, : self.heads]
            if ragged:
                q = torch.zeros([batch * width, self.heads, dim], dtype=q.dtype, device=q.device).index_copy_(0, grid_rows, q)
            q = q.view(batch, width, kv, group, dim).permute(0, 2, 3, 1, 4).reshape(batch, kv, group * width, dim)
            held = cache.view(self.slots, self.capacity, 2 * kv, dim)[first : first + batch, :visible].transpose(1, 2)
            keys, values = held[:, :kv], held[:, kv:]
            if batch * width > 1:
                attended = torch.nn.functional.scaled_dot_product_attention(q, keys, values, mask, scale=scale)
            else:
                attended = torch.nn.functional.scaled_dot_product_attention(q, keys, values, scale=scale)
            attended = attended.view(batch, kv, group, width, dim).permute(0, 3, 1, 2, 4)
            attended = attended.reshape(batch * width, self.heads * dim)
            if ragged:
                attended = attended.index_select(0, grid_rows)
            x = x + torch.nn.functional.linear(attended, self.outs[layer])
            gate, up = torch.nn.functional.linear(self.normalised(x, layer * 2 + 1), self.doors[layer]).chunk(2, 1)
            x = x + torch.nn.functional.linear(torch.nn.functional.silu(gate) * up, self.downs[layer])
        if len(features) > 0:
            self.kept.index_copy_(0, places, torch.cat(features, 1).to(self.type()))
        return x.index_select(0, out_rows) if out_rows.numel() > 0 else x

    def logits(self, x: Tensor) -> Tensor:
        return torch.nn.functional.linear(self.normalised(x, self.layers * 2), self.head).to(torch.float32)

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
        """As decoder.py's step; the logits are copied to the host."""
        return self.logits(self.hidden(numbers, count, batch, width, ragged, branched, first, visible)).cpu()

    @torch.jit.export
    def sampled(
        self,
        numbers: Tensor,
        count: int,
        batch: int,
        width: int,
        ragged: bool,
        branched: bool,
        first: int,
        visible: int,
        draws: Tensor,
    ) -> Tensor:
        """As step, with one token drawn from each row. draws float64 [2, rows]: inverse temperatures, 0 for the most
        likely token at temperature 1; numbers in [0, 1) at which the cumulative distribution is passed. Returns float64
        [2, rows] on the host: the tokens and their log-probabilities."""
        logits = self.logits(self.hidden(numbers, count, batch, width, ragged, branched, first, visible))
        draws = draws.to(self.device())
        greedy = draws[0] == 0.0
        inverse = torch.where(greedy, torch.ones_like(draws[0]), draws[0]).to(torch.float32)
        logs = torch.log_softmax(logits * inverse.unsqueeze(1), -1)
        tokens = torch.where(greedy, torch.argmax(logits, -1), self.draw(logs.exp(), draws[1]))
        return torch.stack([tokens.to(torch.float64), logs.gather(1, tokens.unsqueeze(1)).squeeze(1).to(torch.float64)]).cpu()

    def draw(self, weights: Tensor, uniforms: Tensor) -> Tensor:
        """The index of each row [R, V] at which the cumulative weights pass uniforms [R], never one of weight 0. Sums are
        kept by block and in float64."""
        rows = weights.size(0)
        blocks = (weights.size(1) + self.block - 1) // self.block
        weights = torch.nn.functional.pad(weights, [0, blocks * self.block - weights.size(1)]).view(rows, blocks, self.block)
        sums = weights.sum(-1, dtype=torch.float64).cumsum(-1)
        # sums are rounded: a bar at or past the last one would find nothing
        below = 1.0 - 1e-12
        bar = uniforms.unsqueeze(1) * sums[:, -1:] * below
        number = torch.searchsorted(sums, bar, right=True)
        before = torch.nn.functional.pad(sums, [1, 0]).gather(1, number)
        within = weights.gather(1, number.unsqueeze(2).expand(rows, 1, self.block)).squeeze(1).to(torch.float64).cumsum(-1)
        rest = torch.minimum((bar - before).clamp(min=0.0), within[:, -1:] * below)
        return (number * self.block + torch.searchsorted(within, rest, right=True)).squeeze(1)

    # ---- measuring and moving ---------------------------------------------------------------------------------

    @torch.jit.export
    def multiply(self, rows: int, times: int) -> Tensor:
        """The first layer's feed-forward input product of so many rows, again and again: what the arithmetic can reach."""
        x = torch.ones([rows, self.embedding.size(1)], dtype=self.type(), device=self.device())
        y = x
        for _ in range(times):
            y = torch.nn.functional.linear(x, self.doors[0])
        return y[:1].to(torch.float32).cpu()

    @torch.jit.export
    def read(self, elements: int, times: int) -> Tensor:
        """Sums up float32 memory of its own, again and again: what the memory can reach."""
        memory = torch.ones([elements], device=self.device())
        total = memory[:1]
        for _ in range(times):
            total = memory.sum(0, True)
        return total.cpu()

    @torch.jit.export
    def features_at(self, slots: Tensor, columns: Tensor) -> Tensor:
        """Features [N, 3 * hidden] float32 that the target computed last for these columns of these slots; they stay on
        the device."""
        places = slots.to(self.device()) * self.capacity + columns.to(self.device())
        return self.kept.index_select(0, places).to(torch.float32)

    @torch.jit.export
    def move_columns(self, slots: Tensor, sources: Tensor, targets: Tensor):
        """Copies cache columns [N] within their slots [N]; all are read before any is written."""
        base = slots.to(self.device()) * self.capacity
        old = base + sources.to(self.device())
        new = base + targets.to(self.device())
        for layer in range(self.layers):
            self.caches[layer].index_copy_(0, new, self.caches[layer].index_select(0, old))
        if self.kept.numel() > 0:
            self.kept.index_copy_(0, new, self.kept.index_select(0, old))

    @torch.jit.export
    def copy_slot(self, source: int, target: int, length: int):
        """Copies the first columns of one slot to another."""
        old = source * self.capacity
        new = target * self.capacity
        for layer in range(self.layers):
            self.caches[layer][new : new + length] = self.caches[layer][old : old + length]
        if self.kept.numel() > 0:
            self.kept[new : new + length] = self.kept[old : old + length]
