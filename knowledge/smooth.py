"""Large inputs moved into the weights, so that rows of eight bits keep the small ones.

Some columns of a language model's inputs are many times as large as the rest, and would leave the
rest few of a row's 255 levels. What a column is divided by here its weights are multiplied with, so
that the products stay the same (SmoothQuant, Xiao et al. 2023, arXiv:2211.10438). The divisors go
into the norm or the product before, and cost nothing at run time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from knowledge.decoder import Shape
    from knowledge.quantise import Product

# Of any content: it shows which columns are large, which hardly depends on what is read.
SAMPLE = """The committee published its report in March 2019. It lists 14 measures; three were new:
- a public register of suppliers, which the ministry (and not the agency) keeps;
- a yearly review, and fines of up to 2 million euros.
Dr. Anna Weiss of the University of Basel said that 'nothing will change before 2021'. The cost was
put at $3.4 billion, or 0.7 % of the budget. Is that much? "No," she wrote, "if it works".
def mean(values: list[float]) -> float:
    return sum(values) / len(values)  # the arithmetic mean
"""
# How much of the difference in size goes into the weights: half, as in the paper.
_SHARE = 0.5
_LEAST = 1e-5


class Watched:
    """A product that notes the largest input of each column."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self.largest: torch.Tensor | None = None

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The product."""
        import torch

        found = x.float().abs().amax(0)
        self.largest = found if self.largest is None else torch.maximum(self.largest, found)
        return self._product(x)


def smoothed_layer(
    layer: Mapping[str, torch.Tensor], largest: Mapping[str, torch.Tensor], *, shape: Shape
) -> dict[str, torch.Tensor]:
    """A layer's tensors in float32, with large inputs moved into the weights.

    `largest` has for each product ('qkv.weight') the largest input of each column.
    """
    changed = {name: tensor.float().clone() for name, tensor in layer.items()}

    def divisors(name: str, inputs: torch.Tensor | None = None) -> torch.Tensor:
        inputs = largest[name] if inputs is None else inputs
        return _divisors(inputs, changed[name].abs().amax(0))

    for name, norm in (("qkv.weight", "before_attention"), ("gate_up.weight", "before_gate")):
        by = divisors(name)
        changed[norm] /= by
        changed[name] *= by
    by = divisors("down.weight")
    changed["down.weight"] *= by
    # The second half of the rows: what the gate is multiplied with.
    changed["gate_up.weight"][len(by) :] /= by[:, None]
    # Attention mixes values, and several heads share them.
    grouped = (shape.kv_heads, shape.heads // shape.kv_heads, shape.head_size)
    inputs = largest["out.weight"].view(grouped).amax(1, keepdim=True)
    weights = changed["out.weight"].abs().amax(0).view(grouped).amax(1, keepdim=True)
    shared = _divisors(inputs, weights)
    changed["out.weight"] *= shared.expand(grouped).reshape(-1)
    for name in ("qkv.weight", "qkv.bias"):
        if name in changed:
            values = changed[name][-shared.numel() :]
            values /= shared.view(-1, *(1,) * (values.dim() - 1))
    return changed


def smoothed_head(
    norm: torch.Tensor, head: torch.Tensor, largest: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The last norm's and the output layer's weights, likewise."""
    by = _divisors(largest, head.float().abs().amax(0))
    return norm.float() / by, head.float() * by


def _divisors(inputs: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """What to divide columns by, from their largest input and their largest weight."""
    large = inputs.clamp(min=_LEAST) ** _SHARE
    divisors: torch.Tensor = large / weights.clamp(min=_LEAST) ** (1 - _SHARE)
    return divisors
