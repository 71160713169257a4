"""Vectors in Chroma; the only importer of chromadb."""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.embed import Vectors
from knowledge.errors import LibraryError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection


def collection_name(scope: str, embedder: str) -> str:
    """A Chroma name (3 to 63 of [a-zA-Z0-9._-]) for the vectors of one scope and embedder."""
    digest = hashlib.sha256(f"{scope}\0{embedder}".encode()).hexdigest()[:12]
    return f"scope-{digest}"


class VectorStore:
    """Unit vectors by chunk id, a collection for each scope. Holds no text."""

    def __init__(self, folder: Path, *, embedder: str) -> None:
        self._folder = folder
        self._embedder = embedder
        self._collections: dict[str, Collection] = {}
        # Nobody may be inside while the client is closed to be opened anew.
        self._lock = threading.RLock()

    @cached_property
    def _client(self) -> ClientAPI:
        import chromadb
        from chromadb.config import Settings

        # Telemetry off in Chroma's own settings, and its logger silenced for the case of a
        # version that reports before it reads them.
        logging.getLogger("chromadb.telemetry").disabled = True
        try:
            return chromadb.PersistentClient(
                path=str(self._folder), settings=Settings(anonymized_telemetry=False)
            )
        except Exception as error:
            from chromadb.api.shared_system_client import SharedSystemClient

            # Chroma keeps what it could not start, and would hand it out at the next try.
            SharedSystemClient._identifier_to_system.pop(str(self._folder), None)
            raise self._damaged(error) from error

    def close(self) -> None:
        """Let go of the files; the next use opens them as they are then."""
        with self._lock:
            self._collections.clear()
            client = self.__dict__.pop("_client", None)
            if client is not None:
                client.close()

    def _damaged(self, error: Exception) -> LibraryError:
        return LibraryError(
            f"The vector store {self._folder} cannot be used ({error}). "
            "Run 'footnote doctor --repair': it builds it anew from the catalogue."
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        with self._lock:
            try:
                yield
            except ChromaError as error:
                # Another process may have made the store anew: look its collections up again.
                self._collections.clear()
                raise self._damaged(error) from error

    def discard(self) -> None:
        """Forget every vector, whatever state the store is in; the next use begins anew."""
        from chromadb.errors import ChromaError

        self._collections.clear()
        try:
            for each in self._client.list_collections():
                self._client.delete_collection(each.name)
        except (ChromaError, LibraryError):
            client = self.__dict__.pop("_client", None)
            if client is not None:
                client.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _collection(self, scope: str) -> Collection:
        if scope not in self._collections:
            self._collections[scope] = self._client.get_or_create_collection(
                collection_name(scope, self._embedder),
                configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
                embedding_function=None,
            )
        return self._collections[scope]

    def upsert(self, ids: Sequence[str], vectors: Vectors, *, scope: str) -> None:
        """Store vectors of shape (len(ids), dimensions) under their ids."""
        with self._told():
            step = self._client.get_max_batch_size()
            for start in range(0, len(ids), step):
                self._collection(scope).upsert(
                    ids=list(ids[start : start + step]), embeddings=vectors[start : start + step]
                )

    def delete(self, ids: Sequence[str], *, scope: str) -> None:
        """Remove vectors; unknown ids are no error."""
        with self._told():
            step = self._client.get_max_batch_size()
            for start in range(0, len(ids), step):
                self._collection(scope).delete(ids=list(ids[start : start + step]))

    def erase(self, *, scope: str) -> None:
        """Remove a scope's whole collection."""
        with self._told():
            self._collections.pop(scope, None)
            name = collection_name(scope, self._embedder)
            if name in {each.name for each in self._client.list_collections()}:
                self._client.delete_collection(name)

    def query(self, vector: Vectors, *, k: int, scope: str) -> list[tuple[str, float]]:
        """The `k` nearest ids with their cosine similarity, best first."""
        with self._told():
            k = min(k, self.count(scope=scope))
            if k == 0:
                return []
            found = self._collection(scope).query(
                query_embeddings=vector[None, :], n_results=k, include=["distances"]
            )
        distances = found["distances"] or [[]]
        return [
            (chunk_id, 1.0 - float(distance))
            for chunk_id, distance in zip(found["ids"][0], distances[0], strict=True)
        ]

    def count(self, *, scope: str) -> int:
        """How many vectors a scope holds."""
        with self._told():
            return self._collection(scope).count()

    def ids(self, *, scope: str) -> set[str]:
        """Every id of a scope."""
        with self._told():
            return set(self._collection(scope).get(include=[])["ids"])
