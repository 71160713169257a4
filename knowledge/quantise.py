"""Products by weights of eight bits, with rows of eight bits: quick to read and to multiply.

Writing a token reads every weight once, and reading a prompt is bound by products; both are several
times as fast in integers where the processor multiplies those (AVX-512 VNNI and its kin). Measured
on two cores without tile instructions, one product of the default model (1536 to 8960),
milliseconds by number of rows: bfloat16 .65, .78 and 11.3 at 1, 4 and 64 rows; eight bits .36, .35
and 1.5. Eight rows cost about as much as one, so that guessed tokens and other people's questions
are read almost for nothing.

Each weight's row and each row of inputs has a scale of its own (Dettmers et al. 2022,
arXiv:2208.07339); what a few columns would lose by that is moved into the weights beforehand
(knowledge/smooth.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import torch

_LEVELS = 127
# The kernel reads inputs without a sign: levels are moved up by this, and cut to whole numbers.
_MIDDLE = 128
_LEAST = 1e-8
# What the kernel lays the weights out for; any number of rows may follow.
_USUAL_ROWS = 256


class Product(Protocol):
    """A layer's product: (n, columns) to (n, rows)."""

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The product of `x`, of the same kind of numbers."""


class Linear:
    """A product by weights as they are; `reorder` lays them out as the processor likes them."""

    def __init__(
        self, weight: torch.Tensor, bias: torch.Tensor | None = None, *, reorder: bool = False
    ) -> None:
        import torch

        self._bias = bias
        self._reordered = reorder
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight) if reorder else weight

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The product."""
        import torch

        if self._reordered:
            linear = torch.ops.mkldnn._linear_pointwise
            result: torch.Tensor = linear(x, self._weight, self._bias, "none", [], "")
            return result
        return torch.nn.functional.linear(x, self._weight, self._bias)


class QuantisedLinear:
    """A product by weights of eight bits; inputs and outputs are float32."""

    def __init__(
        self, values: torch.Tensor, scales: torch.Tensor, bias: torch.Tensor | None = None
    ) -> None:
        """Take int8 `values` (rows, columns), a float32 scale for each row, and a float32 bias.

        Raises RuntimeError or AttributeError where torch has no such kernel for the processor.
        """
        import torch

        self._weight = torch.ops.onednn.qlinear_prepack(values, [_USUAL_ROWS, values.shape[1]])
        self._scales = scales
        self._bias = bias
        self._zero = torch.zeros(len(scales), dtype=torch.int32)
        self._middle = torch.tensor(_MIDDLE + 0.5)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The product; each row of `x` is put into 255 levels of its own."""
        import torch

        # Of 128 rows six times as fast as torch's norm, whose maximum is not vectorised.
        largest = torch.maximum(x.amax(1, keepdim=True), x.amin(1, keepdim=True).neg_())
        largest.clamp_(min=_LEAST)
        levels = torch.addcmul(self._middle, x, _LEVELS / largest).to(torch.uint8)
        multiply = torch.ops.onednn.qlinear_pointwise
        y: torch.Tensor = multiply(
            *(levels, 1.0, _MIDDLE, self._weight, self._scales, self._zero, None),
            *(1.0, 0, torch.float32, "none", [], ""),
        )
        y.mul_(largest.div_(_LEVELS))
        return y if self._bias is None else y.add_(self._bias)


def quantised(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A float matrix (rows, columns) as int8 levels of its shape, and a float32 scale per row."""
    import torch

    weight = weight.float()
    scales = weight.abs().amax(dim=1).clamp(min=_LEAST) / _LEVELS
    levels = (weight / scales[:, None]).round_().clamp_(-_LEVELS, _LEVELS)
    return levels.to(torch.int8).contiguous(), scales
