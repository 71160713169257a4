"""A language model behind an OpenAI-compatible server: llama.cpp's, vLLM, Ollama, a hosted one."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from knowledge.endpoint import Chat, Endpoint
from knowledge.errors import GenerationError
from knowledge.once import Once
from knowledge.prompt import ANSWER, JUDGE, Prompt
from knowledge.types import Tokens

# How many likeliest first tokens are asked for; 20 is the most that the protocol allows.
_ALTERNATIVES = 20
# A yes or a no in the fall-back; some tokenizers need a second token for it.
_JUDGED_TOKENS = 2
# The calibration was fitted on log-odds between -2 and 3. Larger models are surer: unbounded, they
# would drown the other signals.
_SUREST = 3.0
# A server without log-probabilities still says yes or no, the sign of the log-odds, and this is
# what they were on average on 168 development questions where the sign was so. With the signs
# alone the gate's AUROC is .86 instead of .91, and with nothing (0) it would refuse everything.
_SAID = {"yes": 0.96, "no": -0.57}
_SAID_NEITHER = 0.46


class ServedGenerator:
    """A server's model, its first one where none is named. Safe to share between threads."""

    def __init__(self, endpoint: Endpoint, *, model: str | None) -> None:
        self.endpoint = endpoint
        self._named = model
        self._first = Once(self._first_of_server)

    def _first_of_server(self) -> str:
        models = self.endpoint.models()
        if not models:
            raise GenerationError("The language model's server names no model. Set LLM_MODEL.")
        self._named = models[0]
        return models[0]

    @property
    def model(self) -> str:
        """What the server calls the model; it is asked where no setting says."""
        return self._named or self._first()

    @property
    def name(self) -> str:
        """The model's name as far as it is known, without the folders of a file."""
        named = self._named or "the server's model"
        return PurePosixPath(named).name if named.endswith(".gguf") else named

    def load(self) -> None:
        """Have the server load the model; Ollama does so only when something is asked."""
        for _ in self.read(Prompt("Answer.", "ready", "ready?")).write(max_tokens=1, stop=None):
            pass

    def read(self, prompt: Prompt) -> ServedReading:
        """Nothing is sent yet: a server keeps what it has read of a prompt by itself."""
        return ServedReading(self, prompt)


class ServedReading:
    """Evidence that is sent with each question about it; servers cache what requests begin with."""

    def __init__(self, generator: ServedGenerator, prompt: Prompt) -> None:
        self._generator = generator
        self._prompt = prompt
        self.tokens = Tokens()

    def _chat(self, task: str, *, max_tokens: int) -> Chat:
        user = f"{self._prompt.evidence}\n\n{self._prompt.question}\n{task}"
        return Chat(self._prompt.system, user, max_tokens)

    def answerable(self) -> float | None:
        """Log-odds that the passages state the answer, or what stands for them."""
        reply = self._generator.endpoint.complete(
            self._chat(JUDGE, max_tokens=_JUDGED_TOKENS),
            model=self._generator.model,
            alternatives=_ALTERNATIVES,
        )
        self.tokens = Tokens(reply.tokens.prompt, self.tokens.completion)
        odds = log_odds(reply.firsts)
        return said(reply.text) if odds is None else odds

    def state(self, ask: str = JUDGE) -> tuple[float, ...]:  # noqa: ARG002 - not asked
        """Nothing: a server does not show it."""
        return ()

    def write(self, *, max_tokens: int, stop: threading.Event | None) -> Iterator[str]:
        """The answer in pieces as it is written; setting `stop` ends it."""
        pieces = self._generator.endpoint.stream(
            self._chat(ANSWER, max_tokens=max_tokens), model=self._generator.model, stop=stop
        )
        written = 0
        for piece in pieces:
            if isinstance(piece, Tokens):
                self.tokens = piece
                continue
            # Most servers send a piece for each token; those that count will say.
            written += 1
            self.tokens = Tokens(self.tokens.prompt, written)
            yield piece


def log_odds(firsts: Sequence[tuple[str, float]]) -> float | None:
    """Log-odds of yes against no from the likeliest first tokens; None where neither is there.

    A word that is not among them is less likely than the last that is.
    """
    chances: dict[str, float] = {}
    for token, logprob in firsts:
        word = _plain(token)
        chances[word] = chances.get(word, 0.0) + math.exp(min(0.0, logprob))
    if not chances.get("yes") and not chances.get("no"):
        return None
    least = math.exp(max(-50.0, min(min(0.0, logprob) for _, logprob in firsts)))
    yes, no = (max(chances.get(word, 0.0), least) for word in ("yes", "no"))
    return max(-_SUREST, min(_SUREST, math.log(yes / no)))


def said(text: str) -> float:
    """What a reply in words is worth as log-odds."""
    words = text.split()
    return _SAID.get(_plain(words[0]) if words else "", _SAID_NEITHER)


def _plain(word: str) -> str:
    return word.strip(" \n\t.,!:;*\"'▁Ġ").casefold()
