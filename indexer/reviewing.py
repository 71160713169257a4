"""What a person should know before an upload answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from indexer.apart import words
from indexer.document import Document
from indexer.parts import Parts, holds_records, passages, summed
from indexer.pending import Staged
from indexer.suspicion import Suspicion, suspicions
from knowledge.embed import Vectors
from knowledge.library import SHARED, Library
from knowledge.types import DocumentInfo, Passage

# Cosine from which a reviewer is shown two passages as alike: a hint, decided by a person.
ALIKE = 0.93
_COMPARED = 200


@dataclass(frozen=True, slots=True)
class Likeness:
    """A document that says the same in `passages` of the new one's passages."""

    document: str
    title: str
    passages: int


@dataclass(frozen=True, slots=True)
class Lines:
    """How many documents a file of records would add, change, leave and take out."""

    added: int
    changed: int
    unchanged: int
    removed: int


@dataclass(frozen=True, slots=True)
class Review:
    """What was read of an upload that waits.

    `replaces` is the live document of the same id; `same` says that it would change nothing. A file
    of records has `lines`, its own name as `info.id`, and the passages of those that are new.
    """

    staged: Staged
    info: DocumentInfo
    pages: int | None
    words: int
    headings: tuple[str, ...]
    passages: tuple[Passage, ...]
    notes: tuple[str, ...]
    alike: tuple[Likeness, ...]
    suspicious: tuple[Suspicion, ...]
    replaces: DocumentInfo | None
    same: bool
    lines: Lines | None = None


def reviewed(
    staged: Staged, document: Document, found: Parts, vectors: Vectors, *, library: Library
) -> Review:
    """An upload looked over against what the library holds.

    `vectors` has a row for each passage of the documents that are new.
    """
    records = holds_records(staged)
    new = passages(found.new)
    shown = new or passages(found.all)
    headings = (heading for block in document.blocks for heading in block.headings)
    info = summed(found, staged, document.title)
    return Review(
        staged=staged,
        info=info,
        pages=document.pages,
        words=words(document),
        headings=tuple(dict.fromkeys(headings)),
        passages=shown,
        notes=document.notes,
        alike=_alike({each.info.id for each in found.all}, info.scope, vectors, library=library),
        suspicious=suspicions(shown),
        replaces=None if records else library.catalog.document(info.id, scope=info.scope),
        same=not found.switches,
        lines=_counted(found) if records else None,
    )


def _counted(found: Parts) -> Lines:
    return Lines(len(found.added), len(found.changed), len(found.unchanged), len(found.removed))


def _alike(
    own: Collection[str], scope: str, vectors: Vectors, *, library: Library
) -> tuple[Likeness, ...]:
    """The documents in reach that hold nearly the same passages, the likest first."""
    reach = dict.fromkeys((SHARED, scope))
    chosen = np.linspace(0, len(vectors) - 1, min(len(vectors), _COMPARED)).astype(int)
    titles: dict[str, str] = {}
    times: Counter[str] = Counter()
    for index in chosen:
        near = library.nearest(vectors[index], k=5, scopes=tuple(reach))
        found = {
            f"{passage.scope}\n{passage.document_id}": passage.title
            for passage, cosine in near
            if cosine >= ALIKE and not (passage.scope == scope and passage.document_id in own)
        }
        titles.update(found)
        times.update(found.keys())
    return tuple(
        Likeness(name.split("\n", 1)[1], titles[name], number)
        for name, number in times.most_common(5)
    )
