"""A prompt to a stream of text; the only importer of transformers.

Decoding is greedy with prompt lookup (Saxena 2023; the same text as plain greedy decoding): an
answer copies much of its evidence, so the tokens that followed its last words there are guessed
and checked in one step.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from knowledge.errors import GenerationError
from knowledge.once import Once
from knowledge.prompt import ANSWER, JUDGE, Prompt
from knowledge.types import Tokens

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache

LOOKUP = 8
_NGRAM = 3
_YES = ("yes", "Yes", " yes", " Yes", "YES")
_NO = ("no", "No", " no", " No", "NO")


class Reading(Protocol):
    """A prompt's evidence, read once; what is asked after it is cheap."""

    tokens: Tokens

    def answerable(self) -> float | None:
        """Log-odds that the passages state the answer; None where the model cannot say."""

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
    """A causal language model from a local folder, loaded at first use. Not for several threads."""

    def __init__(self, resolve: Callable[[], Path], *, name: str) -> None:
        self._resolve = resolve
        self._name = name
        self._loaded = Once(self._load)
        self._fixed: dict[str, tuple[list[int], DynamicCache]] = {}

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    def _load(self) -> tuple[Any, Any]:
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForCausalLM, AutoTokenizer

        from knowledge.hardware import fast_dtype, silence_bars

        silence_bars()
        folder = self._resolve()
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model: Any = AutoModelForCausalLM.from_pretrained(
                folder, dtype=fast_dtype(), local_files_only=True, trust_remote_code=False
            )
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise GenerationError(
                f"The language model in {folder} cannot be loaded ({error}). "
                "'footnote models verify' tells whether its files are whole."
            ) from error
        if torch.cuda.is_available():
            model = model.to("cuda")
        return model.eval(), tokenizer

    @cached_property
    def _ends(self) -> frozenset[int]:
        model, tokenizer = self._loaded()
        ends = model.generation_config.eos_token_id
        listed = ends if isinstance(ends, list) else [ends]
        return frozenset(each for each in [*listed, tokenizer.eos_token_id] if each is not None)

    def load(self) -> None:
        """Load the model and read what every prompt begins with."""
        for _ in self.read(Prompt("Answer.", "ready", "ready?")).write(max_tokens=1, stop=None):
            pass

    def read(self, prompt: Prompt) -> LocalReading:
        """Read a prompt's evidence."""
        return LocalReading(self, prompt)

    # -- what a reading needs --------------------------------------------------------------

    def encode(self, text: str) -> list[int]:
        """Token ids of a piece of prompt."""
        _, tokenizer = self._loaded()
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        """Text of token ids."""
        _, tokenizer = self._loaded()
        return str(tokenizer.decode(ids, skip_special_tokens=True))

    def is_end(self, token: int) -> bool:
        """Whether the model ends its turn with `token`."""
        return token in self._ends

    def frame(self, prompt: Prompt) -> tuple[str, str, str]:
        """The chat template's text before the evidence, and around what is asked after it."""
        _, tokenizer = self._loaded()
        marks = ("\ue000", "\ue001")
        messages = [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": "".join(marks)},
        ]
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        before, rest = str(text).split(marks[0])
        return before, "", rest.split(marks[1])[1]

    def prefill(self, before: str) -> tuple[list[int], DynamicCache]:
        """Ids and key-values of the part that every prompt begins with, computed once."""
        from transformers import DynamicCache

        if before not in self._fixed:
            ids, cache = self.encode(before), DynamicCache()
            self.forward(ids, cache, keep=1)
            self._fixed.clear()
            self._fixed[before] = (ids, cache)
        ids, cache = self._fixed[before]
        return list(ids), copy.deepcopy(cache)

    def forward(self, ids: Sequence[int], cache: DynamicCache, *, keep: int) -> torch.Tensor:
        """Logits of shape (keep, vocabulary) after reading `ids` into `cache`."""
        import torch

        model, _ = self._loaded()
        with torch.inference_mode():
            tensor = torch.tensor([list(ids)], device=model.device)
            output = model(
                input_ids=tensor, past_key_values=cache, use_cache=True, logits_to_keep=keep
            )
        logits: torch.Tensor = output.logits[0]
        return logits

    def choices(self, words: Sequence[str]) -> list[int]:
        """The first tokens of `words`, without repetition."""
        return sorted({self.encode(word)[0] for word in words})


class LocalReading:
    """Evidence in a local model's key-value cache."""

    def __init__(self, model: LocalGenerator, prompt: Prompt) -> None:
        self._model = model
        before, _, self._after = model.frame(prompt)
        self._ids, self._cache = model.prefill(before)
        body = model.encode(f"{prompt.evidence}\n\n{prompt.question}\n")
        model.forward(body, self._cache, keep=1)
        self._ids.extend(body)
        self.tokens = Tokens(prompt=len(self._ids))

    def answerable(self) -> float | None:
        """Log-odds that the passages state the answer, from the first token of yes or no."""
        import torch

        ids = self._model.encode(JUDGE + self._after)
        logits = self._model.forward(ids, self._cache, keep=1)[-1].float()
        _keep(self._cache, len(self._ids))
        self.tokens = Tokens(self.tokens.prompt + len(ids), self.tokens.completion)
        yes = torch.logsumexp(logits[self._model.choices(_YES)], 0)
        no = torch.logsumexp(logits[self._model.choices(_NO)], 0)
        return float(yes - no)

    def write(self, *, max_tokens: int, stop: threading.Event | None) -> Iterator[str]:
        """The answer in pieces as it is written; setting `stop` ends it."""
        ids = self._model.encode(ANSWER + self._after)
        self.tokens = Tokens(self.tokens.prompt + len(ids), self.tokens.completion)
        context = [*self._ids, *ids]
        token = int(self._model.forward(ids, self._cache, keep=1)[-1].argmax())
        written: list[int] = []
        shown = ""
        while not self._model.is_end(token) and len(written) < max_tokens:
            written.append(token)
            context.append(token)
            guess = lookup(context, length=min(LOOKUP, max_tokens - len(written)), ngram=_NGRAM)
            logits = self._model.forward([token, *guess], self._cache, keep=len(guess) + 1)
            best = [int(each) for each in logits.argmax(-1)]
            right = agreed(guess, best)
            accepted = guess[:right]
            for end, each in enumerate(accepted):
                if self._model.is_end(each):
                    accepted = accepted[:end]
                    best[len(accepted)] = each
                    break
            written.extend(accepted)
            context.extend(accepted)
            _keep(self._cache, len(context))
            token = best[len(accepted)]
            self.tokens = Tokens(self.tokens.prompt, len(written))
            text = self._model.decode(written)
            if len(text) > len(shown) and not text.endswith("\ufffd"):
                yield text[len(shown) :]
                shown = text
            if stop is not None and stop.is_set():
                break
        _keep(self._cache, len(self._ids))


def _keep(cache: DynamicCache, length: int) -> None:
    """Let the cache forget all after its first `length` tokens."""
    extra = int(cache.get_seq_length()) - length
    if extra > 0:
        cache.crop(-extra)


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
