"""Vectors in Chroma, embedded or on a server; the only importer of chromadb."""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from knowledge.embed import Vectors
from knowledge.errors import LibraryError, VectorsDamagedError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

# Chroma's own client would wait for ever.
_SERVER_TIMEOUT_S = 30.0
# A request of 1,000 vectors is some megabytes; servers refuse those above 40.
_SERVER_BATCH = 1000
OWN_FOLDER = "in its own folder"
# With less room on its disk than a write needs, Chroma may wait for ever: nothing is begun then.
# What takes away is let through a while longer, so that what was begun can be finished.
_ROOM = 50_000_000
_ROOM_TO_DELETE = 20_000_000


def collection_name(scope: str, embedder: str, *, library: str = "") -> str:
    """A Chroma name (3 to 63 of [a-zA-Z0-9._-]) for the vectors of one scope and embedder.

    `library` keeps libraries apart that share a server.
    """
    digest = hashlib.sha256(f"{scope}\0{embedder}".encode()).hexdigest()[:12]
    return f"{_prefix(library)}{digest}"


def _prefix(library: str) -> str:
    return f"scope-{library}-" if library else "scope-"


class VectorStore:
    """Unit vectors by chunk id, a collection for each scope. Holds no text.

    They are in `folder`, or on the server at the address `server`, under names with `library`.
    """

    def __init__(
        self, folder: Path, *, embedder: str, server: str | None = None, library: str = ""
    ) -> None:
        self._folder = folder
        self._embedder = embedder
        self._server = server
        self._library = library
        self._collections: dict[str, Collection] = {}
        # Nobody may be inside while the client is closed to be opened anew.
        self._lock = threading.RLock()

    @property
    def place(self) -> str:
        """Where the vectors are, as a person would say it."""
        return f"on the Chroma server at {self._server}" if self._server else OWN_FOLDER

    @cached_property
    def _client(self) -> ClientAPI:
        # Chroma's telemetry is off in its own settings, and its logger silenced for the case of a
        # version that reports before it reads them.
        logging.getLogger("chromadb.telemetry").disabled = True
        return self._served(self._server) if self._server else self._embedded()

    def _embedded(self) -> ClientAPI:
        import chromadb
        from chromadb.config import Settings

        try:
            return chromadb.PersistentClient(
                path=str(self._folder), settings=Settings(anonymized_telemetry=False)
            )
        except Exception as error:
            from chromadb.api.shared_system_client import SharedSystemClient

            # Chroma keeps what it could not start, and would hand it out at the next try.
            SharedSystemClient._identifier_to_system.pop(str(self._folder), None)
            raise self._unusable(error) from error

    def _served(self, url: str) -> ClientAPI:
        import chromadb
        from chromadb.config import Settings

        address = urlsplit(url)
        secure = address.scheme == "https"
        host, port = address.hostname or "", address.port or (443 if secure else 80)
        try:
            _greet(host, port, secure=secure)
            client = chromadb.HttpClient(
                host=host,
                port=port,
                ssl=secure,
                settings=Settings(anonymized_telemetry=False),
            )
        except Exception as error:
            raise self._unusable(error) from error
        client._server._session.timeout = _SERVER_TIMEOUT_S  # type: ignore[attr-defined]  # no public way
        return client

    def close(self) -> None:
        """Let go of the files; the next use opens them as they are then."""
        with self._lock:
            self._collections.clear()
            client = self.__dict__.pop("_client", None)
            if client is not None:
                client.close()

    def renew(self) -> None:
        """See what other processes have written: an embedded client never looks again."""
        if self._server is None:
            self.close()

    def _unusable(self, error: Exception) -> LibraryError:
        if self._server:
            return LibraryError(
                f"The Chroma server at {self._server} cannot be used ({error}). Start it, or "
                "correct CHROMA_URL. If it has lost its data, run 'footnote doctor --repair'."
            )
        return VectorsDamagedError(
            f"The vector store {self._folder} cannot be used ({error}). "
            "Run 'footnote doctor --repair': it builds it anew from the catalogue."
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        with self._lock:
            try:
                yield
            except LibraryError:
                raise
            except Exception as error:
                # A server's client raises whatever it meets, bare exceptions among it.
                if self._server is None and not isinstance(error, ChromaError):
                    raise
                # Another process may have made the store anew: look its collections up again.
                self._collections.clear()
                raise self._unusable(error) from error

    def discard(self) -> None:
        """Forget every vector, whatever state the store is in; the next use begins anew."""
        self._collections.clear()
        try:
            with self._told():
                for each in self._client.list_collections():
                    if each.name.startswith(_prefix(self._library)):
                        self._client.delete_collection(each.name)
        except LibraryError:
            if self._server:
                raise
            self.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _collection(self, scope: str) -> Collection:
        if scope not in self._collections:
            self._collections[scope] = self._client.get_or_create_collection(
                self._name(scope),
                configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
                embedding_function=None,
            )
        return self._collections[scope]

    def _name(self, scope: str) -> str:
        return collection_name(scope, self._embedder, library=self._library)

    def _batch(self) -> int:
        return _SERVER_BATCH if self._server else self._client.get_max_batch_size()

    def _refuse_full_disk(self, needed: int) -> None:
        if self._server is not None:
            return
        place = next(each for each in (self._folder, *self._folder.parents) if each.exists())
        free = shutil.disk_usage(place).free
        if free < needed:
            raise LibraryError(
                f"The disk of {self._folder} has only {free / 1e6:.0f} MB left. Make room for "
                f"{needed / 1e6:.0f} MB, and try again."
            )

    def upsert(self, ids: Sequence[str], vectors: Vectors, *, scope: str) -> None:
        """Store vectors of shape (len(ids), dimensions) under their ids."""
        with self._told():
            self._refuse_full_disk(_ROOM + 2 * vectors.nbytes)
            step = self._batch()
            for start in range(0, len(ids), step):
                self._collection(scope).upsert(
                    ids=list(ids[start : start + step]), embeddings=vectors[start : start + step]
                )

    def delete(self, ids: Sequence[str], *, scope: str) -> None:
        """Remove vectors; unknown ids are no error."""
        with self._told():
            self._refuse_full_disk(_ROOM_TO_DELETE)
            step = self._batch()
            for start in range(0, len(ids), step):
                self._collection(scope).delete(ids=list(ids[start : start + step]))

    def erase(self, *, scope: str) -> None:
        """Remove a scope's whole collection."""
        from chromadb.errors import NotFoundError

        with self._told(), suppress(NotFoundError):
            self._collections.pop(scope, None)
            self._client.delete_collection(self._name(scope))

    def query(self, vector: Vectors, *, k: int, scope: str) -> list[tuple[str, float]]:
        """The `k` nearest ids with their cosine similarity, best first; fewer where there are."""
        with self._told():
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


def _greet(host: str, port: int, *, secure: bool) -> None:
    """Raise OSError or HTTPException where no server answers: Chroma's client would wait on."""
    kind = HTTPSConnection if secure else HTTPConnection
    connection = kind(host, port, timeout=_SERVER_TIMEOUT_S)
    try:
        connection.request("GET", "/api/v2/heartbeat")
        connection.getresponse().read()
    finally:
        connection.close()
