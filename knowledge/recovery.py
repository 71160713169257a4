"""Chroma brought in step with the catalogue: after a switch, after a crash, or from nothing.

The journal names the vectors that are on their way in or out; who finds it not empty finishes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knowledge.catalog import Catalog
from knowledge.errors import LibraryError, VectorsDamagedError
from knowledge.vectors import OWN_FOLDER, VectorStore

_AT_ONCE = 1000
_PLACE = "vectors are"


def recover(catalog: Catalog, vectors: VectorStore) -> None:
    """Undo additions that never went live and finish removals; cheap when there is nothing.

    Chroma may be damaged by what interrupted it: then its store is made anew.
    """
    journal = catalog.journal()
    try:
        _settle(catalog, vectors, journal)
    except VectorsDamagedError:
        rebuild(catalog, vectors)
        catalog.settled([chunk_id for chunk_id, _, _ in journal])
    if journal:
        catalog.discard_unfinished()


def _settle(
    catalog: Catalog, vectors: VectorStore, journal: Sequence[tuple[str, str, str]]
) -> None:
    live: dict[str, set[str]] = {}
    for chunk_id, scope, _ in journal:
        live.setdefault(scope, set())
        if chunk_id in catalog.passages([chunk_id], scopes=[scope]):
            live[scope].add(chunk_id)
    for scope, kept in live.items():
        mine = [chunk_id for chunk_id, in_scope, _ in journal if in_scope == scope]
        gone = [chunk_id for chunk_id in mine if chunk_id not in kept]
        vectors.delete(gone, scope=scope)
        if kept:
            restore(catalog, vectors, sorted(kept), scope=scope)
        catalog.settled(mine)


def check_embedder(catalog: Catalog, embedder: str) -> None:
    """Raise LibraryError where the vectors were made with another embedder."""
    made_with = catalog.meta("embedder")
    if made_with not in (None, embedder):
        raise LibraryError(
            f"This library's vectors were made with {made_with}, and the settings name "
            f"{embedder}. Set FOOTNOTE_EMBEDDING_MODEL back, or index into a new "
            "folder with --home."
        )


def check_place(catalog: Catalog, vectors: VectorStore) -> None:
    """Raise LibraryError where the library's vectors are not where the settings say."""
    place = catalog.meta(_PLACE) or OWN_FOLDER
    if place != vectors.place and catalog.version():
        raise LibraryError(
            f"This library's vectors are {place}, and the settings say {vectors.place}. "
            "Run 'footnote doctor --repair' to copy them there, which needs no model, "
            "or set CHROMA_URL back."
        )


def begin_place(catalog: Catalog, vectors: VectorStore) -> None:
    """The same before a writing; an empty library begins wherever the settings say."""
    check_place(catalog, vectors)
    if catalog.meta(_PLACE) != vectors.place:
        catalog.set_meta(_PLACE, vectors.place)


def restore(catalog: Catalog, vectors: VectorStore, ids: Sequence[str], *, scope: str) -> None:
    """Put stored vectors into Chroma again, without any model."""
    stored = catalog.vectors(ids)
    vectors.upsert(ids, np.stack([stored[each] for each in ids]), scope=scope)


def reinstate(catalog: Catalog, vectors: VectorStore, revision: str, *, scope: str) -> None:
    """Put a stored revision's vectors into Chroma again, before it is switched to."""
    catalog.note_adding(revision, scope=scope)
    if ids := catalog.chunk_ids(revision):
        restore(catalog, vectors, ids, scope=scope)


def sweep(catalog: Catalog, vectors: VectorStore) -> None:
    """Take out the vectors that a switch has retired."""
    removals: dict[str, list[str]] = {}
    for chunk_id, scope, action in catalog.journal():
        if action == "remove":
            removals.setdefault(scope, []).append(chunk_id)
    for scope, ids in removals.items():
        vectors.delete(ids, scope=scope)
        catalog.settled(ids)


def rebuild(catalog: Catalog, vectors: VectorStore) -> int:
    """Make the vector store anew from the catalogue; the count of its vectors.

    Never updates what is there: Chroma may crash on a damaged index.
    """
    vectors.discard()
    total = 0
    for scope in catalog.scopes():
        live = sorted(catalog.live_ids(scope=scope))
        for start in range(0, len(live), _AT_ONCE):
            restore(catalog, vectors, live[start : start + _AT_ONCE], scope=scope)
        total += len(live)
    catalog.set_meta(_PLACE, vectors.place)
    return total
