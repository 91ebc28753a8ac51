"""EAGLE-3 training with the training-time test: the drafter is unrolled over its own states, as it will be used.

Pass j of row t joins the layer's output of pass j-1 (pass 0: the projected target features of token t) with the
embedding of token t+1+j and predicts token t+2+j. It sees the pass-0 keys of rows 0..t and its own row's keys of passes
1..j, at rotary position t+j. Parameters, gradients and AdamW moments live inside the module; methods that need
gradients take tensors only.

Parameters in order: fc, q, k, v, o, gate, up, down, input_norm, hidden_norm, post_norm, norm, lm_head.
"""

from typing import List, Tuple

import torch
from torch import Tensor


class Eagle3Training(torch.nn.Module):
    parameters_: List[Tensor]
    gradients: List[Tensor]
    first_moments: List[Tensor]
    second_moments: List[Tensor]

    def __init__(self):
        super().__init__()
        self.home = torch.zeros(0)
        self.heads = 0
        self.kv_heads = 0
        self.head_dim = 0
        self.eps = 0.0
        self.norm_before_residual = False
        self.attention_factor = 1.0
        self.parameters_ = torch.jit.annotate(List[Tensor], [])
        self.gradients = torch.jit.annotate(List[Tensor], [])
        self.first_moments = torch.jit.annotate(List[Tensor], [])
        self.second_moments = torch.jit.annotate(List[Tensor], [])
        self.embeddings = torch.zeros(0)
        self.ids = torch.zeros(0, dtype=torch.int64)
        self.drafted = torch.zeros(0, dtype=torch.bool)
        self.draft_ids = torch.zeros(0, dtype=torch.int64)
        self.frequencies = torch.zeros(0)

    @torch.jit.export
    def reside(self, on: Tensor):
        """Before anything else: the device of this tensor computes. What is given to the module may lie elsewhere, and
        what it returns to be read is copied to the host."""
        self.home = torch.zeros(0, device=on.device)

    def device(self) -> torch.device:
        return self.home.device

    @torch.jit.export
    def configure(self, heads: int, kv_heads: int, head_dim: int, eps: float, norm_before_residual: bool,
                  attention_factor: float) -> int:
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, head_dim
        self.eps = eps
        self.norm_before_residual = norm_before_residual
        self.attention_factor = attention_factor
        return heads

    @torch.jit.export
    def load(self, parameters: List[Tensor], fixed: List[Tensor]) -> Tensor:
        """fixed: embeddings [V,h], target ids int64 [Vd], inverse frequencies [head_dim/2]."""
        copies = torch.jit.annotate(List[Tensor], [])
        zeros = torch.jit.annotate(List[List[Tensor]], [[], [], []])
        for parameter in parameters:
            copies.append(parameter.detach().to(self.device(), copy=True).requires_grad_())
            for i in range(3):
                zeros[i].append(torch.zeros_like(copies[-1]))
        self.parameters_ = copies
        self.gradients, self.first_moments, self.second_moments = zeros[0], zeros[1], zeros[2]
        device = self.device()
        self.embeddings = fixed[0].to(device, copy=True)
        self.ids, self.frequencies = fixed[1].to(device, copy=True), fixed[2].to(device, copy=True)
        self.drafted = torch.zeros(self.embeddings.size(0), dtype=torch.bool, device=device).index_fill(0, self.ids, True)
        self.draft_ids = torch.zeros(self.embeddings.size(0), dtype=torch.int64, device=device).scatter_(
            0, self.ids, torch.arange(self.ids.size(0), device=device))
        return torch.zeros(0, device=device)

    @torch.jit.export
    def assign(self, parameters: List[Tensor], moments: List[Tensor]) -> int:
        """Replaces values in place; moments: first of all parameters, then second."""
        count = len(parameters)
        for i in range(count):
            self.parameters_[i].detach().copy_(parameters[i])
            self.first_moments[i].copy_(moments[i])
            self.second_moments[i].copy_(moments[count + i])
            self.gradients[i].zero_()
        return count

    def copy(self, x: Tensor) -> Tensor:
        """On the host."""
        return x.clone().cpu()

    @torch.jit.export
    def state(self) -> List[Tensor]:
        """Copies of all parameters, then of all first and all second moments."""
        out = torch.jit.annotate(List[Tensor], [])
        for parameter in self.parameters_:
            out.append(self.copy(parameter.detach()))
        for moment in self.first_moments:
            out.append(self.copy(moment))
        for moment in self.second_moments:
            out.append(self.copy(moment))
        return out

    @torch.jit.export
    def accumulated(self) -> List[Tensor]:
        """Copies of the gradients accumulated since the last step."""
        out = torch.jit.annotate(List[Tensor], [])
        for gradient in self.gradients:
            out.append(self.copy(gradient))
        return out

    # ---- model ------------------------------------------------------------------------------------------------

    def rms(self, x: Tensor, weight: Tensor) -> Tensor:
        return x * torch.rsqrt(torch.mean(x * x, -1, True) + self.eps) * weight

    def rotate(self, x: Tensor, offset: int) -> Tensor:
        """x [B,T,heads,d] at rotary positions offset..offset+T-1, pairs (j, j + d/2)."""
        at = torch.arange(offset, offset + x.size(1), dtype=torch.float32, device=x.device)
        angles = torch.outer(at, self.frequencies).unsqueeze(1)
        cosine, sine = torch.cos(angles) * self.attention_factor, torch.sin(angles) * self.attention_factor
        a, b = x.chunk(2, -1)
        return torch.cat([a * cosine - b * sine, b * cosine + a * sine], -1)

    def shift(self, x: Tensor, by: int, fill: float = 0.0) -> Tensor:
        """Left along dimension 1."""
        return torch.cat([x[:, by:], torch.full_like(x[:, :by], fill)], 1)

    def layer(self, g: Tensor, tokens: Tensor, offset: int, causal: Tensor, keys: List[Tensor],
              values: List[Tensor]) -> Tensor:
        """g [B,T,h]; appends this pass's keys and values [B*kv_heads,T,d]."""
        w = self.parameters_
        batch, length, kv, d = g.size(0), g.size(1), self.kv_heads, self.head_dim
        group = self.heads // kv
        normed = self.rms(g, w[9])
        x = torch.cat([self.rms(self.embeddings[tokens], w[8]), normed], -1)
        q = self.rotate(torch.matmul(x, w[1].t()).view(batch, length, self.heads, d), offset)
        k = self.rotate(torch.matmul(x, w[2].t()).view(batch, length, kv, d), offset)
        v = torch.matmul(x, w[3].t()).view(batch, length, kv, d)
        q = q.view(batch, length, kv, group, d).permute(0, 2, 3, 1, 4).reshape(batch * kv, group, length, d)
        keys.append(k.transpose(1, 2).reshape(batch * kv, length, d))
        values.append(v.transpose(1, 2).reshape(batch * kv, length, d))
        scores = torch.bmm(q.reshape(batch * kv, group * length, d), keys[0].transpose(1, 2))
        parts = [scores.view(batch * kv, group, length, length)]
        for later in range(1, len(keys)):
            parts.append((q * keys[later].unsqueeze(1)).sum(-1, keepdim=True))
        scores = torch.cat(parts, -1) / float(d) ** 0.5
        p = torch.softmax(scores + causal[:, : scores.size(-1)], -1)
        attended = torch.bmm(p[..., :length].reshape(batch * kv, group * length, length), values[0])
        attended = attended.view(batch * kv, group, length, d)
        for later in range(1, len(keys)):
            column = length + later - 1
            attended = attended + p[..., column : column + 1] * values[later].unsqueeze(1)
        attended = attended.view(batch, kv, group, length, d).permute(0, 3, 1, 2, 4).reshape(batch, length, -1)
        h = (normed if self.norm_before_residual else g) + torch.matmul(attended, w[4].t())
        n = self.rms(h, w[10])
        m = torch.nn.functional.silu(torch.matmul(n, w[5].t())) * torch.matmul(n, w[6].t())
        return h + torch.matmul(m, w[7].t())

    def unroll(self, features: Tensor, tokens: Tensor, teacher: Tensor, loss_mask: Tensor, weights: Tensor,
               scalars: Tensor) -> Tuple[Tensor, Tensor, List[Tensor]]:
        w = self.parameters_
        device = self.device()
        features, tokens, teacher = features.to(device), tokens.to(device), teacher.to(device)
        loss_mask, weights = loss_mask.to(device), weights.to(device)
        passes, decay, denominator = int(scalars[0].item()), float(scalars[1].item()), float(scalars[2].item())
        variation = float(scalars[3].item())
        length = tokens.size(1)
        teacher = teacher.to(torch.float32)
        on_draft = teacher.index_select(2, self.ids)
        log_mass = torch.logsumexp(on_draft, -1, True)
        soft = torch.exp(on_draft - log_mass)
        whole = torch.exp(on_draft - torch.logsumexp(teacher, -1, True))
        best = torch.argmax(teacher, -1)
        later = torch.ones([length, length], dtype=torch.bool, device=device).triu(1)
        unseen = torch.cat([later, torch.zeros([length, passes], dtype=torch.bool, device=device)], 1)
        causal = torch.zeros([length, length + passes], device=device).masked_fill(unseen, float("-inf"))
        keys = torch.jit.annotate(List[Tensor], [])
        values = torch.jit.annotate(List[Tensor], [])
        rows = torch.jit.annotate(List[Tensor], [])
        kept = torch.jit.annotate(List[Tensor], [])
        overlaps = torch.jit.annotate(List[Tensor], [])
        loss = torch.zeros([], device=device)
        g = torch.matmul(features.to(torch.float32, copy=True), w[0].t())
        for j in range(passes):
            g = self.layer(g, self.shift(tokens, 1 + j), j, causal, keys, values)
            log_q = torch.log_softmax(torch.matmul(self.rms(g, w[11]), w[12].t()), -1)
            # The reference fills with logits of zero: a uniform teacher behind the last row.
            target = self.shift(soft, 1 + j, 1.0 / float(self.ids.size(0)))
            target_best = self.shift(best, 1 + j)
            mask = self.shift(loss_mask, j)
            counted = mask * self.drafted[target_best].to(torch.float32)
            cross_entropy = -(target * log_q).sum(-1)
            weight = weights[min(j, weights.size(0) - 1)]
            loss_sum = (cross_entropy * counted * weight).sum()
            q = torch.exp(log_q if variation > 0.0 else log_q.detach())
            likely = self.shift(whole, 1 + j)
            overlap = torch.minimum(q, likely).sum(-1)
            if variation > 0.0:
                loss_sum = loss_sum + variation * ((1.0 - overlap) * mask * weight).sum()
            loss = loss + decay ** j * loss_sum / denominator
            q, overlap = q.detach(), overlap.detach()
            hits = (self.ids[torch.argmax(log_q.detach(), -1)] == target_best).to(torch.float32) * counted
            kept.append(self.kept(q, likely, self.shift(tokens, 2 + j)))
            overlaps.append(overlap)
            rows.append(torch.stack([loss_sum.detach(), counted.sum(), mask.sum(), hits.sum(),
                                     (overlap * counted).sum(), (overlap * mask).sum()]))
        accepted = [torch.stack(overlaps).detach().cpu(), torch.stack(kept).detach().cpu()]
        return loss, torch.stack(rows, 1).detach().cpu(), accepted

    def kept(self, q: Tensor, likely: Tensor, tokens: Tensor) -> Tensor:
        """Probability that a token which the target emitted came from an accepted draft, min(1, q / p): the target emits
        it with p, as an accepted draft with min(p, q)."""
        at = self.draft_ids[tokens].unsqueeze(-1)
        ratio = q.gather(-1, at) / likely.gather(-1, at).clamp(min=1e-30)
        return ratio.squeeze(-1).clamp(max=1.0) * self.drafted[tokens].to(torch.float32)

    @torch.jit.export
    def accumulate(self, features: Tensor, tokens: Tensor, teacher: Tensor, loss_mask: Tensor, weights: Tensor,
                   scalars: Tensor) -> Tensor:
        """features [B,T,3H], tokens int64 [B,T], teacher logits [B,T,V], loss_mask float [B,T] (row t counts where
        mask[t] is 1), weights of the losses [1 or passes, B, 1 or T]; scalars: passes, decay a pass, what the summed loss
        is divided by, weight of the total variation. Adds to the gradients. Returns sums by pass, [6,passes]: weighted loss, positions counted, positions in
        the mask, top-1 hits, sum of min(teacher, draft) over counted positions, the same over the mask.

        The loss of a row is the cross-entropy to the teacher renormalised over the draft vocabulary, where its most
        probable token is in there, plus the weighted total variation 1 - sum of min(teacher, draft) to the teacher as it
        is: the probability that speculative sampling rejects the draft."""
        loss, sums, accepted = self.unroll(features, tokens, teacher, loss_mask, weights, scalars)
        gradients = torch.autograd.grad([loss], self.parameters_)
        for i in range(len(gradients)):
            gradient = gradients[i]
            if gradient is not None:
                self.gradients[i].add_(gradient)
        return sums

    @torch.jit.export
    def evaluate(self, features: Tensor, tokens: Tensor, teacher: Tensor, loss_mask: Tensor, weights: Tensor,
                 scalars: Tensor) -> List[Tensor]:
        """The sums of accumulate, and twice [passes,B,T]: the probability that a draft of pass j of row t is accepted,
        and that the token which stands there came from an accepted draft; both given that the drafts before were
        accepted."""
        loss, sums, accepted = self.unroll(features, tokens, teacher, loss_mask, weights, scalars)
        return [sums, accepted[0], accepted[1]]

    @torch.jit.export
    def step(self, number: int, rate: float, beta1: float, beta2: float, eps: float, decay: float,
             clip: float) -> float:
        """AdamW on the accumulated gradients, clipped by global norm (no clipping where clip is 0), which are then
        zeroed; decay on matrices only. number counts from 1. Returns the norm before clipping; where it is not finite
        nothing but the gradients changes."""
        total = torch.zeros([], device=self.device())
        for gradient in self.gradients:
            total = total + (gradient * gradient).sum()
        norm = float(torch.sqrt(total).item())
        if not (norm < float("inf")):
            for gradient in self.gradients:
                gradient.zero_()
            return norm
        scale = 1.0
        if clip > 0.0:
            scale = min(1.0, clip / (norm + 1e-6))
        correction1, correction2 = 1.0 - beta1 ** number, 1.0 - beta2 ** number
        for i in range(len(self.gradients)):
            parameter, gradient = self.parameters_[i].detach(), self.gradients[i]
            gradient.mul_(scale)
            self.first_moments[i].mul_(beta1).add_(gradient, alpha=1.0 - beta1)
            self.second_moments[i].mul_(beta2).addcmul_(gradient, gradient, value=1.0 - beta2)
            if parameter.dim() > 1:
                parameter.mul_(1.0 - rate * decay)
            parameter.addcdiv_(self.first_moments[i], (self.second_moments[i] / correction2).sqrt_().add_(eps),
                               value=-rate / correction1)
            gradient.zero_()
        return norm
