"""A library as it would be after a change that nobody has made yet; nothing of it is written.

The catalogue makes the change in a transaction that it rolls back after each look, so that all it
says, full-text scores included, is what it would say then. Vectors that are not in Chroma yet are
compared beside those that are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import numpy as np

from knowledge.catalog import Catalog
from knowledge.embed import Vectors
from knowledge.errors import LibraryError, LibraryLockedError
from knowledge.library import CATALOG, VECTORS, Library
from knowledge.switching import Switch, stage, switch
from knowledge.types import DocumentInfo, Passage
from knowledge.vectors import VectorStore

Added = Mapping[str, tuple[Sequence[str], Vectors]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A revision that the catalogue does not hold yet; a row of `vectors` for each passage."""

    info: DocumentInfo
    passages: tuple[Passage, ...]
    vectors: Vectors


class Tentative(Library):
    """Reads like any library, and cannot be written."""

    def __init__(
        self, library: Library, switches: Sequence[Switch], *, drafts: Sequence[Draft] = ()
    ) -> None:
        new = [each for each in drafts if not library.catalog.has_revision(each.info.revision)]
        self._changed = _ChangedCatalog(library.home / CATALOG, switches, new)
        super().__init__(
            library.home,
            embedder=library.embedder,
            catalog=self._changed,
            vectors=_MoreVectors(library, _added(library, switches, new)),
        )

    def still(self) -> AbstractContextManager[None]:
        """Make the change once for all the looks within, rather than for each of them."""
        return self._changed.applied()

    def writing(self, *, rebuilding: bool = False) -> NoReturn:
        """Not this one, for no purpose."""
        del rebuilding
        raise LibraryError("A library as it would be cannot be written. Change the library itself.")


class _ChangedCatalog(Catalog):
    """The catalogue on a connection of its own, with a change that is never committed."""

    def __init__(self, path: Path, switches: Sequence[Switch], drafts: Sequence[Draft]) -> None:
        super().__init__(path)
        self._switches = switches
        self._drafts = drafts
        self._inside = False

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Make the change, and take it back at the end; other writers wait meanwhile."""
        with self._lock:
            if self._inside:
                yield
                return
            self._begin()
            self._inside = True
            try:
                self._change()
                yield
            finally:
                self._inside = False
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with self.applied():
            return super()._rows(query, values)

    def _begin(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise LibraryLockedError(
                "Another process is changing the library. Wait until it has finished, then try"
                " again."
            ) from error

    def _change(self) -> None:
        now = datetime.now(UTC)
        for each in self._drafts:
            stage(self._db, each.info, each.passages, each.vectors, now=now)
        for to in self._switches:
            switch(self._db, to, now=now)


class _MoreVectors(VectorStore):
    """The vectors of a library, and some more."""

    def __init__(self, library: Library, added: Added) -> None:
        super().__init__(library.home / VECTORS, embedder=library.embedder)
        self._under = library.vectors
        self._added = added

    def query(self, vector: Vectors, *, k: int, scope: str) -> list[tuple[str, float]]:
        """The `k` nearest ids with their cosine similarity, best first."""
        found = dict(self._under.query(vector, k=k, scope=scope))
        ids, vectors = self._added.get(scope, ((), None))
        if vectors is not None:
            found.update(zip(ids, (vectors @ vector).tolist(), strict=True))
        return sorted(found.items(), key=lambda each: -each[1])[:k]


def _added(library: Library, switches: Sequence[Switch], drafts: Sequence[Draft]) -> Added:
    """The vectors that a change brings, by scope."""
    found: dict[str, dict[str, Vectors]] = {}
    new = {each.info.revision: each for each in drafts}
    for to in switches:
        if to.revision is None:
            continue
        draft = new.get(to.revision)
        if draft is not None:
            ids = [each.id for each in draft.passages]
            stored = dict(zip(ids, draft.vectors, strict=True))
        else:
            stored = library.catalog.vectors(library.catalog.chunk_ids(to.revision))
        found.setdefault(to.scope, {}).update(stored)
    return {
        scope: (list(vectors), np.stack(list(vectors.values())))
        for scope, vectors in found.items()
        if vectors
    }
