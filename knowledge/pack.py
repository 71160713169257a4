"""Weights in four or eight bits, for the few rows of decoding.

Writing one token reads every weight once, so that fewer bytes are less waiting; reading a prompt is
bound by products instead, where bfloat16 is faster. Measured on two cores for one row: int4 4.2
times as fast as bfloat16, int8 twice; from about five rows on bfloat16 is the faster one.

Models that were published in four bits (GGUF's Q4_K: 16 levels in groups of 32, each group with a
scale and a least value) lose next to nothing by being put back there: the levels are found again.
A matrix that would lose more than `FOUR_BIT_LOSS` is kept in eight bits, a scale for each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# Up to so many rows the packed kernels are the faster ones.
PACKED_ROWS = 4
GROUP = 32
# Of the root mean square: the best grid of Q4_K's own weights is within .02, of others at .07.
FOUR_BIT_LOSS = 0.03
_LEVELS = (15, 14, 13, 12, 11, 10, 9)
# The first rows tell whether four bits will do.
_TRIED = 64
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Packed:
    """A matrix of shape (rows, columns) as torch's kernel reads it.

    Four bits: `values` are packed pairs and `scales` of shape (columns / 32, rows, 2). Eight bits:
    `values` of shape (rows, columns), int8, and `scales` of shape (rows,).
    """

    bits: int
    values: torch.Tensor
    scales: torch.Tensor

    def times(self, x: torch.Tensor) -> torch.Tensor:
        """The product of `x` (n, columns), bfloat16, with the transposed matrix: (n, rows)."""
        import torch

        result: torch.Tensor
        if self.bits == 4:
            multiply = torch.ops.aten._weight_int4pack_mm_for_cpu
            result = multiply(x, self.values, GROUP, self.scales)
        else:
            result = torch.ops.aten._weight_int8pack_mm(x, self.values, self.scales)
        return result


class Linear:
    """A layer's product: (n, columns) to (n, rows)."""

    def __init__(
        self,
        weight: torch.Tensor,
        bias: torch.Tensor | None = None,
        *,
        packed: Sequence[Packed] = (),
        reorder: bool = False,
    ) -> None:
        import torch

        self._bias = bias
        self._packed = tuple(packed)
        self._reordered = reorder
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight) if reorder else weight

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The product, by packed weights where these are faster."""
        import torch

        if self._packed and len(x) <= PACKED_ROWS:
            parts = [each.times(x) for each in self._packed]
            y = parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)
            return y if self._bias is None else y.add_(self._bias)
        if self._reordered:
            linear = torch.ops.mkldnn._linear_pointwise
            result: torch.Tensor = linear(x, self._weight, self._bias, "none", [], "")
            return result
        return torch.nn.functional.linear(x, self._weight, self._bias)


def pack(weight: torch.Tensor) -> Packed | None:
    """Pack a bfloat16 matrix in four bits where they lose next to nothing, else in eight.

    None where its sides are no multiples of 32, on which the kernels rely without a check.
    """
    if any(side % GROUP for side in weight.shape):
        return None
    return _four_bits(weight) or _eight_bits(weight)


def _eight_bits(weight: torch.Tensor) -> Packed:
    import torch

    largest = weight.abs().amax(dim=1).float().clamp(min=1e-8)
    scales = (largest / 127).to(torch.bfloat16)
    values = (weight.float() / scales.float()[:, None]).round().clamp(-127, 127)
    return Packed(8, values.to(torch.int8).contiguous(), scales)


def _four_bits(weight: torch.Tensor) -> Packed | None:
    """The packed matrix, or None where its first rows show that it would lose too much."""
    import torch

    rows, columns = weight.shape
    scales = torch.empty(columns // GROUP, rows, 2, dtype=torch.bfloat16)
    levels = torch.empty(rows, columns, dtype=torch.int32)
    lost = total = 0.0
    for start, end in pairwise([0, *range(min(_TRIED, rows), rows, _BLOCK), rows]):
        block = weight[start:end].float().view(-1, columns // GROUP, GROUP)
        level, scale, zero = _grid(block)
        error = (level - 8) * scale[..., None] + zero[..., None] - block
        lost += float(error.square().sum())
        total += float(block.square().sum())
        if lost > FOUR_BIT_LOSS**2 * total:
            return None
        levels[start:end] = level.view(-1, columns).to(torch.int32)
        scales[:, start:end, 0] = scale.t().to(torch.bfloat16)
        scales[:, start:end, 1] = zero.t().to(torch.bfloat16)
    values = torch.ops.aten._convert_weight_to_int4pack_for_cpu(levels, 2)
    return Packed(4, values, scales.contiguous())


def _grid(block: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Levels (0 to 15), scale and middle value of each group that reproduce it best.

    A group that came from 16 levels need not have used them all, so that its range is tried as
    fewer steps too.
    """
    import torch

    low, high = block.amin(-1), block.amax(-1)
    best = torch.full_like(low, float("inf"))
    kept = torch.zeros_like(low), torch.zeros_like(low)
    for steps in _LEVELS:
        scale = ((high - low) / steps).clamp(min=1e-8).to(torch.bfloat16).float()
        zero = (low + 8 * scale).to(torch.bfloat16).float()
        level = ((block - zero[..., None]) / scale[..., None] + 8).round_().clamp_(0, 15)
        error = ((level - 8) * scale[..., None] + zero[..., None] - block).square_().sum(-1)
        better = error < best
        best = torch.where(better, error, best)
        kept = torch.where(better, scale, kept[0]), torch.where(better, zero, kept[1])
    scale, zero = kept
    level = ((block - zero[..., None]) / scale[..., None] + 8).round_().clamp_(0, 15)
    return level, scale, zero
