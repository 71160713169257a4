"""Text that speaks to a language model rather than to a reader (pure).

What is found here is neither given to the model nor cited; whoever adds the document is shown it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.receipt import Flagged
from knowledge.planted import planted_in, why_planted
from knowledge.said import said
from knowledge.types import Passage

_BESIDE = said("stands beside an order to a model")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A sentence of a document with why a person should look at it."""

    why: str
    quote: str
    position: int


def suspicions(passages: Sequence[Passage]) -> tuple[Suspicion, ...]:
    """What looks planted, in the order of the document; each sentence once."""
    found = (each for passage in passages for each in _in(passage))
    return tuple({each.quote: each for each in found}.values())


def flag(document_id: str, passages: Sequence[Passage]) -> Flagged | None:
    """A document's mark in a receipt, where something in it looks planted."""
    found = suspicions(passages)
    return Flagged(document_id, found[0].why, found[0].quote, len(found)) if found else None


def _in(passage: Passage) -> Iterator[Suspicion]:
    for head in (passage.title, *passage.location.headings):
        why = why_planted(head)
        if why is not None:
            yield Suspicion(why, head, passage.position)
    for span in planted_in(passage.text, under=passage.location.headings):
        quote = " ".join(span.text.split())
        yield Suspicion(why_planted(span.text) or _BESIDE, quote, passage.position)
