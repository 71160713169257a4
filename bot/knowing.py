"""What answers, and what is known: as much of it as the bot needs."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Protocol

from knowledge.types import Citation, DocumentInfo, Event, Evidence, Passage, Sentence

Checked = tuple[tuple[Sentence, tuple[Citation, ...]], ...]


class Answerer(Protocol):
    """What answers and checks; synchronous, and driven by several threads at once."""

    def answer(
        self,
        question: str,
        *,
        conversation: Sequence[tuple[str, str]] = (),
        scopes: Sequence[str] = ("shared",),
        stop: threading.Event | None = None,
    ) -> Iterator[Event]:
        """Evidence, text and verdicts as they come, the whole answer last."""
        ...

    def check(self, text: str, *, scopes: Sequence[str] = ("shared",)) -> Checked:
        """Each sentence of a text with what the documents say of it."""
        ...


class Library(Protocol):
    """What is known; its methods may be called while an answer is being written."""

    @property
    def version(self) -> str:
        """Changes whenever the evidence may have."""
        ...

    def documents(self, *, scopes: Sequence[str]) -> Sequence[DocumentInfo]:
        """Every live document of these scopes."""
        ...

    def passages(self, document_id: str, *, scope: str) -> Sequence[Passage]:
        """One document's passages, in order."""
        ...

    def passage(self, passage_id: str) -> Passage | None:
        """A passage by its id, also of a retired revision."""
        ...

    def search(self, query: str, *, k: int, scopes: Sequence[str]) -> Sequence[Evidence]:
        """The best `k` passages for a query."""
        ...

    def glance(self, query: str, *, k: int, scopes: Sequence[str]) -> Sequence[Evidence]:
        """About the same at a third of the cost, to be shown while the question waits."""
        ...
