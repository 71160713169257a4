"""The way from a question to an answer over one library, and who lets the model go it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from knowledge.answer import Answerer
from knowledge.library import Library
from knowledge.rerank import Reranker
from knowledge.retrieve import Retriever
from knowledge.types import Answer, AnswerReady, Event

Work = Callable[[threading.Event], Iterator[Event]]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What answers from one library."""

    retriever: Retriever
    reranker: Reranker
    answerer: Answerer


Build = Callable[[Library], Pipeline]


class Model(Protocol):
    """Lets the language model answer, in its turn."""

    def __call__(self, work: Work, /, *, seconds: float) -> Answer | None:
        """The answer, or None where the model has no time for a whole one within `seconds`."""
        ...


def here(work: Work, /, *, seconds: float) -> Answer | None:
    """Answer in this thread; for a process in which nobody else asks."""
    stop = threading.Event()
    alarm = threading.Timer(seconds, stop.set)
    alarm.daemon = True
    alarm.start()
    try:
        answer = whole(work(stop))
    finally:
        alarm.cancel()
    return None if stop.is_set() else answer


def absent(_: Work, /, *, seconds: float) -> None:
    """No model: documents are quoted as they are."""


def whole(events: Iterator[Event]) -> Answer | None:
    """The answer that ends a stream of events."""
    answer: Answer | None = None
    for event in events:
        if isinstance(event, AnswerReady):
            answer = event.answer
    return answer
