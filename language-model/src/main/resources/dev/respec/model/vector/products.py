"""Products of many rows with bfloat16 matrices, between buffers that the caller shares.

One thread computes one product; a matrix is added in parts, so that threads of the caller's own take a part each.
"""

from typing import List, Optional, Union

import torch
from torch import Tensor


class Products(torch.nn.Module):
    matrices: List[Tensor]
    outputs: List[int]
    nothing: List[Optional[Union[int, float, complex]]]

    def __init__(self):
        super().__init__()
        self.packs = False
        self.matrices = torch.jit.annotate(List[Tensor], [])
        self.outputs = torch.jit.annotate(List[int], [])
        self.nothing = torch.jit.annotate(List[Optional[Union[int, float, complex]]], [])

    @torch.jit.export
    def begin(self, packs: bool):
        """Forgets what was added. packs: the platform packs matrices into the blocks of oneDNN."""
        self.packs = packs
        self.matrices = torch.jit.annotate(List[Tensor], [])
        self.outputs = torch.jit.annotate(List[int], [])

    @torch.jit.export
    def add(self, w: Tensor, parts: List[int]):
        """w [out, in] float32 in parts of so many outputs each, the next numbers of `multiply`."""
        for part in w.to(torch.bfloat16).split(parts):
            self.outputs.append(part.size(0))
            if self.packs:
                self.matrices.append(torch.ops.mkldnn._reorder_linear_weight(part.contiguous(), 8))
            else:
                self.matrices.append(part.t().contiguous())

    @torch.jit.export
    def multiply(self, x: Tensor, y: Tensor, rows: int, inputs: int, stride: int, first: int, i: int):
        """x holds [rows, in] float32, y takes [rows, stride]: the outputs of matrix i from column `first` on."""
        batch = x[: rows * inputs].view(rows, inputs).to(torch.bfloat16)
        if self.packs:
            product = torch.ops.mkldnn._linear_pointwise(batch, self.matrices[i], None, "none", self.nothing, "")
        else:
            product = torch.mm(batch, self.matrices[i])
        y[: rows * stride].view(rows, stride)[:, first : first + self.outputs[i]].copy_(product)
