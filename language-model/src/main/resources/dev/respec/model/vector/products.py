"""Products of many rows with bfloat16 matrices, between buffers that the caller shares.

One thread computes one product; a matrix is added in parts, so that threads of the caller's own take a part each.
"""

from typing import List, Optional, Union

import torch
from torch import Tensor


class Products(torch.nn.Module):
    matrices: List[Tensor]
    nothing: List[Optional[Union[int, float, complex]]]

    def __init__(self):
        super().__init__()
        self.packs = False
        self.matrices = torch.jit.annotate(List[Tensor], [])
        self.nothing = torch.jit.annotate(List[Optional[Union[int, float, complex]]], [])

    @torch.jit.export
    def begin(self, packs: bool):
        """Forgets what was added. packs: the platform packs matrices into the blocks of oneDNN."""
        self.packs = packs
        self.matrices = torch.jit.annotate(List[Tensor], [])

    def keep(self, w: Tensor):
        if self.packs:
            self.matrices.append(torch.ops.mkldnn._reorder_linear_weight(w.contiguous(), 8))
        else:
            self.matrices.append(w.t().contiguous())

    @torch.jit.export
    def add(self, w: Tensor, parts: List[int]):
        """w [out, in] float32 in parts of so many outputs each, the next numbers of `multiply`."""
        for part in w.to(torch.bfloat16).split(parts):
            self.keep(part)

    @torch.jit.export
    def add_feed(self, gate: Tensor, up: Tensor, down: Tensor, parts: List[int]):
        """gate and up [width, in], down [in, width] float32 in parts of the width: three numbers a part, for `feed`."""
        gates = gate.to(torch.bfloat16).split(parts)
        ups = up.to(torch.bfloat16).split(parts)
        downs = down.to(torch.bfloat16).split(parts, 1)
        for i in range(len(parts)):
            self.keep(gates[i])
            self.keep(ups[i])
            self.keep(downs[i])

    @torch.jit.export
    def multiply(self, x: Tensor, y: Tensor, rows: int, inputs: int, i: int):
        """x holds [rows, in] float32, y takes [rows, out of matrix i]."""
        batch = x[: rows * inputs].view(rows, inputs).to(torch.bfloat16)
        product = self.product(batch, i)
        y[: product.numel()].copy_(product.view(-1))

    @torch.jit.export
    def feed(self, x: Tensor, y: Tensor, rows: int, inputs: int, i: int):
        """x holds [rows, in] float32, y takes [rows, in]: what one part of a gated feed-forward layer adds."""
        batch = x[: rows * inputs].view(rows, inputs).to(torch.bfloat16)
        if self.packs:
            gate = torch.ops.mkldnn._linear_pointwise(batch, self.matrices[i], None, "swish", self.nothing, "")
            active = torch.ops.mkldnn._linear_pointwise(batch, gate, self.matrices[i + 1], None, "mul")
        else:
            active = torch.nn.functional.silu(self.product(batch, i)) * self.product(batch, i + 1)
        product = self.product(active, i + 2)
        y[: product.numel()].copy_(product.view(-1))

    def product(self, batch: Tensor, i: int) -> Tensor:
        if self.packs:
            return torch.ops.mkldnn._linear_pointwise(batch, self.matrices[i], None, "none", self.nothing, "")
        return torch.mm(batch, self.matrices[i])
