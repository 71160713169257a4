"""A causal language model's forward pass, without what only training needs.

Several texts may take a step together, each with its own cache: their rows share one reading of the
weights, which are quantised where that is faster (knowledge/quantise.py). Half of a token's time in
transformers' own modules is overhead outside the products, so the layers of Llama-like models
(Touvron et al. 2023, arXiv:2302.13971; Qwen2 and Mistral share their form) are written out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from knowledge.quantise import Product

if TYPE_CHECKING:
    import torch

# Room for an answer, made at once rather than token by token.
_ROOM = 256


class Cache:
    """Keys and values of one text's tokens: (layers, heads, capacity, head size) each, float32.

    Small products are faster in float32 than in bfloat16, and a question's cache is small.
    """

    def __init__(self, layers: int, heads: int, size: int, *, device: torch.device) -> None:
        import torch

        self.keys = torch.empty(layers, heads, 0, size, device=device)
        self.values = self.keys.clone()
        self.length = 0

    def reserve(self, length: int) -> None:
        """Make room for `length` tokens."""
        import torch

        if length <= self.keys.shape[2]:
            return
        for name in ("keys", "values"):
            old = getattr(self, name)
            new = old.new_empty(*old.shape[:2], length + _ROOM, old.shape[3])
            with torch.inference_mode():
                new[:, :, : self.length] = old[:, :, : self.length]
            setattr(self, name, new)

    def take(self, other: Cache) -> None:
        """Begin with what another cache holds."""
        self.reserve(other.length)
        self.keys[:, :, : other.length] = other.keys[:, :, : other.length]
        self.values[:, :, : other.length] = other.values[:, :, : other.length]
        self.length = other.length

    def keep(self, length: int) -> None:
        """Forget all after the first `length` tokens."""
        self.length = min(self.length, length)


@dataclass(frozen=True, slots=True)
class Turn:
    """Tokens that a text goes on with; logits are wanted for the last `keep` of them.

    The last `guessed` of them are worth a try only, and may be left out where there is no room.
    """

    ids: Sequence[int]
    cache: Any  # of the decoder that takes the turn
    keep: int
    guessed: int = 0


@dataclass(frozen=True, slots=True)
class Layer:
    """One decoder layer; the products that read the same rows are one."""

    before_attention: torch.Tensor
    qkv: Product
    out: Product
    before_gate: torch.Tensor
    gate_up: Product
    down: Product


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a model's configuration its forward pass needs."""

    heads: int
    kv_heads: int
    head_size: int
    epsilon: float

    @property
    def scale(self) -> float:
        """What attention scores are multiplied with."""
        return float(self.head_size**-0.5)


class LlamaDecoder:
    """A Llama-like model."""

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        shape: Shape,
        embedding: torch.Tensor,
        norm: torch.Tensor,
        head: Product,
        turns: tuple[torch.Tensor, torch.Tensor],
    ) -> None:
        """Take `embedding` (vocabulary, hidden) and the positions' cosines and sines.

        These are of shape (positions, head size / 2) each.
        """
        self._layers = tuple(layers)
        self._shape = shape
        self._embedding = embedding
        self._norm = norm
        self._head = head
        self._cos, self._sin = turns

    def cache(self) -> Cache:
        """An empty cache for one text."""
        shape = self._shape
        return Cache(
            len(self._layers), shape.kv_heads, shape.head_size, device=self._embedding.device
        )

    def forward(self, turns: Sequence[Turn]) -> list[torch.Tensor]:
        """Read each turn's tokens into its cache; logits of shape (keep, vocabulary) each."""
        import torch

        with torch.inference_mode():
            places = self._places(turns)
            x = self._through(self._layers, turns, places)
            for place in places:
                place.cache.length = place.end
            ends = accumulate(len(turn.ids) for turn in turns)
            rows = (x[end - turn.keep : end] for turn, end in zip(turns, ends, strict=True))
            wanted = torch.cat(list(rows))
            logits = self._head(self._normed(wanted, self._norm)) if len(wanted) else wanted
        return pieces(logits, [turn.keep for turn in turns])

    def felt(self, turn: Turn, *, layers: int) -> torch.Tensor:
        """What the first `layers` layers make of a turn's last token: (hidden,), float32.

        The turn leaves no trace: it is not in its cache afterwards.
        """
        import torch

        with torch.inference_mode():
            x = self._through(self._layers[:layers], [turn], self._places([turn]))
        return x[-1].float()

    def _through(
        self, layers: Sequence[Layer], turns: Sequence[Turn], places: Sequence[_Place]
    ) -> torch.Tensor:
        """The turns' tokens through layers: (tokens, hidden)."""
        import torch

        cos = torch.cat([self._cos[place.start : place.end] for place in places])[:, None]
        sin = torch.cat([self._sin[place.start : place.end] for place in places])[:, None]
        ids = torch.tensor([token for turn in turns for token in turn.ids])
        # Quantised products take and give float32, as their norms do.
        x = self._embedding[ids.to(self._embedding.device)].to(self._norm.dtype)
        for number, layer in enumerate(layers):
            queries, keys, values = self._heads(layer.qkv(self._normed(x, layer.before_attention)))
            queries, keys = turned(queries, cos, sin), turned(keys, cos, sin)
            mixed = [self._attend(place, number, queries, keys, values) for place in places]
            x = x + layer.out(torch.cat(mixed))
            gate, up = layer.gate_up(self._normed(x, layer.before_gate)).chunk(2, dim=-1)
            x = x + layer.down(torch.nn.functional.silu(gate).mul_(up))
        return x

    def _normed(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        import torch

        return torch.nn.functional.rms_norm(x, weight.shape, weight, self._shape.epsilon)

    def _places(self, turns: Sequence[Turn]) -> list[_Place]:
        """Where each turn's rows go, and which tokens each of them may look at."""
        import torch

        places, first = [], 0
        for turn in turns:
            start, count = turn.cache.length, len(turn.ids)
            turn.cache.reserve(start + count)
            later = None
            if count > 1:
                later = torch.full((count, start + count), float("-inf"), device=self._cos.device)
                later.triu_(start + 1)
            rows = slice(first, first + count)
            places.append(_Place(turn.cache, start, start + count, rows, later))
            first += count
        return places

    def _heads(self, qkv: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Queries, keys and values of shape (n, heads, head size)."""
        size, heads, kv = self._shape.head_size, self._shape.heads, self._shape.kv_heads
        split = qkv.view(len(qkv), heads + 2 * kv, size)
        return split[:, :heads], split[:, heads : heads + kv], split[:, heads + kv :]

    def _attend(
        self,
        place: _Place,
        layer: int,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
    ) -> torch.Tensor:
        """One text's attention: the heads that share keys are rows of one product."""
        import torch

        shape, rows = self._shape, place.end - place.start
        all_keys = place.cache.keys[layer, :, : place.end]
        all_values = place.cache.values[layer, :, : place.end]
        all_keys[:, place.start :] = keys[place.rows].transpose(0, 1)
        all_values[:, place.start :] = values[place.rows].transpose(0, 1)
        share = shape.heads // shape.kv_heads
        grouped = queries[place.rows].float().view(rows, shape.kv_heads, share, shape.head_size)
        grouped = grouped.permute(1, 2, 0, 3).reshape(shape.kv_heads, share * rows, -1)
        scores = torch.bmm(grouped, all_keys.transpose(1, 2)).mul_(shape.scale)
        if place.later is not None:
            scores.view(shape.kv_heads, share, rows, place.end).add_(place.later)
        mixed = torch.bmm(scores.softmax(-1), all_values)
        mixed = mixed.view(shape.kv_heads, share, rows, shape.head_size).permute(2, 0, 1, 3)
        return mixed.reshape(rows, shape.heads * shape.head_size).to(queries.dtype)


@dataclass(frozen=True, slots=True)
class _Place:
    """A turn's place in its text (`start` to `end`) and in the step (`rows`).

    `later` hides from each row what comes after it; one row alone has nothing after it.
    """

    cache: Cache
    start: int
    end: int
    rows: slice
    later: torch.Tensor | None


def pieces(x: torch.Tensor, counts: Sequence[int]) -> list[torch.Tensor]:
    """The rows of `x` in pieces of so many."""
    ends = list(accumulate(counts, initial=0))
    return [x[start:end] for start, end in pairwise(ends)]


def turned(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotary position embedding (Su et al. 2021, arXiv:2104.09864) of (n, heads, head size)."""
    import torch

    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)
