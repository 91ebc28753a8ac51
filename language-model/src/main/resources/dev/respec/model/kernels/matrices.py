"""Weight matrices of a kernel in the layout that is fastest for their size and element type.

Four layouts, chosen once a matrix:
- plain float32 where the matrix is small: a call costs more than its arithmetic;
- packed float32: blocks of oneDNN, which keep 2 to 32 rows at little more than the price of one;
- packed bfloat16, with a float16 copy of the same values where one or two rows decide the speed: one row is a read of
  the whole matrix, and that copy is read at the speed of memory. Activations stay float32 on that path;
- plain bfloat16 where the platform cannot pack.
"""

from typing import Final, List, Optional, Union

import torch
from torch import Tensor

Packed16 = torch.classes.quantized.LinearPackedParamsBase


class Matrices(torch.nn.Module):
    packed_from: Final[int]
    single_rows: Final[int]
    kinds: List[int]
    matrices: List[Tensor]
    singles: List[Packed16]
    single_of: List[int]
    nothing: List[Optional[Union[int, float, complex]]]

    def __init__(self):
        super().__init__()
        # elements from which a packed matrix is faster than a plain one
        self.packed_from = 1 << 18
        # most rows that go through the float16 copy
        self.single_rows = 2
        self.kinds = torch.jit.annotate(List[int], [])
        self.matrices = torch.jit.annotate(List[Tensor], [])
        self.singles = torch.jit.annotate(List[Packed16], [])
        self.single_of = torch.jit.annotate(List[int], [])
        self.nothing = torch.jit.annotate(List[Optional[Union[int, float, complex]]], [])
        self.half = False
        self.packs = False
        self.copies = False

    def begin(self, half: bool, packs: bool, copies: bool):
        """Forgets what was added. half: bfloat16 values; packs: the platform packs; copies: keep float16 copies."""
        self.half = half
        self.packs = packs
        self.copies = copies
        self.kinds = torch.jit.annotate(List[int], [])
        self.matrices = torch.jit.annotate(List[Tensor], [])
        self.singles = torch.jit.annotate(List[Packed16], [])
        self.single_of = torch.jit.annotate(List[int], [])

    def add(self, w: Tensor):
        """w [out, in] float32, copied. The n-th added is number n of `product`."""
        single = -1
        large = w.numel() >= self.packed_from
        if not large:
            self.kinds.append(0)
            # small matrices compute in float32 on the rounded values
            rounded = w.to(torch.bfloat16).to(torch.float32) if self.half else w
            self.matrices.append(rounded.t().clone(memory_format=torch.contiguous_format))
        elif not self.half and self.packs:
            self.kinds.append(1)
            self.matrices.append(torch.ops.mkldnn._reorder_linear_weight(w.contiguous(), 8))
        elif not self.half:
            self.kinds.append(0)
            self.matrices.append(w.t().clone(memory_format=torch.contiguous_format))
        else:
            rounded = w.to(torch.bfloat16)
            if self.packs:
                self.kinds.append(2)
                self.matrices.append(torch.ops.mkldnn._reorder_linear_weight(rounded.contiguous(), 8))
                # float16 holds every bfloat16 value of this range
                if self.copies and float(rounded.abs().max()) < 65504.0:
                    single = len(self.singles)
                    self.singles.append(torch.ops.quantized.linear_prepack_fp16(rounded.to(torch.float32), None))
            else:
                self.kinds.append(3)
                self.matrices.append(rounded.t().clone(memory_format=torch.contiguous_format))
        self.single_of.append(single)

    def product(self, x: Tensor, i: int) -> Tensor:
        """x [n, in] float32 or bfloat16 -> x times matrix i, [n, out] of either type."""
        kind = self.kinds[i]
        if kind == 0:
            return torch.mm(x.to(torch.float32), self.matrices[i])
        if kind == 1:
            return torch.ops.mkldnn._linear_pointwise(x, self.matrices[i], None, "none", self.nothing, "")
        if kind == 2:
            if x.size(0) <= self.single_rows and self.single_of[i] >= 0:
                return torch.ops.quantized.linear_dynamic_fp16(x.to(torch.float32), self.singles[self.single_of[i]])
            return torch.ops.mkldnn._linear_pointwise(
                x.to(torch.bfloat16), self.matrices[i], None, "none", self.nothing, ""
            )
        return torch.mm(x.to(torch.bfloat16), self.matrices[i])

    def plus(self, base: Tensor, x: Tensor, i: int) -> Tensor:
        """base + x times matrix i; base float32 [n, out] or [out], the result float32."""
        if self.kinds[i] == 0:
            return torch.addmm(base, x.to(torch.float32), self.matrices[i])
        return base + self.product(x, i)
