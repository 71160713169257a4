"""A prompt to a stream of text.

Decoding is greedy with prompt lookup (Saxena 2023; the same text as plain greedy decoding): an
answer copies much of its evidence, so the tokens that followed its last words there are guessed
and checked in one step.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from knowledge.causal import Cache, Model, Weights, load_model
from knowledge.decoder import Turn
from knowledge.once import Once
from knowledge.probe import PROBED_LAYERS
from knowledge.prompt import ANSWER, JUDGE, Prompt
from knowledge.types import Tokens

if TYPE_CHECKING:
    import torch

# A step of eight rows takes a third longer than one of one row; a longer guess is worth it when it
# is likely to be right.
LOOKUP = 7
LONG_LOOKUP = 15
_NGRAM = 3
_YES = ("yes", "Yes", " yes", " Yes", "YES")
_NO = ("no", "No", " no", " No", "NO")


class Reading(Protocol):
    """A prompt's evidence, read once; what is asked after it is cheap."""

    tokens: Tokens

    def answerable(self) -> float | None:
        """Log-odds that the passages state the answer; None where the model cannot say."""

    def state(self, ask: str = JUDGE) -> tuple[float, ...]:
        """What the model has in mind when it is asked `ask`; () where it cannot be looked at."""

    def write(self, *, max_tokens: int, stop: threading.Event | None) -> Iterator[str]:
        """The answer in pieces as it is written; setting `stop` ends it."""


class Generator(Protocol):
    """A language model."""

    @property
    def name(self) -> str:
        """What answers are labelled with."""

    def load(self) -> None:
        """Load the model now rather than at the first question."""

    def read(self, prompt: Prompt) -> Reading:
        """Read a prompt's evidence."""


class LocalGenerator:
    """A causal language model from a local folder, loaded at first use."""

    def __init__(
        self,
        resolve: Callable[[], Path],
        *,
        name: str,
        packed: Path | None = None,
        weights: Weights = "auto",
    ) -> None:
        self._resolve = resolve
        self._weights = weights
        self._name = name
        self._packed = packed
        self.loaded = Once(self._load)
        self._begun: dict[str, Cache] = {}
        self._reading = threading.Lock()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    def _load(self) -> Model:
        return load_model(self._resolve(), packed=self._packed, weights=self._weights)

    def load(self) -> None:
        """Load the model and read what every prompt begins with."""
        for _ in self.read(Prompt("Answer.", "ready", "ready?")).write(max_tokens=1, stop=None):
            pass

    def read(self, prompt: Prompt) -> LocalReading:
        """Read a prompt's evidence."""
        model = self.loaded()
        before, after = model.frame(prompt.system)
        ids, cache = model.encode(before), model.decoder.cache()
        cache.take(self._beginning(model, before, ids))
        body = model.encode(f"{prompt.evidence}\n\n{prompt.question}\n")
        model.decoder.forward([Turn(body, cache, 0)])
        return LocalReading(model, [*ids, *body], cache, after=after)

    def _beginning(self, model: Model, before: str, ids: Sequence[int]) -> Cache:
        """What every prompt of a kind begins with, read once, however many ask at once."""
        with self._reading:
            if before not in self._begun:
                begun = model.decoder.cache()
                model.decoder.forward([Turn(ids, begun, 0)])
                self._begun = {before: begun}
            return self._begun[before]


class LocalReading:
    """Evidence in a local model's key-value cache."""

    def __init__(self, model: Model, ids: list[int], cache: Cache, *, after: str) -> None:
        self._model = model
        self._ids = ids
        self._cache = cache
        self._after = after
        self.tokens = Tokens(prompt=len(ids))

    def answerable(self) -> float | None:
        """Log-odds that the passages state the answer, from the first token of yes or no."""
        import torch

        ids = self._model.encode(JUDGE + self._after)
        logits = self._forward(ids, keep=1)[-1].float()
        self._cache.keep(len(self._ids))
        self.tokens = Tokens(self.tokens.prompt + len(ids), self.tokens.completion)
        yes = torch.logsumexp(logits[first_tokens(self._model, _YES)], 0)
        no = torch.logsumexp(logits[first_tokens(self._model, _NO)], 0)
        return float(yes - no)

    def state(self, ask: str = JUDGE) -> tuple[float, ...]:
        """What the model has in mind when it is asked `ask` of what it has read: (hidden,)."""
        ids = self._model.encode(ask + self._after)
        self.tokens = Tokens(self.tokens.prompt + len(ids), self.tokens.completion)
        felt = self._model.decoder.felt(Turn(ids, self._cache, 1), layers=PROBED_LAYERS)
        return tuple(felt.tolist())

    def write(self, *, max_tokens: int, stop: threading.Event | None) -> Iterator[str]:
        """The answer in pieces as it is written; setting `stop` ends it."""
        ids = self._model.encode(ANSWER + self._after)
        self.tokens = Tokens(self.tokens.prompt + len(ids), self.tokens.completion)
        context = [*self._ids, *ids]
        token = int(self._forward(ids, keep=1)[-1].argmax())
        written: list[int] = []
        shown, length = "", LOOKUP
        while token not in self._model.ends and len(written) < max_tokens:
            written.append(token)
            context.append(token)
            guess = lookup(context, length=min(length, max_tokens - len(written)), ngram=_NGRAM)
            logits = self._forward([token, *guess], guessed=len(guess))
            best = [int(each) for each in logits.argmax(-1)]
            guess = guess[: len(best) - 1]  # there may have been no room for all
            right = agreed(guess, best)
            # A guess that was right to its end is a copied sentence: there is more of it.
            length = LONG_LOOKUP if guess and right == len(guess) else LOOKUP
            accepted = guess[:right]
            for end, each in enumerate(accepted):
                if each in self._model.ends:
                    accepted = accepted[:end]
                    best[end] = each
                    break
            written.extend(accepted)
            context.extend(accepted)
            self._cache.keep(len(context))
            token = best[len(accepted)]
            self.tokens = Tokens(self.tokens.prompt, len(written))
            text = self._model.decode(written)
            if len(text) > len(shown) and not text.endswith("\ufffd"):
                yield text[len(shown) :]
                shown = text
            if stop is not None and stop.is_set():
                break
        self._cache.keep(len(self._ids))

    def _forward(
        self, ids: Sequence[int], *, keep: int | None = None, guessed: int = 0
    ) -> torch.Tensor:
        """Logits of the last `keep` of `ids`, of all where None; guesses may be left out."""
        turn = Turn(ids, self._cache, keep or len(ids), guessed)
        return self._model.decoder.forward([turn])[0]


def first_tokens(model: Model, words: Sequence[str]) -> list[int]:
    """The first tokens of `words`, without repetition."""
    return sorted({model.encode(word)[0] for word in words})


def lookup(context: Sequence[int], *, length: int, ngram: int) -> list[int]:
    """Up to `length` tokens that followed the newest earlier place of the last `ngram` tokens.

    Shorter endings are tried when the longest has no earlier place; [] when none has.
    """
    for size in range(min(ngram, len(context) - 1), 0, -1):
        ending = list(context[-size:])
        for start in range(len(context) - size - 1, -1, -1):
            if context[start] == ending[0] and list(context[start : start + size]) == ending:
                return list(context[start + size : start + size + length])
    return []


def agreed(guess: Sequence[int], best: Sequence[int]) -> int:
    """How many leading guesses are what the model would have written."""
    for count, token in enumerate(guess):
        if best[count] != token:
            return count
    return len(guess)
