"""A language model of scripted words at the pace of a real one, which costs no processor time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from bot.pipeline import Pipeline
from knowledge.abstain import shipped_calibration
from knowledge.answer import Answerer, Limits
from knowledge.library import Library
from knowledge.prompt import Prompt
from knowledge.retrieve import Weights
from knowledge.steady import SteadyRetriever
from knowledge.types import Tokens
from tests.fakes import HashingEmbedder
from tests.stores import OverlapReranker, QuotingGenerator, QuotingReading


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds until the prompt is read, and tokens written a second.

    As given: what the default model takes for an ordinary prompt on two cores.
    """

    read_s: float = 1.4
    tokens_s: float = 20.0


class PacedReading(QuotingReading):
    """Takes its time, and ends at once where it is stopped."""

    def __init__(self, prompt: Prompt, pace: Pace) -> None:
        threading.Event().wait(pace.read_s)
        super().__init__(prompt)
        self._pace = pace
        self.tokens = Tokens(prompt=len(prompt.evidence.split()))

    def write(self, *, max_tokens: int, stop: threading.Event | None) -> Iterator[str]:
        stop = stop or threading.Event()
        for word in self._text.split(" "):
            if stop.wait(1 / self._pace.tokens_s):
                return
            self.tokens = Tokens(self.tokens.prompt, self.tokens.completion + 1)
            yield word + " "


class PacedGenerator(QuotingGenerator):
    """Quotes the best passage, word by word."""

    name = "paced"

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def read(self, prompt: Prompt) -> PacedReading:
        return PacedReading(prompt, self._pace)


def paced(library: Library, *, embedder: HashingEmbedder, pace: Pace) -> Pipeline:
    """What answers from a library at such a pace."""
    reranker = OverlapReranker()
    retriever = SteadyRetriever(library, embedder=embedder, reranker=reranker, weights=Weights())
    answerer = Answerer(
        library,
        retriever=retriever,
        reranker=reranker,
        generator=PacedGenerator(pace),
        calibration=shipped_calibration(),
        limits=Limits(),
    )
    return Pipeline(retriever, reranker, answerer)
