"""Decoder-only transformer for training: weights, an adapter's factors, gradients and AdamW moments live in the module.

Weights are placed piece by piece and exist once. What is frozen has no gradient and keeps its own element type; what is
trained is float32. Logits exist for `chunk_rows` tokens at a time, and so do their gradients: the head's backward pass is
written out, not recorded. The embedding's and the head's gradients are added up in place.

Methods that record gradients take tensors only. Rows are right-padded, so causal attention alone keeps padding out of
the tokens that count.
"""

from typing import List, Tuple

import torch
from layer_pass import LayerPass
from torch import Tensor


class Trainable(torch.nn.Module):
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    epsilon: float
    parameters_: List[Tensor]
    downs: List[Tensor]
    ups: List[Tensor]
    first_moments: List[Tensor]
    second_moments: List[Tensor]
    updated: List[List[Tensor]]
    recomputes: bool
    written_out: bool
    multiplies: bool
    layer_inputs: List[Tensor]
    kept: List[List[Tensor]]

    def __init__(self):
        super().__init__()
        self.layers = 0
        self.heads = 0
        self.kv_heads = 0
        self.head_dim = 0
        self.epsilon = 1e-6
        self.inverse_frequencies = torch.zeros(0)
        self.attention_factor = 1.0
        # in the kernels' order: fourteen per layer, then embedding, final norm, head; absent ones are empty
        self.parameters_ = []
        # factors A [rank, in] and B [out, rank] of each weight; empty for a weight that is not adapted
        self.downs = []
        self.ups = []
        self.adapter_scale = 1.0
        self.adapted = False
        self.adapts = True
        self.dropout = 0.0
        self.dropout_seed = 0
        self.drops = False
        # of weights, then downs, then ups
        self.first_moments = []
        self.second_moments = []
        self.updated = []
        self.recomputes = False
        self.written_out = False
        self.multiplies = False
        self.passes = LayerPass()
        self.layer_inputs = []
        self.kept = []
        self.turned = torch.zeros(0)
        self.ids = torch.zeros(0, dtype=torch.long)
        self.embedded = torch.zeros(0)
        self.top = torch.zeros(0)
        # final hidden states of the tokens that count: with their graph, without it, and their gradient
        self.selected = torch.zeros(0)
        self.states = torch.zeros(0)
        self.state_gradient = torch.zeros(0)
        self.probabilities = torch.zeros(0)
        # lies on the device that computes, where all that the module keeps lies too
        self.nothing = torch.zeros(0)
        self.chunk_elements = 1 << 26
        # elements of a head that are widened or multiplied into an array of their own at a time
        self.slice_elements = 1 << 24

    @torch.jit.export
    def reside(self, on: Tensor):
        """Before anything else: the device of this tensor computes. What is given to the module may lie elsewhere, and
        what it returns to be read is copied to the host."""
        self.nothing = torch.zeros(0, device=on.device)

    def device(self) -> torch.device:
        return self.nothing.device

    @torch.jit.export
    def recompute(self, on: bool):
        """Whether a layer's activations are forgotten and computed again for its gradient (gradient checkpointing)."""
        self.recomputes = on

    @torch.jit.export
    def write_out(self, layers: bool, products: bool):
        """Whether layers go through LayerPass, and the head's products through oneDNN, for processors whose oneDNN has
        them; autograd's way otherwise."""
        self.written_out = layers
        self.multiplies = products

    @torch.jit.export
    def multiply(self, size: int, times: int) -> float:
        """Multiplies square matrices as the layers do, for measuring; returns the floating-point operations."""
        x = torch.ones([size, size], device=self.device())
        y = x
        for _ in range(times):
            y = self.product(x, x)
        # reading a number waits for a device to be done
        return 2.0 * times * size * size * size + 0.0 * float(y[0][0])

    def product(self, x: Tensor, w: Tensor) -> Tensor:
        """x [n, in] times w [out, in] transposed."""
        return self.passes.product(x, w) if self.multiplies else torch.nn.functional.linear(x, w)

    @torch.jit.export
    def chunk(self, elements: int):
        """Most elements of one chunk of logits; at least one row is computed."""
        self.chunk_elements = elements

    @torch.jit.export
    def configure(
        self,
        layers: int,
        heads: int,
        kv_heads: int,
        head_dim: int,
        epsilon: float,
        inverse_frequencies: Tensor,
        attention_factor: float,
    ):
        self.layers = layers
        self.heads = heads
        self.kv_heads = kv_heads
        self.head_dim = head_dim
        self.epsilon = epsilon
        self.passes.configure(heads, kv_heads, head_dim, epsilon, self.device())
        self.inverse_frequencies = inverse_frequencies.to(self.device(), copy=True)
        self.attention_factor = attention_factor
        count = layers * 14 + 3
        for at in range(count):
            self.parameters_.append(torch.zeros(0, device=self.device()))
            self.downs.append(torch.zeros(0, device=self.device()))
            self.ups.append(torch.zeros(0, device=self.device()))
        for at in range(3 * count):
            self.first_moments.append(torch.zeros(0, device=self.device()))
            self.second_moments.append(torch.zeros(0, device=self.device()))

    @torch.jit.export
    def adapt(self, scale: float, dropout: float):
        """The factor on B A, and the share of a product's inputs that training leaves out."""
        self.adapter_scale = scale
        self.dropout = dropout
        self.adapted = True

    @torch.jit.export
    def allot(self, place: Tensor, shape: Tensor, kind: Tensor) -> Tensor:
        """Room for a tensor, to be filled next. kind: 0 frozen float32, 1 frozen bfloat16, 2 trained float32.
        place counts weights, then downs, then ups."""
        at = int(place)
        sizes = torch.jit.annotate(List[int], shape.tolist())
        count = len(self.parameters_)
        dtype = torch.bfloat16 if int(kind) == 1 else torch.float32
        tensor = torch.empty(sizes, dtype=dtype, device=self.device())
        if int(kind) == 2:
            self.differentiate(tensor)
        if at < count:
            self.parameters_[at] = tensor
        elif at < 2 * count:
            self.downs[at - count] = tensor
        else:
            self.ups[at - 2 * count] = tensor
        return place

    def differentiate(self, p: Tensor):
        """Gives p a gradient of zeros, which a script can add to but not assign."""
        p.requires_grad_(True)
        (p.view(-1)[:1].sum() * 0.0).backward()

    @torch.jit.export
    def held(self) -> List[Tensor]:
        """Weights, downs, ups, as share() takes them."""
        out = torch.jit.annotate(List[Tensor], [])
        for place in range(3 * len(self.parameters_)):
            out.append(self.stored(0, place))
        return out

    @torch.jit.export
    def share(self, held: List[Tensor], trained: Tensor) -> Tensor:
        """Takes the tensors of another module as they are, without a copy, and gradients of its own for those that are
        trained [3 * weights]."""
        count = len(self.parameters_)
        for place in range(len(held)):
            tensor = held[place].detach()
            if int(trained[place]) == 1:
                self.differentiate(tensor)
            if place < count:
                self.parameters_[place] = tensor
            elif place < 2 * count:
                self.downs[place - count] = tensor
            else:
                self.ups[place - 2 * count] = tensor
        return trained

    @torch.jit.export
    def gradients(self) -> List[Tensor]:
        """By place; empty for what is not trained."""
        out = torch.jit.annotate(List[Tensor], [])
        for place in range(3 * len(self.parameters_)):
            out.append(self.gradient(place))
        return out

    @torch.jit.export
    def add_gradients(self, gradients: List[Tensor]):
        """Adds another module's gradients, which become zero."""
        for place in range(len(gradients)):
            if gradients[place].numel() > 0:
                self.gradient(place).add_(gradients[place])
                gradients[place].zero_()

    @torch.jit.export
    def fill(self, role: int, place: int, offset: int, values: Tensor):
        """Writes float32 values, from one element on, into a tensor (role 0), its first or second moment (1, 2)."""
        if role > 0:
            self.ensure_moments(place)
        self.stored(role, place).view(-1).narrow(0, offset, values.numel()).copy_(values)

    @torch.jit.export
    def read(self, role: int, place: int, offset: int, count: int) -> Tensor:
        """Elements of a tensor (role 0), of its first or second moment (1, 2) or of its gradient (3), as float32; empty if
        there is none."""
        tensor = self.gradient(place) if role == 3 else self.stored(role, place)
        if tensor.numel() == 0:
            return torch.zeros(0, device=self.device())
        return tensor.view(-1).narrow(0, offset, count).to(torch.float32).cpu()

    def stored(self, role: int, place: int) -> Tensor:
        if role == 1:
            return self.first_moments[place]
        if role == 2:
            return self.second_moments[place]
        count = len(self.parameters_)
        if place < count:
            return self.parameters_[place].detach()
        if place < 2 * count:
            return self.downs[place - count].detach()
        return self.ups[place - 2 * count].detach()

    def gradient(self, place: int) -> Tensor:
        count = len(self.parameters_)
        if place < count:
            p = self.parameters_[place]
        elif place < 2 * count:
            p = self.downs[place - count]
        else:
            p = self.ups[place - 2 * count]
        g = p.grad
        if p.requires_grad and g is not None:
            return g.detach()
        return torch.zeros(0, device=self.device())

    @torch.jit.export
    def forget_moments(self):
        for place in range(len(self.first_moments)):
            self.first_moments[place] = torch.zeros(0, device=self.device())
            self.second_moments[place] = torch.zeros(0, device=self.device())

    def ensure_moments(self, place: int):
        if self.first_moments[place].numel() == 0:
            self.first_moments[place] = torch.zeros_like(self.stored(0, place))
            self.second_moments[place] = torch.zeros_like(self.stored(0, place))

    def normalise(self, x: Tensor, weight: Tensor) -> Tensor:
        return x * torch.rsqrt(torch.mean(x * x, dim=-1, keepdim=True) + self.epsilon) * weight

    def project(self, x: Tensor, at: int, bias: Tensor) -> Tensor:
        """x Wᵀ + bias, and the adapter's product where the weight has one."""
        w = self.parameters_[at]
        if w.dtype != x.dtype:
            w = w.to(x.dtype)
        if bias.numel() > 0:
            y = torch.nn.functional.linear(x, w, bias.to(x.dtype))
        else:
            y = torch.nn.functional.linear(x, w)
        down = self.downs[at]
        if down.numel() > 0 and self.adapts:
            if self.drops:
                x = torch.dropout(x, self.dropout, True)
            y = y + torch.nn.functional.linear(torch.nn.functional.linear(x, down), self.ups[at]) * self.adapter_scale
        return y

    def layer(self, x: Tensor, at: int, cosine: Tensor, sine: Tensor) -> Tensor:
        w = self.parameters_[at : at + 14]
        if self.drops:
            # the same choice when the layer is computed again for its gradient
            torch.manual_seed(self.dropout_seed + at)
        batch = x.size(0)
        length = x.size(1)
        y = self.normalise(x, w[0])
        q = self.project(y, at + 1, w[4])
        k = self.project(y, at + 2, w[5])
        v = self.project(y, at + 3, w[6])
        q = q.view(batch, length, self.heads, self.head_dim)
        k = k.view(batch, length, self.kv_heads, self.head_dim)
        v = v.view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        if w[8].numel() > 0:
            q = self.normalise(q, w[8])
            k = self.normalise(k, w[9])
        q = torch.addcmul(q * cosine, torch.roll(q, self.head_dim // 2, -1), sine).transpose(1, 2)
        k = torch.addcmul(k * cosine, torch.roll(k, self.head_dim // 2, -1), sine).transpose(1, 2)
        group = self.heads // self.kv_heads
        if group > 1:
            k = k.repeat_interleave(group, 1)
            v = v.repeat_interleave(group, 1)
        attended = torch.nn.functional.scaled_dot_product_attention(q, k, v, None, 0.0, True)
        attended = attended.transpose(1, 2).reshape(batch, length, self.heads * self.head_dim)
        x = x + self.project(attended, at + 7, self.nothing)
        y = self.normalise(x, w[10])
        gated = torch.nn.functional.silu(self.project(y, at + 11, self.nothing)) * self.project(y, at + 12, self.nothing)
        return x + self.project(gated, at + 13, self.nothing)

    def rotation(self, length: int) -> Tuple[Tensor, Tensor]:
        steps = torch.arange(length, dtype=torch.float32, device=self.device())
        angles = steps.unsqueeze(1) * self.inverse_frequencies.unsqueeze(0)
        cosine = (torch.cat([torch.cos(angles), torch.cos(angles)], 1) * self.attention_factor).view(1, length, 1, self.head_dim)
        sine = (torch.cat([-torch.sin(angles), torch.sin(angles)], 1) * self.attention_factor).view(1, length, 1, self.head_dim)
        return cosine, sine

    def head_place(self) -> int:
        last = self.layers * 14
        return last if self.parameters_[last + 2].numel() == 0 else last + 2

    def embed(self, ids: Tensor) -> Tensor:
        return torch.nn.functional.embedding(ids, self.parameters_[self.layers * 14].detach()).to(torch.float32)

    def final_norm(self, x: Tensor) -> Tensor:
        return self.normalise(x, self.parameters_[self.layers * 14 + 1])

    def hidden(self, ids: Tensor) -> Tensor:
        cosine, sine = self.rotation(ids.size(1))
        x = self.embed(ids)
        if torch.is_grad_enabled() and self.parameters_[self.layers * 14].requires_grad:
            x.requires_grad_(True)
            self.embedded = x
        for layer in range(self.layers):
            x = self.layer(x, layer * 14, cosine, sine)
        return self.final_norm(x)

    def hidden_without_graph(self, ids: Tensor, keeps: bool) -> Tensor:
        """hidden() without a graph below the last layer's output. What backward_layers() needs is kept: the layers'
        activations, or their inputs alone where activations are computed again."""
        cosine, sine = self.rotation(ids.size(1))
        turns = self.passes.turns(self.inverse_frequencies, self.attention_factor, ids.size(1))
        self.turned = turns
        inputs = torch.jit.annotate(List[Tensor], [])
        self.kept = torch.jit.annotate(List[List[Tensor]], [])
        with torch.no_grad():
            x = self.embed(ids)
            for layer in range(self.layers):
                if keeps and self.recomputes:
                    inputs.append(x)
                if self.written_out:
                    rows, kept = self.forward_written_out(x.flatten(0, 1), layer * 14, turns)
                    x = rows.view_as(x)
                    if keeps and not self.recomputes:
                        self.kept.append(kept)
                else:
                    x = self.layer(x, layer * 14, cosine, sine)
        if not keeps:
            return self.final_norm(x)
        self.layer_inputs = inputs
        top = x.detach()
        top.requires_grad_(True)
        self.top = top
        return self.final_norm(top)

    def backward_layers(self) -> Tensor:
        """Carries the gradient of the last layer's output down to the embedding's output, one layer at a time."""
        g = self.top.grad
        assert g is not None
        gradient = g.detach()
        self.top = torch.zeros(0, device=self.device())
        for i in range(self.layers):
            if self.written_out:
                gradient = self.backward_written_out(gradient, (self.layers - 1 - i) * 14)
            else:
                gradient = self.backward_recorded(gradient, (self.layers - 1 - i) * 14)
        return gradient

    def factors(self, held: List[Tensor], at: int) -> List[Tensor]:
        """A layer's factors; empty ones without the adapter."""
        if self.adapts:
            return held[at : at + 14]
        out = torch.jit.annotate(List[Tensor], [])
        for _ in range(14):
            out.append(self.nothing)
        return out

    def forward_written_out(self, x: Tensor, at: int, turns: Tensor) -> Tuple[Tensor, List[Tensor]]:
        w = self.parameters_[at : at + 14]
        if not self.adapted:
            return self.passes.forward(x, w, turns)
        downs = self.factors(self.downs, at)
        ups = self.factors(self.ups, at)
        return self.passes.forward_adapted(x, w, downs, ups, self.adapter_scale, turns)

    def backward_written_out(self, gradient: Tensor, at: int) -> Tensor:
        turns = self.turned
        with torch.no_grad():
            if self.recomputes:
                _, kept = self.forward_written_out(self.layer_inputs.pop().flatten(0, 1), at, turns)
            else:
                kept = self.kept.pop()
            g = gradient.flatten(0, 1)
            w = self.parameters_[at : at + 14]
            if self.adapted:
                downs = self.downs[at : at + 14]
                ups = self.ups[at : at + 14]
                down, factors = self.passes.backward_adapted(g, w, downs, ups, self.adapter_scale, turns, kept)
                i = 0
                for place in [1, 2, 3, 7, 11, 12, 13]:
                    self.add_gradient(downs[place], factors[i])
                    self.add_gradient(ups[place], factors[i + 1])
                    i += 2
            else:
                down, gradients = self.passes.backward(g, w, turns, kept)
                for place in range(14):
                    self.add_gradient(w[place], gradients[place])
        return down.view_as(gradient)

    def add_gradient(self, p: Tensor, gradient: Tensor):
        if p.numel() > 0:
            g = p.grad
            assert g is not None
            g.detach().add_(gradient)

    def backward_recorded(self, gradient: Tensor, at: int) -> Tensor:
        cosine, sine = self.rotation(self.ids.size(1))
        x = self.layer_inputs.pop().detach()
        x.requires_grad_(True)
        y = self.layer(x, at, cosine, sine)
        y.backward(gradient)
        g = x.grad
        assert g is not None
        return g.detach()

    def backward_kept(self) -> Tensor:
        """The embedding's gradient, which the recorded graph left; empty if it is frozen."""
        if not self.embedded.requires_grad:
            return torch.zeros(0, device=self.device())
        g = self.embedded.grad
        assert g is not None
        self.embedded = torch.zeros(0, device=self.device())
        return g.detach()

    @torch.jit.export
    def hidden_states(self, ids: Tensor) -> List[Tensor]:
        """Embedding output, then the output of every layer, the last one after the final norm; each [B, T, H]."""
        cosine, sine = self.rotation(ids.size(1))
        x = self.embed(ids)
        out = [x]
        for layer in range(self.layers):
            x = self.layer(x, layer * 14, cosine, sine)
            out.append(x if layer < self.layers - 1 else self.final_norm(x))
        return out

    @torch.jit.export
    def teach(self, ids: Tensor, feature_layers: List[int]) -> List[Tensor]:
        """Features [B, T, 3H] (inputs of the given layers) and logits [B, T, V]."""
        states = self.hidden_states(ids.to(self.device()))
        parts = torch.jit.annotate(List[Tensor], [])
        for layer in feature_layers:
            parts.append(states[layer])
        last = states[self.layers]
        logits = self.logits(last.reshape(-1, last.size(-1))).view(last.size(0), last.size(1), -1)
        return [torch.cat(parts, -1), logits]

    def logits(self, x: Tensor) -> Tensor:
        """x [N, H] to [N, V]. A frozen head of another type is widened slice by slice."""
        head = self.parameters_[self.head_place()].detach()
        if head.dtype == x.dtype:
            return self.product(x, head)
        rows = max(1, self.slice_elements // head.size(1))
        out = torch.empty([x.size(0), head.size(0)], dtype=x.dtype, device=x.device)
        for at in range(0, head.size(0), rows):
            part = head.narrow(0, at, min(rows, head.size(0) - at)).to(x.dtype)
            out.narrow(1, at, part.size(0)).copy_(self.product(x, part))
        return out

    def head_backward(self, gradient: Tensor, first: int):
        """From the gradient [N, V] of the logits of the states from `first` on: theirs, and the head's if it is
        trained."""
        head = self.parameters_[self.head_place()].detach()
        into = self.state_gradient.narrow(0, first, gradient.size(0))
        if head.dtype == gradient.dtype:
            into.copy_(self.product(gradient, head.t()))
        else:
            rows = max(1, self.slice_elements // head.size(1))
            into.zero_()
            for at in range(0, head.size(0), rows):
                part = head.narrow(0, at, min(rows, head.size(0) - at)).to(gradient.dtype)
                into.add_(self.product(gradient.narrow(1, at, part.size(0)), part.t()))
        of_head = self.gradient(self.head_place())
        if of_head.numel() > 0:
            self.add_products(of_head, gradient, self.states.narrow(0, first, gradient.size(0)))

    def add_products(self, into: Tensor, g: Tensor, x: Tensor):
        """Adds g [n, out] transposed times x [n, in] to into [out, in], in slices where it takes an array between."""
        if not self.multiplies:
            into.addmm_(g.t(), x)
            return
        rows = max(1, self.slice_elements // into.size(1))
        for at in range(0, into.size(0), rows):
            count = min(rows, into.size(0) - at)
            into.narrow(0, at, count).add_(self.passes.weight_gradient(g.narrow(1, at, count), x))

    def chunk_rows(self) -> int:
        return max(1, self.chunk_elements // self.parameters_[self.head_place()].size(0))

    def distribution(self, x: Tensor, targets: Tensor, inverse_temperature: float) -> Tuple[Tensor, Tensor, Tensor]:
        """Probabilities [N, V], log-probabilities of the targets [N] and entropies [N]."""
        logits = self.logits(x)
        if inverse_temperature != 1.0:
            logits.mul_(inverse_temperature)
        logp = torch.log_softmax(logits, -1)
        # at most two arrays of that size at a time
        logits = torch.zeros(0, device=self.device())
        p = logp.exp()
        # a dot product per row: no product of that size
        entropy = -torch.bmm(p.unsqueeze(1), logp.unsqueeze(2)).view(-1)
        return p, logp.gather(1, targets.unsqueeze(1)).squeeze(1), entropy

    def scores(self, first: int, last: int, targets: Tensor, inverse_temperature: float, keeps: bool) -> List[Tensor]:
        logps = torch.jit.annotate(List[Tensor], [])
        entropies = torch.jit.annotate(List[Tensor], [])
        self.probabilities = torch.zeros(0, device=self.device())
        rows = self.chunk_rows()
        for at in range(first, last, rows):
            upto = min(at + rows, last)
            p, logp, entropy = self.distribution(self.states[at:upto], targets[at:upto], inverse_temperature)
            logps.append(logp)
            entropies.append(entropy)
            if keeps and last - first <= rows:
                self.probabilities = p
        return [torch.cat(logps).cpu(), torch.cat(entropies).cpu()]

    @torch.jit.export
    def evaluate(
        self, ids: Tensor, rows: Tensor, targets: Tensor, inverse_temperature: float, adapted: bool
    ) -> List[Tensor]:
        """As encode() and score() of all rows, without what a backward pass needs; with the adapter or without it."""
        self.drops = False
        self.adapts = adapted
        ids = ids.to(self.device())
        x = self.hidden_without_graph(ids, False) if self.written_out else self.hidden(ids)
        self.adapts = True
        return self.evaluate_states(x, rows, targets, inverse_temperature)

    def evaluate_states(self, x: Tensor, rows: Tensor, targets: Tensor, inverse_temperature: float) -> List[Tensor]:
        self.states = x.reshape(-1, x.size(-1)).index_select(0, rows.to(self.device()))
        out = self.scores(0, rows.numel(), targets.to(self.device()), inverse_temperature, False)
        self.states = torch.zeros(0, device=self.device())
        return out

    @torch.jit.export
    def evaluate_top(self, top: Tensor, rows: Tensor, targets: Tensor, inverse_temperature: float) -> List[Tensor]:
        """As evaluate(), from the output [B, T, H] of layers that were computed elsewhere."""
        return self.evaluate_states(self.final_norm(top), rows, targets, inverse_temperature)

    @torch.jit.export
    def embeddings(self, ids: Tensor) -> Tensor:
        """Input [B, T, H] of the first layer, for layers that are computed elsewhere."""
        return self.embed(ids)

    @torch.jit.export
    def encode_top(self, ids: Tensor, rows: Tensor, top: Tensor) -> Tensor:
        """As encode(), from the output [B, T, H] of layers that were computed elsewhere."""
        self.drops = False
        self.ids = ids.clone()
        top = top.clone()
        top.requires_grad_(True)
        self.top = top
        self.select(self.final_norm(top), rows)
        return torch.tensor(rows.numel(), device=rows.device)

    @torch.jit.export
    def finish_top(self, nothing: Tensor) -> Tensor:
        """Gradient [B, T, H] of encode_top()'s output of the layers."""
        self.selected.backward(self.state_gradient)
        g = self.top.grad
        assert g is not None
        self.top = torch.zeros(0, device=self.device())
        return g.detach().contiguous()

    @torch.jit.export
    def finish_embeddings(self, gradient: Tensor):
        """The rest after finish_top(), from the gradient [B, T, H] of the embeddings."""
        self.finish_below(gradient)

    @torch.jit.export
    def encode(self, ids: Tensor, rows: Tensor, seed: Tensor) -> Tensor:
        """Final hidden states of the flattened [B * T] positions `rows` of ids [B, T], for score(). seed decides what
        dropout leaves out."""
        self.drops = self.dropout > 0.0
        self.dropout_seed = int(seed)
        self.ids = ids.to(self.device(), copy=True)
        x = self.hidden_without_graph(self.ids, True) if self.written_out or self.recomputes else self.hidden(self.ids)
        self.select(x, rows)
        return torch.tensor(rows.numel(), device=seed.device)

    def select(self, x: Tensor, rows: Tensor):
        # the graph holds the indices
        self.selected = x.reshape(-1, x.size(-1)).index_select(0, rows.to(self.device(), copy=True))
        self.states = self.selected.detach()
        self.state_gradient = torch.zeros_like(self.states)

    @torch.jit.export
    def score(self, first: int, last: int, targets: Tensor, inverse_temperature: float) -> List[Tensor]:
        """Log-probabilities of the next tokens `targets` [N] and entropies, at the temperature, of the states from first
        to before last. Keeps the probabilities for descend() if they are one chunk."""
        return self.scores(first, last, targets.to(self.device()), inverse_temperature, True)

    @torch.jit.export
    def descend(self, first: int, last: int, targets: Tensor, inverse_temperature: float, cotangent: Tensor):
        """Gradient of sum(cotangent * log-probabilities) through the head; cotangent [last - first]. Follows score()
        of the same states."""
        rows = self.chunk_rows()
        targets = targets.to(self.device())
        cotangent = cotangent.to(self.device())
        for at in range(first, last, rows):
            upto = min(at + rows, last)
            p = self.probabilities
            if p.numel() == 0:
                p, logp, entropy = self.distribution(self.states[at:upto], targets[at:upto], inverse_temperature)
            scaled = (cotangent[at - first : upto - first] * inverse_temperature).unsqueeze(1)
            p.mul_(-scaled)
            p.scatter_add_(1, targets[at:upto].unsqueeze(1), scaled)
            self.head_backward(p, at)
        self.probabilities = torch.zeros(0, device=self.device())

    @torch.jit.export
    def finish(self, nothing: Tensor) -> Tensor:
        """The rest of the backward pass, from the gradient of the states down; gradients add up."""
        self.selected.backward(self.state_gradient)
        self.finish_below(self.backward_layers() if self.written_out or self.recomputes else self.backward_kept())
        return nothing

    def finish_below(self, gradient: Tensor):
        of_embedding = self.gradient(self.layers * 14)
        if of_embedding.numel() > 0:
            of_embedding.index_add_(0, self.ids.reshape(-1), gradient.reshape(-1, gradient.size(-1)))
        self.drops = False
        self.selected = torch.zeros(0, device=self.device())
        self.states = torch.zeros(0, device=self.device())
        self.state_gradient = torch.zeros(0, device=self.device())
        self.ids = torch.zeros(0, dtype=torch.long, device=self.device())

    @torch.jit.export
    def update(
        self,
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        weight_decay: float,
        clip: float,
        step: int,
    ) -> float:
        """AdamW (decoupled decay, matrices only) after clipping by global norm; zeroes the gradients.
        step counts from 1. Returns the norm before clipping; a norm that is not finite leaves everything as it was."""
        total = 0.0
        for place in range(len(self.first_moments)):
            g = self.gradient(place)
            if g.numel() > 0:
                norm = float(torch.linalg.vector_norm(g))
                total += norm * norm
        norm = total**0.5
        finite = norm == norm and norm < 1e30
        # the fused update divides gradients by this
        scale = (norm + 1e-6) / clip if clip > 0.0 and norm > clip else 1.0
        divisor = torch.tensor(scale, device=self.device())
        count = torch.tensor(float(step), device=self.device())
        none = torch.jit.annotate(List[Tensor], [])
        # the compiler drops an update of lists that nothing else can see
        self.updated = [none, none, none, none]
        for place in range(len(self.first_moments)):
            g = self.gradient(place)
            if g.numel() > 0:
                if finite:
                    self.ensure_moments(place)
                    w = self.stored(0, place)
                    self.updated[0] = [w]
                    self.updated[1] = [g]
                    self.updated[2] = [self.first_moments[place]]
                    self.updated[3] = [self.second_moments[place]]
                    torch._fused_adamw_(
                        self.updated[0],
                        self.updated[1],
                        self.updated[2],
                        self.updated[3],
                        none,
                        [count],
                        lr=learning_rate,
                        beta1=beta1,
                        beta2=beta2,
                        weight_decay=weight_decay if w.dim() > 1 else 0.0,
                        eps=epsilon,
                        amsgrad=False,
                        maximize=False,
                        grad_scale=divisor,
                    )
                g.zero_()
        self.updated = [none, none, none, none]
        return norm
