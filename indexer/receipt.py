"""What a run did, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.discover import Failure


@dataclass(frozen=True, slots=True)
class Flagged:
    """A document that holds an order to a language model: the first such sentence, of `count`."""

    id: str
    why: str
    quote: str
    count: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a run did, by document id, with the library's version before and after.

    `held` are documents that a person took back or out, whose files have not changed since;
    `flagged` are new ones with text that speaks to a model; `quarantined` are those of them that
    were kept out.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: tuple[Failure, ...]
    passages: int
    embedded: int
    version_before: str
    version_after: str
    seconds: float
    held: tuple[str, ...] = ()
    flagged: tuple[Flagged, ...] = ()
    quarantined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: documents and passages done, of how many."""

    documents: int
    of: int
    passages: int
    current: str
