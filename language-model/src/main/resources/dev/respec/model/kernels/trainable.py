"""Decoder-only transformer for training: parameters, gradients and AdamW moments live inside the module.

Every method that needs gradients takes tensors only. Rows are right-padded, so causal attention alone keeps padding
out of the tokens that count.
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
    first_moments: List[Tensor]
    second_moments: List[Tensor]
    recomputes: bool
    written_out: bool
    layer_inputs: List[Tensor]
    kept: List[List[Tensor]]

    def __init__(self):
        super().__init__()
        self.layers = 0
        self.heads = 0
        self.kv_heads = 0
        self.head_dim = 0
        self.epsilon = 1e-6
        self.parameters_ = torch.jit.annotate(List[Tensor], [])
        self.first_moments = torch.jit.annotate(List[Tensor], [])
        self.second_moments = torch.jit.annotate(List[Tensor], [])
        self.inverse_frequencies = torch.zeros(0)
        self.attention_factor = 1.0
        self.log_probabilities = torch.zeros(0)
        self.recomputes = False
        self.written_out = False
        self.passes = LayerPass()
        self.layer_inputs = torch.jit.annotate(List[Tensor], [])
        self.kept = torch.jit.annotate(List[List[Tensor]], [])
        self.turned = torch.zeros(0)
        self.ids = torch.zeros(0, dtype=torch.long)
        self.top = torch.zeros(0)

    @torch.jit.export
    def recompute(self, on: bool):
        """Whether a layer's activations are forgotten and computed again for its gradient (gradient checkpointing)."""
        self.recomputes = on

    @torch.jit.export
    def write_out(self, on: bool):
        """Whether layers go through LayerPass, for processors whose oneDNN has the products; autograd's way otherwise."""
        self.written_out = on

    @torch.jit.export
    def multiply(self, size: int, times: int) -> float:
        """Multiplies square matrices as the layers do, for measuring; returns the floating-point operations."""
        x = torch.ones([size, size])
        for _ in range(times):
            if self.written_out:
                self.passes.product(x, x)
            else:
                torch.nn.functional.linear(x, x)
        return 2.0 * times * size * size * size

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
        self.passes.configure(heads, kv_heads, head_dim, epsilon)
        self.inverse_frequencies = inverse_frequencies.clone()
        self.attention_factor = attention_factor

    @torch.jit.export
    def load(self, weights: List[Tensor]) -> Tensor:
        """Order as in decoder.py: fourteen a layer, then embedding, final norm, head; absent ones are empty."""
        parameters = torch.jit.annotate(List[Tensor], [])
        first = torch.jit.annotate(List[Tensor], [])
        second = torch.jit.annotate(List[Tensor], [])
        for w in weights:
            parameters.append(self.differentiable(w.detach().clone()))
            first.append(torch.zeros_like(w))
            second.append(torch.zeros_like(w))
        self.parameters_ = parameters
        self.first_moments = first
        self.second_moments = second
        return torch.tensor(len(parameters))

    def differentiable(self, p: Tensor) -> Tensor:
        """p with a gradient of zeros, which a script can add to but not assign."""
        p.requires_grad_(p.numel() > 0)
        if p.numel() > 0 and torch.is_grad_enabled():
            (p * 0.0).sum().backward()
        return p

    @torch.jit.export
    def share(self, weights: List[Tensor]) -> Tensor:
        """Takes the weights of another module as they are, without a copy, and gradients of its own."""
        parameters = torch.jit.annotate(List[Tensor], [])
        for w in weights:
            parameters.append(self.differentiable(w.detach()))
        self.parameters_ = parameters
        return torch.tensor(len(parameters))

    @torch.jit.export
    def add_gradients(self, gradients: List[Tensor]):
        """Adds another module's gradients, which become zero."""
        for i in range(len(gradients)):
            p = self.parameters_[i]
            if p.numel() > 0:
                g = p.grad
                assert g is not None
                g.detach().add_(gradients[i])
                gradients[i].zero_()

    @torch.jit.export
    def restore(self, moments: List[Tensor]) -> Tensor:
        """First moments, then second moments, in the order of the parameters."""
        count = len(self.parameters_)
        for i in range(count):
            self.first_moments[i] = moments[i].clone()
            self.second_moments[i] = moments[count + i].clone()
        return torch.tensor(count)

    @torch.jit.export
    def state(self, moments: bool) -> List[Tensor]:
        out = torch.jit.annotate(List[Tensor], [])
        for p in self.parameters_:
            out.append(p.detach())
        if moments:
            for m in self.first_moments:
                out.append(m)
            for m in self.second_moments:
                out.append(m)
        return out

    @torch.jit.export
    def gradients(self) -> List[Tensor]:
        out = torch.jit.annotate(List[Tensor], [])
        for p in self.parameters_:
            # an absent parameter has no gradient, which a script sees as an undefined tensor, not as None
            if p.numel() > 0:
                g = p.grad
                assert g is not None
                out.append(g.detach())
            else:
                out.append(torch.zeros(0))
        return out

    def normalise(self, x: Tensor, weight: Tensor) -> Tensor:
        return x * torch.rsqrt(torch.mean(x * x, dim=-1, keepdim=True) + self.epsilon) * weight

    def layer(self, x: Tensor, at: int, cosine: Tensor, sine: Tensor) -> Tensor:
        w = self.parameters_[at : at + 14]
        batch = x.size(0)
        length = x.size(1)
        y = self.normalise(x, w[0])
        if w[4].numel() > 0:
            q = torch.nn.functional.linear(y, w[1], w[4])
            k = torch.nn.functional.linear(y, w[2], w[5])
            v = torch.nn.functional.linear(y, w[3], w[6])
        else:
            q = torch.nn.functional.linear(y, w[1])
            k = torch.nn.functional.linear(y, w[2])
            v = torch.nn.functional.linear(y, w[3])
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
        x = x + torch.nn.functional.linear(attended, w[7])
        y = self.normalise(x, w[10])
        gated = torch.nn.functional.silu(torch.nn.functional.linear(y, w[11])) * torch.nn.functional.linear(y, w[12])
        return x + torch.nn.functional.linear(gated, w[13])

    def rotation(self, length: int) -> Tuple[Tensor, Tensor]:
        angles = torch.arange(length, dtype=torch.float32).unsqueeze(1) * self.inverse_frequencies.unsqueeze(0)
        cosine = (torch.cat([torch.cos(angles), torch.cos(angles)], 1) * self.attention_factor).view(1, length, 1, self.head_dim)
        sine = (torch.cat([-torch.sin(angles), torch.sin(angles)], 1) * self.attention_factor).view(1, length, 1, self.head_dim)
        return cosine, sine

    def head(self) -> Tensor:
        last = self.layers * 14
        head = self.parameters_[last + 2]
        return self.parameters_[last] if head.numel() == 0 else head

    def hidden(self, ids: Tensor) -> Tensor:
        cosine, sine = self.rotation(ids.size(1))
        x = torch.nn.functional.embedding(ids, self.parameters_[self.layers * 14])
        for layer in range(self.layers):
            x = self.layer(x, layer * 14, cosine, sine)
        return self.normalise(x, self.parameters_[self.layers * 14 + 1])

    def hidden_without_graph(self, ids: Tensor, keeps: bool) -> Tensor:
        """hidden() without a graph below the last layer's output. What backward_layers() needs is kept: the layers'
        activations, or their inputs alone where activations are computed again."""
        cosine, sine = self.rotation(ids.size(1))
        turns = self.passes.turns(self.inverse_frequencies, self.attention_factor, ids.size(1))
        self.turned = turns
        inputs = torch.jit.annotate(List[Tensor], [])
        self.kept = torch.jit.annotate(List[List[Tensor]], [])
        with torch.no_grad():
            x = torch.nn.functional.embedding(ids, self.parameters_[self.layers * 14])
            for layer in range(self.layers):
                if keeps and self.recomputes:
                    inputs.append(x)
                if self.written_out:
                    rows, kept = self.passes.forward(x.flatten(0, 1), self.parameters_[layer * 14 : layer * 14 + 14], turns)
                    x = rows.view_as(x)
                    if keeps and not self.recomputes:
                        self.kept.append(kept)
                else:
                    x = self.layer(x, layer * 14, cosine, sine)
        if not keeps:
            return self.normalise(x, self.parameters_[self.layers * 14 + 1])
        self.layer_inputs = inputs
        self.ids = ids.clone()
        top = x.detach()
        top.requires_grad_(True)
        self.top = top
        return self.normalise(top, self.parameters_[self.layers * 14 + 1])

    def backward_layers(self):
        """Carries the gradient of the last layer's output down to the embedding, one layer at a time."""
        g = self.top.grad
        assert g is not None
        gradient = g.detach()
        self.top = torch.zeros(0)
        for i in range(self.layers):
            if self.written_out:
                gradient = self.backward_written_out(gradient, (self.layers - 1 - i) * 14)
            else:
                gradient = self.backward_recorded(gradient, (self.layers - 1 - i) * 14)
        table = self.parameters_[self.layers * 14].grad
        assert table is not None
        table.detach().index_add_(0, self.ids.flatten(), gradient.flatten(0, 1))

    def backward_written_out(self, gradient: Tensor, at: int) -> Tensor:
        w = self.parameters_[at : at + 14]
        turns = self.turned
        with torch.no_grad():
            if self.recomputes:
                _, kept = self.passes.forward(self.layer_inputs.pop().flatten(0, 1), w, turns)
            else:
                kept = self.kept.pop()
            down, gradients = self.passes.backward(gradient.flatten(0, 1), w, turns, kept)
            for i in range(14):
                if w[i].numel() > 0:
                    g = w[i].grad
                    assert g is not None
                    g.detach().add_(gradients[i])
        return down.view_as(gradient)

    def backward_recorded(self, gradient: Tensor, at: int) -> Tensor:
        cosine, sine = self.rotation(self.ids.size(1))
        x = self.layer_inputs.pop().detach()
        x.requires_grad_(True)
        y = self.layer(x, at, cosine, sine)
        y.backward(gradient)
        g = x.grad
        assert g is not None
        return g.detach()

    @torch.jit.export
    def hidden_states(self, ids: Tensor) -> List[Tensor]:
        """Embedding output, then the output of every layer, the last one after the final norm; each [B, T, H]."""
        cosine, sine = self.rotation(ids.size(1))
        x = torch.nn.functional.embedding(ids, self.parameters_[self.layers * 14])
        out = [x]
        for layer in range(self.layers):
            x = self.layer(x, layer * 14, cosine, sine)
            out.append(x if layer < self.layers - 1 else self.normalise(x, self.parameters_[self.layers * 14 + 1]))
        return out

    @torch.jit.export
    def teach(self, ids: Tensor, feature_layers: List[int]) -> List[Tensor]:
        """Features [B, T, 3H] (inputs of the given layers) and logits [B, T, V]."""
        states = self.hidden_states(ids)
        parts = torch.jit.annotate(List[Tensor], [])
        for layer in feature_layers:
            parts.append(states[layer])
        logits = torch.nn.functional.linear(states[self.layers], self.head())
        return [torch.cat(parts, -1), logits]

    @torch.jit.export
    def forward(self, ids: Tensor, rows: Tensor, targets: Tensor, inverse_temperature: Tensor) -> List[Tensor]:
        """ids [B, T]; rows [N] index the flattened [B * T] positions whose next tokens are the targets [N].
        Returns log-probabilities [N] of the targets and entropies [N], both at the temperature and without gradient; the
        log-probabilities' graph is kept for backward()."""
        keeps = torch.is_grad_enabled()
        x = self.hidden_without_graph(ids, keeps) if self.written_out or (self.recomputes and keeps) else self.hidden(ids)
        x = x.reshape(-1, x.size(-1)).index_select(0, rows)
        logits = torch.nn.functional.linear(x, self.head()).float() * inverse_temperature
        logp = torch.log_softmax(logits, -1)
        self.log_probabilities = logp.gather(1, targets.unsqueeze(1)).squeeze(1)
        distribution = logp.detach()
        entropy = -(distribution.exp() * distribution).sum(-1)
        return [self.log_probabilities.detach(), entropy]

    @torch.jit.export
    def accumulate(self, cotangent: Tensor) -> Tensor:
        """Adds the gradient of sum(cotangent * log-probabilities) of the last forward()."""
        total = (self.log_probabilities * cotangent).sum()
        total.backward()
        if self.recomputes or self.written_out:
            self.backward_layers()
        self.log_probabilities = torch.zeros(0)
        return total.detach()

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
        for p in self.parameters_:
            if p.numel() > 0:
                g = p.grad
                assert g is not None
                norm = float(torch.linalg.vector_norm(g.detach()))
                total += norm * norm
        norm = total**0.5
        finite = norm == norm and norm < 1e30
        factor = clip / (norm + 1e-6) if clip > 0.0 and norm > clip else 1.0
        correction1 = 1.0 - beta1**step
        correction2 = (1.0 - beta2**step) ** 0.5
        for i in range(len(self.parameters_)):
            p = self.parameters_[i]
            if p.numel() > 0:
                g = p.grad
                assert g is not None
                d = g.detach()
                if finite:
                    w = p.detach()
                    m = self.first_moments[i]
                    v = self.second_moments[i]
                    d.mul_(factor)
                    m.mul_(beta1).add_(d, alpha=1.0 - beta1)
                    v.mul_(beta2).addcmul_(d, d, value=1.0 - beta2)
                    if w.dim() > 1:
                        w.mul_(1.0 - learning_rate * weight_decay)
                    w.addcdiv_(m, v.sqrt().div_(correction2).add_(epsilon), value=-learning_rate / correction1)
                d.zero_()
        return norm
