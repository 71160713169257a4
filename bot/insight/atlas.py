"""The library as a map: which documents, where, how often cited, and what is missing between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from bot.gaps import Gap
from bot.insight.place import Points, between, means, placed, spread
from indexer.discover import SHIPPED
from knowledge.embed import Embedder
from knowledge.library import Library
from knowledge.said import said
from knowledge.types import DocumentInfo

_APART, _CLEAR = 0.045, 0.07
_GAPS = 12


@dataclass(frozen=True, slots=True)
class Spot:
    """A document on the map; `x` and `y` from 0 to 1."""

    document_id: str
    title: str
    folder: str
    x: float
    y: float
    cited: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What was asked and not answered; `number` is its mark on the map."""

    number: int
    question: str
    times: int
    x: float
    y: float
    near: str


@dataclass(frozen=True, slots=True)
class Map:
    """All that the picture shows."""

    spots: tuple[Spot, ...]
    missing: tuple[Missing, ...]

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders, those with most documents first."""
        counted: dict[str, int] = {}
        for spot in self.spots:
            counted[spot.folder] = counted.get(spot.folder, 0) + 1
        return tuple(sorted(counted, key=lambda name: (-counted[name], name)))


class Atlas:
    """Draws up maps of a library."""

    def __init__(self, library: Library, *, embedder: Embedder) -> None:
        self._library = library
        self._embedder = embedder

    def map(
        self, scopes: Sequence[str], *, cited: Mapping[str, int], gaps: Sequence[Gap] = ()
    ) -> Map:
        """A map of these scopes; `cited` says how often each document was, by its id."""
        documents = self._library.documents(scopes=scopes)
        vectors = {each.scope + each.id: self._vectors(each) for each in documents}
        known = [each for each in documents if vectors[each.scope + each.id]]
        if not known:
            return Map((), ())
        directions = means({each.scope + each.id: vectors[each.scope + each.id] for each in known})
        points = placed(directions, apart=_APART)
        spots = tuple(
            Spot(each.id, each.title, folder(each), float(x), float(y), cited.get(each.id, 0))
            for each, (x, y) in zip(known, points, strict=True)
        )
        return Map(spots, self._missing(gaps[:_GAPS], spots, directions, points))

    def _vectors(self, document: DocumentInfo) -> list[np.ndarray]:
        ids = self._library.catalog.chunk_ids(document.revision)
        return list(self._library.catalog.vectors(ids).values())

    def _missing(
        self, gaps: Sequence[Gap], spots: Sequence[Spot], directions: np.ndarray, points: Points
    ) -> tuple[Missing, ...]:
        if not gaps:
            return ()
        asked = np.stack([self._embedder.embed_query(gap.newest.question) for gap in gaps])
        nearest = np.argmax(asked @ directions.T, axis=1)
        found = between(asked, documents=directions, points=points)
        # Marks keep clear of the documents and of each other; the documents do not move.
        both = np.concatenate([points, found])
        clear = spread(both, apart=_CLEAR, fixed=len(points))[len(points) :]
        return tuple(
            Missing(
                n + 1, gap.newest.question, gap.times, float(x), float(y), spots[nearest[n]].title
            )
            for n, (gap, (x, y)) in enumerate(zip(gaps, clear, strict=True))
        )


def folder(document: DocumentInfo) -> str:
    """The group a document belongs to: shipped ones, a web site, a folder, or single files."""
    if document.origin == SHIPPED:
        return said("shipped documents")
    parts = PurePosixPath(document.id).parts
    return parts[0] if len(parts) > 1 else said("single documents")
