"""Ids for documents: their own where it is free, else with the folders they stand in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

from indexer.discover import SHIPPED, Source, by_itself
from indexer.places import within
from knowledge.types import DocumentInfo


def named(source: Source, taken: Mapping[str, Source], live: Mapping[str, DocumentInfo]) -> Source:
    """The source under an id that no document from elsewhere has.

    A folder that was moved keeps its documents' ids: the old place is gone.
    """

    def free(document_id: str) -> bool:
        holder = live.get(document_id)
        return document_id not in taken and (holder is None or not _elsewhere(holder, source))

    return source.renamed(next(filter(free, _names(source))))


def _elsewhere(holder: DocumentInfo, source: Source) -> bool:
    origin = holder.origin or ""
    if origin in ("", source.origin) or within(origin, source.origin):
        return False
    return origin == SHIPPED or by_itself(origin) or Path(origin).exists()


def _names(source: Source) -> Iterator[str]:
    """A source's own id, then the same below more and more of the folders it stands in."""
    yield source.id
    place = Path(source.origin)
    if source.record is not None:
        place = source.path.resolve().with_suffix("")
    elif place == source.path.resolve():
        place = place.parent
    folders = [part for part in place.parts if part != place.anchor]
    for start in reversed(range(len(folders))):
        yield "/".join([*folders[start:], source.id])
    for number in itertools.count(2):
        yield f"{source.id} ({number})"
