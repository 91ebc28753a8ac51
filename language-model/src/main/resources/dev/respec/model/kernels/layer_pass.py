"""One transformer layer's forward pass and its gradient, written out.

Autograd records a dozen small operations a layer and multiplies matrices with the library's default, which takes half of
what the processor can do where it is not its maker's. Here every product is oneDNN's, norms are folded into the matrix
behind them, queries, keys and values are one product, gate and up another, and rotary turns are complex products of
neighbouring pairs.

With an adapter, the weights are frozen and may be bfloat16, and only the factors have gradients.

Rows are [B * T, H]. Nothing here records a graph.
"""

from typing import List, Optional, Tuple, Union

import torch
from torch import Tensor


class LayerPass(torch.nn.Module):
    heads: int
    kv_heads: int
    head_dim: int
    epsilon: float
    nothing: List[Optional[Union[int, float, complex]]]

    def __init__(self):
        super().__init__()
        self.heads = 0
        self.kv_heads = 0
        self.head_dim = 0
        self.epsilon = 1e-6
        self.nothing = torch.jit.annotate(List[Optional[Union[int, float, complex]]], [])
        # rows of queries and keys with the two numbers of a turn side by side, and the way back
        self.pairs = torch.zeros(0, dtype=torch.long)
        self.unpairs = torch.zeros(0, dtype=torch.long)

    def configure(self, heads: int, kv_heads: int, head_dim: int, epsilon: float, device: torch.device):
        self.heads = heads
        self.kv_heads = kv_heads
        self.head_dim = head_dim
        self.epsilon = epsilon
        rows = torch.arange((heads + kv_heads) * head_dim, device=device)
        self.pairs = rows.view(-1, 2, head_dim // 2).transpose(1, 2).reshape(-1)
        self.unpairs = rows.view(-1, head_dim // 2, 2).transpose(1, 2).reshape(-1)

    def product(self, x: Tensor, w: Tensor) -> Tensor:
        """x [n, in] times w [out, in] transposed."""
        return torch.ops.mkldnn._linear_pointwise(x, w, None, "none", self.nothing, "")

    def weight_gradient(self, g: Tensor, x: Tensor) -> Tensor:
        """g [n, out] transposed times x [n, in]: [out, in]. The narrower side goes first, which is up to twice as fast.
        A part of wider rows is copied first: oneDNN has only a reference kernel for it, a thousand times as slow."""
        g = g.contiguous()
        x = x.contiguous()
        if x.size(1) < g.size(1):
            return torch.ops.mkldnn._linear_pointwise(x.t(), g.t(), None, "none", self.nothing, "").t()
        return torch.ops.mkldnn._linear_pointwise(g.t(), x.t(), None, "none", self.nothing, "")

    def unit(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        """x over the root of its mean square, and one over that root."""
        length = torch.linalg.vector_norm(x, 2.0, [-1], True)
        inverse = torch.rsqrt(length * length / x.size(-1) + self.epsilon)
        return x * inverse, inverse

    def unit_gradient(self, g: Tensor, unit: Tensor, inverse: Tensor) -> Tensor:
        """Gradient of x from that of unit(x); g is overwritten."""
        along = (g * unit).mean(-1, True)
        return g.addcmul_(unit, along, value=-1.0).mul_(inverse)

    def turns(self, inverse_frequencies: Tensor, attention_factor: float, length: int) -> Tensor:
        """[length, (heads + kv_heads) * head_dim / 2] complex factors of the neighbouring pairs."""
        steps = torch.arange(length, dtype=torch.float32, device=inverse_frequencies.device)
        angles = steps.unsqueeze(1) * inverse_frequencies.unsqueeze(0)
        turns = torch.complex(torch.cos(angles) * attention_factor, torch.sin(angles) * attention_factor)
        return turns.repeat(1, self.heads + self.kv_heads)

    def turn(self, mixed: Tensor, turns: Tensor):
        """Turns queries and keys of mixed [B * T, (heads + 2 kv_heads) * head_dim] in place."""
        both = (self.heads + self.kv_heads) * self.head_dim
        length = turns.size(0)
        pairs = mixed.view(mixed.size(0) // length, length, mixed.size(1))[:, :, :both]
        torch.view_as_complex(pairs.unflatten(2, [both // 2, 2])).mul_(turns)

    def mixing(self, w: List[Tensor]) -> Tensor:
        """Weights of queries, keys and values as one matrix, pairs side by side, without the norm before them."""
        return torch.cat([torch.cat([w[1], w[2]]).index_select(0, self.pairs), w[3]])

    def mixing_bias(self, w: List[Tensor]) -> Tensor:
        return torch.cat([torch.cat([w[4], w[5]]).index_select(0, self.pairs), w[6]])

    def head_norms(self, w: List[Tensor]) -> Tensor:
        """Weights of the norms of queries and keys, pairs side by side."""
        both = torch.cat([w[8].repeat(self.heads), w[9].repeat(self.kv_heads)])
        return both.index_select(0, self.pairs).view(-1, self.head_dim)

    def by_head(self, mixed: Tensor, length: int) -> Tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values [B, heads, T, head_dim] of mixed [B * T, ...]."""
        grid = mixed.view(mixed.size(0) // length, length, self.heads + 2 * self.kv_heads, self.head_dim)
        q = grid[:, :, : self.heads]
        k = self.shared(grid[:, :, self.heads : self.heads + self.kv_heads])
        v = self.shared(grid[:, :, self.heads + self.kv_heads :])
        return q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)

    def shared(self, x: Tensor) -> Tensor:
        """Key heads [B, T, kv_heads, head_dim] repeated for the query heads that share them."""
        group = self.heads // self.kv_heads
        if group == 1:
            return x
        wide = x.unsqueeze(3).expand(x.size(0), x.size(1), self.kv_heads, group, self.head_dim)
        return wide.reshape(x.size(0), x.size(1), self.heads, self.head_dim)

    def attend(self, mixed: Tensor, w: List[Tensor], turns: Tensor) -> Tuple[Tensor, List[Tensor]]:
        """The heads' outputs [B * T, heads * head_dim] from queries, keys and values, which are overwritten; with what the
        gradient needs."""
        length = turns.size(0)
        head_unit = torch.zeros(0, device=mixed.device)
        head_inverse = torch.zeros(0, device=mixed.device)
        if w[8].numel() > 0:
            both = mixed[:, : (self.heads + self.kv_heads) * self.head_dim]
            head_unit, head_inverse = self.unit(both.unflatten(1, [-1, self.head_dim]))
            both.copy_((head_unit * self.head_norms(w)).flatten(1))
        self.turn(mixed, turns)
        q, k, v = self.by_head(mixed, length)
        attended, sums = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0.0, True)
        return self.by_row(attended), [q, k, v, head_unit, head_inverse, attended, sums]

    def by_row(self, attended: Tensor) -> Tensor:
        """[B, heads, T, head_dim] to [B * T, heads * head_dim]."""
        return attended.transpose(1, 2).reshape(-1, self.heads * self.head_dim)

    def forward(self, x: Tensor, w: List[Tensor], turns: Tensor) -> Tuple[Tensor, List[Tensor]]:
        """x [B * T, H] through the layer of the fourteen weights; with what the gradient needs."""
        unit, inverse = self.unit(x)
        mixing = self.mixing(w) * w[0]
        if w[4].numel() > 0:
            bias = self.mixing_bias(w)
            mixed = torch.ops.mkldnn._linear_pointwise(unit, mixing, bias, "none", self.nothing, "")
        else:
            mixed = self.product(unit, mixing)
        rows, attention = self.attend(mixed, w, turns)
        x = torch.ops.mkldnn._linear_pointwise(rows, x, w[7], None, "add")
        feed_unit, feed_inverse = self.unit(x)
        doors = self.product(feed_unit, torch.cat([w[11], w[12]]) * w[10])
        width = w[11].size(0)
        opened = torch.nn.functional.silu(doors[:, :width])
        gated = opened * doors[:, width:]
        x = torch.ops.mkldnn._linear_pointwise(gated, x, w[13], None, "add")
        return x, [unit, inverse] + attention + [feed_unit, feed_inverse, doors, opened, gated]

    def backward(self, g: Tensor, w: List[Tensor], turns: Tensor, kept: List[Tensor]) -> Tuple[Tensor, List[Tensor]]:
        """Gradient of the layer's input from g, that of its output, which is overwritten; and those of the weights."""
        g, feed = self.feed_backward(g, w, kept)
        g, attention = self.attention_backward(g, w, turns, kept)
        return g, attention + feed

    def feed_backward(self, g: Tensor, w: List[Tensor], kept: List[Tensor]) -> Tuple[Tensor, List[Tensor]]:
        feed_unit, feed_inverse, doors, opened, gated = kept[9], kept[10], kept[11], kept[12], kept[13]
        width = w[11].size(0)
        down = self.weight_gradient(g, gated)
        inner = self.product(g, w[13].t())
        outer = torch.empty_like(doors)
        torch.mul(inner, opened, out=outer[:, width:])
        inner.mul_(doors[:, width:])
        outer[:, :width].copy_(torch.ops.aten.silu_backward(inner, doors[:, :width]))
        both = torch.cat([w[11], w[12]])
        folded = self.weight_gradient(outer, feed_unit)
        norm = (folded * both).sum(0)
        weights = folded * w[10]
        g.add_(self.unit_gradient(self.product(outer, (both * w[10]).t()), feed_unit, feed_inverse))
        return g, [norm, weights[:width], weights[width:], down]

    def attention_backward(self, g: Tensor, w: List[Tensor], turns: Tensor, kept: List[Tensor]) -> Tuple[Tensor, List[Tensor]]:
        unit, inverse = kept[0], kept[1]
        out = self.weight_gradient(g, self.by_row(kept[7]))
        outer, norms = self.attend_backward(self.product(g, w[7].t()), w, turns, kept)
        both = self.mixing(w)
        folded = self.weight_gradient(outer, unit)
        norm = (folded * both).sum(0)
        weights = folded * w[0]
        bias = outer.sum(0) if w[4].numel() > 0 else torch.zeros(0, device=g.device)
        g.add_(self.unit_gradient(self.product(outer, (both * w[0]).t()), unit, inverse))
        matrices = self.separate(weights)
        biases = self.separate(bias) if w[4].numel() > 0 else [bias, bias, bias]
        return g, [norm] + matrices + biases + [out] + norms

    def attend_backward(
        self, g: Tensor, w: List[Tensor], turns: Tensor, kept: List[Tensor]
    ) -> Tuple[Tensor, List[Tensor]]:
        """From the gradient of attend()'s outputs that of its queries, keys and values [B * T, ...], and those of the norms
        of heads."""
        q, k, v, attended, sums = kept[2], kept[3], kept[4], kept[7], kept[8]
        length = turns.size(0)
        batch = g.size(0) // length
        inner = g.view(batch, length, self.heads, self.head_dim).transpose(1, 2)
        gq, gk, gv = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward(
            inner, q, k, v, attended, sums, 0.0, True
        )
        grid = torch.empty([batch, length, self.heads + 2 * self.kv_heads, self.head_dim], device=g.device)
        outer = grid.view(g.size(0), -1)
        grid[:, :, : self.heads].copy_(gq.transpose(1, 2))
        grid[:, :, self.heads : self.heads + self.kv_heads].copy_(self.gathered(gk))
        grid[:, :, self.heads + self.kv_heads :].copy_(self.gathered(gv))
        self.turn(outer, torch.conj_physical(turns))
        return outer, self.head_norm_backward(outer, w, kept[5], kept[6])

    def gathered(self, g: Tensor) -> Tensor:
        """Sum over the query heads that share a key head: [B, heads, T, head_dim] -> [B, T, kv_heads, head_dim]."""
        by_row = g.transpose(1, 2)
        group = self.heads // self.kv_heads
        if group == 1:
            return by_row
        return by_row.unflatten(2, [self.kv_heads, group]).sum(3)

    def head_norm_backward(self, outer: Tensor, w: List[Tensor], unit: Tensor, inverse: Tensor) -> List[Tensor]:
        """Takes the gradient of queries and keys in outer behind their norms to before them, in place."""
        if w[8].numel() == 0:
            return [w[8], w[9]]
        both = outer[:, : (self.heads + self.kv_heads) * self.head_dim]
        g = both.unflatten(1, [-1, self.head_dim])
        norms = (g * unit).sum(0).view(-1).index_select(0, self.unpairs).view(-1, self.head_dim)
        both.copy_(self.unit_gradient(g * self.head_norms(w), unit, inverse).flatten(1))
        return [norms[: self.heads].sum(0), norms[self.heads :].sum(0)]

    def separate(self, mixing: Tensor) -> List[Tensor]:
        """The parts of queries, keys and values, pairs apart again."""
        queries = self.heads * self.head_dim
        both = (self.heads + self.kv_heads) * self.head_dim
        ordered = mixing[:both].index_select(0, self.unpairs)
        return [ordered[:queries], ordered[queries:], mixing[both:]]

    def widened(self, w: Tensor) -> Tensor:
        """A frozen weight as float32."""
        return w if w.dtype == torch.float32 else w.to(torch.float32)

    def paired(self, up: Tensor, first: int, index: Tensor) -> Tensor:
        """Rows of a factor B of queries (first 0) or keys (first: rows of queries), moved as index moves both."""
        if up.numel() == 0:
            return up
        return up.index_select(0, index[first : first + up.size(0)] - first)

    def adapt(self, x: Tensor, down: Tensor, up: Tensor, scale: float, into: Tensor) -> Tensor:
        """Adds scale B A x to `into`, the product of the frozen weight; returns A x. Nothing of a weight without factors."""
        if down.numel() == 0:
            return down
        inner = self.product(x, down)
        into.add_(self.product(inner, up), alpha=scale)
        return inner

    def adapt_backward(
        self, g: Tensor, x: Tensor, inner: Tensor, down: Tensor, up: Tensor, scale: float, into: Tensor
    ) -> List[Tensor]:
        """Gradients of A and B from g, that of the product; adds that of x through the factors to `into`."""
        if down.numel() == 0:
            return [down, up]
        g = g.contiguous()
        of_inner = self.product(g, up.t()).mul_(scale)
        into.add_(self.product(of_inner, down.t()))
        return [self.weight_gradient(of_inner, x), self.weight_gradient(g, inner) * scale]

    def forward_adapted(
        self, x: Tensor, w: List[Tensor], downs: List[Tensor], ups: List[Tensor], scale: float, turns: Tensor
    ) -> Tuple[Tensor, List[Tensor]]:
        """forward() with frozen weights of any type and the factors A and B of an adapter, empty where a weight has none."""
        queries = self.heads * self.head_dim
        both = queries + self.kv_heads * self.head_dim
        unit, inverse = self.unit(x)
        y = unit * w[0]
        mixing = self.widened(self.mixing(w))
        if w[4].numel() > 0:
            bias = self.mixing_bias(w)
            mixed = torch.ops.mkldnn._linear_pointwise(y, mixing, bias, "none", self.nothing, "")
        else:
            mixed = self.product(y, mixing)
        inner_q = self.adapt(y, downs[1], self.paired(ups[1], 0, self.pairs), scale, mixed[:, :queries])
        inner_k = self.adapt(y, downs[2], self.paired(ups[2], queries, self.pairs), scale, mixed[:, queries:both])
        inner_v = self.adapt(y, downs[3], ups[3], scale, mixed[:, both:])
        rows, attention = self.attend(mixed, w, turns)
        x = torch.ops.mkldnn._linear_pointwise(rows, x, self.widened(w[7]), None, "add")
        inner_out = self.adapt(rows, downs[7], ups[7], scale, x)
        feed_unit, feed_inverse = self.unit(x)
        z = feed_unit * w[10]
        gate = self.product(z, self.widened(w[11]))
        inner_gate = self.adapt(z, downs[11], ups[11], scale, gate)
        up = self.product(z, self.widened(w[12]))
        inner_up = self.adapt(z, downs[12], ups[12], scale, up)
        opened = torch.nn.functional.silu(gate)
        gated = opened * up
        x = torch.ops.mkldnn._linear_pointwise(gated, x, self.widened(w[13]), None, "add")
        inner_down = self.adapt(gated, downs[13], ups[13], scale, x)
        feed = [feed_unit, feed_inverse, gate, up, opened, gated]
        return x, [unit, inverse] + attention + feed + [
            inner_q, inner_k, inner_v, inner_out, inner_gate, inner_up, inner_down
        ]

    def backward_adapted(
        self,
        g: Tensor,
        w: List[Tensor],
        downs: List[Tensor],
        ups: List[Tensor],
        scale: float,
        turns: Tensor,
        kept: List[Tensor],
    ) -> Tuple[Tensor, List[Tensor]]:
        """Gradient of the layer's input from g, that of its output, which is overwritten; and those of the factors A and B
        of queries, keys, values, output, gate, up and down, one behind the other."""
        g, feed = self.feed_backward_adapted(g, w, downs, ups, scale, kept)
        queries = self.heads * self.head_dim
        both = queries + self.kv_heads * self.head_dim
        unit, inverse = kept[0], kept[1]
        inner = self.product(g, self.widened(w[7]).t())
        out = self.adapt_backward(g, self.by_row(kept[7]), kept[18], downs[7], ups[7], scale, inner)
        outer, norms = self.attend_backward(inner, w, turns, kept)
        y = unit * w[0]
        of_y = self.product(outer, self.widened(self.mixing(w)).t())
        q_up = self.paired(ups[1], 0, self.pairs)
        k_up = self.paired(ups[2], queries, self.pairs)
        q = self.adapt_backward(outer[:, :queries], y, kept[15], downs[1], q_up, scale, of_y)
        k = self.adapt_backward(outer[:, queries:both], y, kept[16], downs[2], k_up, scale, of_y)
        v = self.adapt_backward(outer[:, both:], y, kept[17], downs[3], ups[3], scale, of_y)
        q = [q[0], self.paired(q[1], 0, self.unpairs)]
        k = [k[0], self.paired(k[1], queries, self.unpairs)]
        g.add_(self.unit_gradient(of_y.mul_(w[0]), unit, inverse))
        return g, q + k + v + out + feed

    def feed_backward_adapted(
        self, g: Tensor, w: List[Tensor], downs: List[Tensor], ups: List[Tensor], scale: float, kept: List[Tensor]
    ) -> Tuple[Tensor, List[Tensor]]:
        feed_unit, feed_inverse, gate, up, opened, gated = kept[9], kept[10], kept[11], kept[12], kept[13], kept[14]
        z = feed_unit * w[10]
        inner = self.product(g, self.widened(w[13]).t())
        of_down = self.adapt_backward(g, gated, kept[21], downs[13], ups[13], scale, inner)
        through_up = inner * opened
        through_gate = torch.ops.aten.silu_backward(inner.mul_(up), gate)
        of_z = self.product(through_gate, self.widened(w[11]).t())
        of_gate = self.adapt_backward(through_gate, z, kept[19], downs[11], ups[11], scale, of_z)
        of_z.add_(self.product(through_up, self.widened(w[12]).t()))
        of_up = self.adapt_backward(through_up, z, kept[20], downs[12], ups[12], scale, of_z)
        g.add_(self.unit_gradient(of_z.mul_(w[10]), feed_unit, feed_inverse))
        return g, of_gate + of_up + of_down
