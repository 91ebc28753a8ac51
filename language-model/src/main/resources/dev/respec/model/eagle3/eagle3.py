"""EAGLE-3 drafting: one decoder layer over target features, with its key-value cache, as one scripted call a step.

Row t of the drafter joins the target's features of token t with the embedding of token t+1 and predicts token t+2.
Keys and values of a row depend on its input alone, so extending the cache by many rows needs attention, the MLP and
the head only for each sequence's last row.

What is folded at load, none of it visible outside: norm weights and the norms' sqrt(hidden) into the matrices behind
them, 1/sqrt(head_dim) into the query rows, the embedding half of q/k/v into a table by token where that table is small,
and the rotary pairs (j, j + head_dim/2) into neighbours (2j, 2j+1), which leaves every query-key product as it is.

A small model's step costs what its operations cost to call, so the loop has few: one complex product turns queries and
keys and leaves values (turned by nothing), one indexed copy writes keys and values.
"""

from typing import List, Tuple

import torch
from matrices import Matrices
from torch import Tensor


class Eagle3(torch.nn.Module):
    def __init__(self):
        super().__init__()
        none = torch.zeros(0)
        self.home = none
        self.matrices = Matrices()
        # places among the matrices
        self.fc, self.qkv, self.o, self.gate_up, self.down, self.head = 0, 1, 2, 3, 4, 5
        self.heads = 0
        self.kv_heads = 0
        self.head_dim = 0
        self.hidden = 0
        self.slots = 0
        self.capacity = 0
        self.norm_before_residual = False
        self.tabled = False
        self.identity_ids = False
        self.hidden_norm = none
        self.table = none
        self.draft_table = none
        self.ids = torch.zeros(0, dtype=torch.int64)
        self.frequencies = none
        self.attention_factor = 1.0
        self.floor = none
        self.cis = none
        self.cache = none
        self.rows = torch.zeros(0, dtype=torch.int64)
        self.last = none

    # ---- set-up -----------------------------------------------------------------------------------------------

    @torch.jit.export
    def reside(self, on: Tensor):
        """Before anything else: the device of this tensor computes. What is given to the module may lie elsewhere, and
        what it returns to be read is copied to the host."""
        self.home = torch.zeros(0, device=on.device)

    def device(self) -> torch.device:
        return self.home.device

    @torch.jit.export
    def load(self, weights: List[Tensor], sizes: List[int], eps: float, attention_factor: float, table_limit: int) -> int:
        """weights: fc, q, k, v, o, gate, up, down, input_norm, hidden_norm, post_norm, norm, lm_head, embeddings [V,h],
        target ids int64 [Vd], inverse frequencies [head_dim/2]; all float32 but the ids. sizes: heads, kv heads,
        head_dim, norm_before_residual, ids are the identity, then the flags of Matrices.begin. attention_factor: on
        rotated queries and keys. Copies what it keeps. Returns the draft vocabulary's size."""
        self.heads, self.kv_heads, self.head_dim = sizes[0], sizes[1], sizes[2]
        self.norm_before_residual, self.identity_ids = sizes[3] != 0, sizes[4] != 0
        self.matrices.begin(sizes[5] != 0, sizes[6] != 0, sizes[7] != 0)
        weights = self.here(weights)
        self.matrices.add(weights[0])
        hidden = weights[0].size(0)
        scale = float(hidden) ** 0.5
        self.floor = torch.tensor(scale * eps ** 0.5, device=self.device())
        q = self.neighbours(weights[1], self.heads) / float(self.head_dim) ** 0.5
        qkv = torch.cat([q, self.neighbours(weights[2], self.kv_heads), weights[3]], 0)
        of_embedding = qkv[:, :hidden] * (weights[8] * scale)
        self.hidden_norm = weights[9] * scale
        of_hidden = qkv[:, hidden:] * self.hidden_norm
        self.ids = weights[14].clone()
        self.tabled = weights[13].size(0) * qkv.size(0) <= table_limit
        if self.tabled:
            self.table = torch.mm(self.unit(weights[13]), of_embedding.t())
            self.matrices.add(of_hidden)
        else:
            self.table = weights[13].clone()
            self.matrices.add(torch.cat([of_embedding, of_hidden], 1))
        self.draft_table = self.table if self.identity_ids else self.table.index_select(0, self.ids)
        self.matrices.add(weights[4])
        self.matrices.add(torch.cat([weights[5], weights[6]], 0) * (weights[10] * scale))
        self.matrices.add(weights[7])
        self.matrices.add(weights[12] * (weights[11] * scale))
        self.hidden = hidden
        self.frequencies = weights[15].clone()
        self.attention_factor = attention_factor
        return self.ids.size(0)

    def here(self, arrays: List[Tensor]) -> List[Tensor]:
        moved = torch.jit.annotate(List[Tensor], [])
        for array in arrays:
            moved.append(array.to(self.device()))
        return moved

    def neighbours(self, w: Tensor, heads: int) -> Tensor:
        half = self.head_dim // 2
        return w.view(heads, 2, half, w.size(1)).transpose(1, 2).reshape(heads * self.head_dim, w.size(1))

    @torch.jit.export
    def allocate(self, slots: int, capacity: int) -> int:
        kv = self.kv_heads
        self.slots, self.capacity = slots, capacity
        self.cache = torch.zeros([2, slots * kv, capacity, self.head_dim], device=self.device())
        head = torch.arange(kv, device=self.device()) * capacity
        self.rows = torch.cat([head, head + slots * kv * capacity])
        self.last = torch.zeros([slots, self.hidden], device=self.device())
        positions = torch.arange(capacity, dtype=torch.float32, device=self.device())
        angles = torch.outer(positions, self.frequencies)
        self.cis = torch.polar(torch.full_like(angles, self.attention_factor), angles)
        return self.cache.numel() * self.cache.element_size()

    @torch.jit.export
    def copy_slot(self, source: int, target: int, length: int) -> int:
        kv = self.kv_heads
        self.cache[:, target * kv : (target + 1) * kv, :length] = self.cache[:, source * kv : (source + 1) * kv, :length]
        self.last[target] = self.last[source]
        return length

    # ---- the layer --------------------------------------------------------------------------------------------

    def unit(self, x: Tensor) -> Tensor:
        """RMS norm without its sqrt(hidden), which the weights have: x / sqrt(|x|^2 + hidden * eps)."""
        return x / torch.hypot(torch.linalg.vector_norm(x, 2, [-1], True), self.floor)

    def linear(self, x: Tensor, i: int) -> Tensor:
        return self.matrices.product(x, i).to(torch.float32)

    def turns(self, at: Tensor) -> Tensor:
        """Rotation of each head's pairs at rotary positions at [N]: [N, heads + 2 kv_heads, d/2] complex, 1 for values."""
        cis = self.cis.index_select(0, at).unsqueeze(1)
        still = torch.ones_like(cis).expand(-1, self.kv_heads, -1)
        return torch.cat([cis.expand(-1, self.heads + self.kv_heads, -1), still], 1)

    def places(self, slots: Tensor, at: Tensor) -> Tensor:
        """Rows of the flattened cache for slots [N] and cache rows at [N], keys and values of every head: [N * 2 kv]."""
        return ((slots * (self.kv_heads * self.capacity) + at).unsqueeze(1) + self.rows).view(-1)

    def project(self, embedded: Tensor, g: Tensor, turns: Tensor) -> Tuple[Tensor, Tensor]:
        """embedded: rows of the (draft) table; g [N,h]. Returns the residual [N,h] and queries, keys and values of all
        heads [N, heads + 2 kv_heads, d]."""
        normed = self.unit(g)
        if self.tabled:
            mixed = self.matrices.plus(embedded, normed, self.qkv)
        else:
            mixed = self.linear(torch.cat([self.unit(embedded), normed], 1), self.qkv)
        turned = torch.view_as_complex(mixed.view(turns.size(0), turns.size(1), turns.size(2), 2)) * turns
        mixed = torch.view_as_real(turned).flatten(2)
        residual = normed * self.hidden_norm if self.norm_before_residual else g
        return residual, mixed

    def write(self, mixed: Tensor, places: Tensor):
        self.cache.view(-1, self.head_dim).index_copy_(0, places,
                                                       mixed[:, self.heads :].reshape(-1, self.head_dim))

    def attend(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        """queries [B*kv_heads, n, d], keys transposed [B*kv_heads, d, L], values [B*kv_heads, L, d], mask additive."""
        return torch.bmm(torch.softmax(torch.baddbmm(mask, queries, keys), -1), values)

    def finish(self, residual: Tensor, attended: Tensor) -> Tensor:
        """Output projection, MLP; both residual. Returns the layer's output before the final norm [N,h]."""
        h = self.matrices.plus(residual, attended, self.o)
        gate, up = self.matrices.product(self.unit(h), self.gate_up).chunk(2, 1)
        return self.matrices.plus(h, torch.nn.functional.silu(gate) * up, self.down)

    def logits(self, h: Tensor) -> Tensor:
        return self.linear(self.unit(h), self.head)

    # ---- extending --------------------------------------------------------------------------------------------

    def masks(self, first: Tensor, steps: int, length: int) -> Tensor:
        """[steps, B*kv_heads, 1, length]; step s of sequence b sees rows 0..first[b]+s."""
        seen = first.unsqueeze(0) + torch.arange(steps, device=first.device).unsqueeze(1)
        hidden = torch.arange(length, device=first.device).view(1, 1, length) > seen.unsqueeze(2)
        mask = torch.zeros([steps, first.size(0), length], device=first.device).masked_fill_(hidden, float("-inf"))
        return mask.unsqueeze(2).expand(-1, -1, self.kv_heads, -1).reshape(steps, -1, 1, length)

    def extend_rows(self, features: List[Tensor], slot: int, numbers: Tensor, batch: int, rows: int, mask: Tensor,
                    length: int) -> Tensor:
        """Returns the layer's output of each sequence's last row [B,h], kept in `last` as well."""
        given = features[0].reshape(-1, features[0].size(-1)) if len(features) == 1 else torch.cat(features)
        chosen = given.to(self.device()).index_select(0, numbers[:rows])
        g = self.linear(chosen.to(torch.float32), self.fc)
        slots, at, nexts = numbers[rows : 2 * rows], numbers[2 * rows : 3 * rows], numbers[3 * rows : 4 * rows]
        residual, mixed = self.project(self.table.index_select(0, nexts), g, self.turns(at))
        self.write(mixed, self.places(slots, at))
        if rows > batch:
            lasts = numbers[4 * rows :]
            residual, mixed = residual.index_select(0, lasts), mixed.index_select(0, lasts)
        keys, values = self.cached(slot, batch, length)
        h = self.over(residual, mixed, keys, values, mask)
        self.last[slot : slot + batch] = h
        return h

    def cached(self, slot: int, batch: int, length: int) -> Tuple[Tensor, Tensor]:
        """Keys transposed and values of neighbouring slots, views of the cache."""
        both = self.cache[:, slot * self.kv_heads : (slot + batch) * self.kv_heads, :length]
        return both[0].transpose(1, 2), both[1]

    def over(self, residual: Tensor, mixed: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        """One query a sequence over its cache; returns the layer's output [B,h]."""
        queries = mixed[:, : self.heads].reshape(keys.size(0), self.heads // self.kv_heads, self.head_dim)
        attended = self.attend(queries, keys, values, mask)
        return self.finish(residual, attended.view(residual.size(0), self.heads * self.head_dim))

    @torch.jit.export
    def extend(self, features: List[Tensor], slot: int, numbers: List[int], batch: int, rows: int,
               length: int) -> Tensor:
        """Extends the caches of slots slot..slot+B-1 by `rows` rows in all, at least one a slot, in order of slots.
        features: arrays [.., 3H] of any float type, read as one list of vectors. numbers: for each row the place of its
        features in that list; its slot; its cache row; the token after it; then for each slot the index of its last row.
        length: the longest cache after extending. Returns the last rows' outputs [B,h] float32."""
        packed = torch.tensor(numbers, device=self.device())
        masks = self.masks(self.last_rows(packed, rows), 1, length)
        return self.extend_rows(features, slot, packed, batch, rows, masks[0], length)

    def last_rows(self, numbers: Tensor, rows: int) -> Tensor:
        return numbers[2 * rows : 3 * rows].index_select(0, numbers[4 * rows :])

    # ---- chain ------------------------------------------------------------------------------------------------

    def chain(self, h: Tensor, last: Tensor, masks: Tensor, slot: int, steps: int, uniforms: Tensor,
              inverse_temperature: float, length: int) -> List[Tensor]:
        """last int64 [B]: cache row of h. Returns target ids [B,steps] and, when sampling, q [B,steps,Vd]."""
        batch = h.size(0)
        keys, values = self.cached(slot, batch, length)
        chosen: List[Tensor] = []
        distributions: List[Tensor] = []
        places, turns = last, last
        if steps > 1:
            places = self.places(torch.arange(slot, slot + batch, device=last.device), last)
            later = last.unsqueeze(0) + torch.arange(1, steps, device=last.device).unsqueeze(1)
            turns = self.turns(later.view(-1)).view(steps - 1, batch, -1, self.head_dim // 2)
        for s in range(steps):
            if s > 0:
                residual, mixed = self.project(self.draft_table.index_select(0, chosen[-1]), h, turns[s - 1])
                self.write(mixed, places + s)
                h = self.over(residual, mixed, keys, values, masks[s])
            logits = self.logits(h)
            if inverse_temperature > 0.0:
                # inverse-CDF sampling: the first entry above u, as often as there are entries at or below it
                q = torch.softmax(logits if inverse_temperature == 1.0 else logits * inverse_temperature, -1)
                cumulative = torch.cumsum(q, -1)
                bar = uniforms[s] * cumulative[:, -1:]
                chosen.append(torch.searchsorted(cumulative, bar, right=True).squeeze(1))
                distributions.append(q)
            else:
                chosen.append(torch.argmax(logits, -1))
        tokens = torch.stack(chosen, 1)
        if not self.identity_ids:
            tokens = self.ids[tokens]
        tokens = tokens.cpu()
        return [tokens, torch.stack(distributions, 1).cpu()] if inverse_temperature > 0.0 else [tokens]

    @torch.jit.export
    def extend_and_draft(self, features: List[Tensor], slot: int, numbers: List[int], batch: int, rows: int,
                         length: int, steps: int, uniforms: List[float], inverse_temperature: float) -> List[Tensor]:
        """As extend, then as draft; length: the longest cache after extending plus steps - 1."""
        packed = torch.tensor(numbers, device=self.device())
        last = self.last_rows(packed, rows)
        masks = self.masks(last, steps, length)
        h = self.extend_rows(features, slot, packed, batch, rows, masks[0], length)
        return self.chain(h, last, masks, slot, steps, self.random(uniforms, steps, batch), inverse_temperature, length)

    @torch.jit.export
    def draft(self, slot: int, lengths: List[int], length: int, steps: int, uniforms: List[float],
              inverse_temperature: float) -> List[Tensor]:
        """lengths: cache rows of each sequence; uniforms [steps,B]; inverse_temperature 0 drafts greedily."""
        last = torch.tensor(lengths, device=self.device()) - 1
        batch = last.size(0)
        masks = self.masks(last, steps, length)
        return self.chain(self.last[slot : slot + batch], last, masks, slot, steps,
                          self.random(uniforms, steps, batch), inverse_temperature, length)

    def random(self, uniforms: List[float], steps: int, batch: int) -> Tensor:
        if len(uniforms) == 0:
            return torch.zeros(0, device=self.device())
        return torch.tensor(uniforms, dtype=torch.float32, device=self.device()).view(steps, batch, 1).clamp_(max=0.99999994)

    # ---- tree -------------------------------------------------------------------------------------------------

    @torch.jit.export
    def tree(self, slot: int, lengths: List[int], length: int, top_k: int, depth: int, total: int) -> List[Tensor]:
        """EAGLE-2 tree over `last`: depth passes after the first, each expanding the top_k best nodes of its level by
        cumulative log-probability into top_k children; the total-1 best of all candidates stay, in order of creation.
        Returns tokens, parents, depths int64 [B,total] and cumulative log-probabilities [B,total]; node 0 is the root
        (token -1, parent -1, depth 0)."""
        seen = torch.tensor(lengths, device=self.device())
        batch = seen.size(0)
        kv, d, group = self.kv_heads, self.head_dim, self.heads // self.kv_heads
        keys, values = self.cached(slot, batch, length)
        past = self.masks(seen - 1, 1, length)[0]
        h = self.last[slot : slot + batch]
        scores, index = torch.topk(torch.log_softmax(self.logits(h), -1), top_k, -1)
        all_scores, all_tokens = [scores], [index]
        # A candidate's parent is a node of the level before: (its place among all candidates) + 1, or 0 for the root.
        all_parents, all_depths = [torch.zeros_like(index)], [torch.ones_like(index)]
        frontier_place = torch.arange(top_k, device=seen.device).unsqueeze(0).expand(batch, top_k)
        hidden = h.unsqueeze(1).expand(batch, top_k, h.size(1))
        sees = torch.eye(top_k, dtype=torch.bool, device=seen.device).unsqueeze(0).expand(batch, top_k, top_k)
        tree_keys: List[Tensor] = []
        tree_values: List[Tensor] = []
        own = sees
        placed = top_k
        for level in range(depth):
            # The paper's code gives all nodes of a level one rotary position, and so do we.
            at = (seen + level).unsqueeze(1).expand(batch, top_k).reshape(-1)
            residual, mixed = self.project(self.draft_table.index_select(0, index.reshape(-1)),
                                           hidden.reshape(batch * top_k, -1), self.turns(at))
            by_head = mixed.view(batch, top_k, -1, d).transpose(1, 2)
            tree_keys.append(by_head[:, self.heads : self.heads + kv].reshape(batch * kv, top_k, d))
            tree_values.append(by_head[:, self.heads + kv :].reshape(batch * kv, top_k, d))
            nodes = top_k * (level + 1)
            blocked = torch.zeros([batch, top_k, nodes], device=seen.device).masked_fill_(~sees, float("-inf"))
            blocked = blocked.view(batch, 1, 1, top_k, nodes).expand(batch, kv, group, top_k, nodes)
            mask = torch.cat([past.expand(batch * kv, group * top_k, length),
                              blocked.reshape(batch * kv, group * top_k, nodes)], 2)
            grouped = by_head[:, : self.heads].reshape(batch * kv, group * top_k, d)
            attended = self.attend(grouped, torch.cat([keys, torch.cat(tree_keys, 1).transpose(1, 2)], 2),
                                   torch.cat([values, torch.cat(tree_values, 1)], 1), mask)
            attended = attended.view(batch, kv, group, top_k, d).permute(0, 3, 1, 2, 4).reshape(batch * top_k, -1)
            out = self.finish(residual, attended)
            child_scores, children = torch.topk(torch.log_softmax(self.logits(out), -1), top_k, -1)
            cumulative = (child_scores.view(batch, top_k, top_k) + scores.unsqueeze(2)).view(batch, -1)
            children = children.view(batch, -1)
            all_scores.append(cumulative)
            all_tokens.append(children)
            all_parents.append((frontier_place + 1).repeat_interleave(top_k, 1))
            all_depths.append(torch.full_like(children, level + 2))
            scores, best = torch.topk(cumulative, top_k, -1)
            parent = best // top_k
            index = children.gather(1, best)
            frontier_place = placed + best
            placed += top_k * top_k
            hidden = out.view(batch, top_k, -1).gather(1, parent.unsqueeze(2).expand(batch, top_k, out.size(1)))
            sees = torch.cat([sees.gather(1, parent.unsqueeze(2).expand(batch, top_k, nodes)), own], 2)
        return self.keep_best(torch.cat(all_scores, 1), torch.cat(all_tokens, 1), torch.cat(all_parents, 1),
                              torch.cat(all_depths, 1), total)

    def keep_best(self, scores: Tensor, tokens: Tensor, parents: Tensor, depths: Tensor, total: int) -> List[Tensor]:
        batch = scores.size(0)
        kept = torch.sort(torch.topk(scores, total - 1, -1)[1], -1)[0]
        device = scores.device
        renumbered = torch.zeros([batch, scores.size(1) + 1], dtype=torch.int64, device=device)
        renumbered.scatter_(1, kept + 1, torch.arange(1, total, device=device).unsqueeze(0).expand(batch, total - 1))
        root = torch.zeros([batch, 1], dtype=torch.int64, device=device)
        ids = tokens.gather(1, kept)
        if not self.identity_ids:
            ids = self.ids[ids]
        return [torch.cat([root - 1, ids], 1).cpu(),
                torch.cat([root - 1, renumbered.gather(1, parents.gather(1, kept))], 1).cpu(),
                torch.cat([root, depths.gather(1, kept)], 1).cpu(),
                torch.cat([torch.zeros([batch, 1], device=device), scores.gather(1, kept)], 1).cpu()]
