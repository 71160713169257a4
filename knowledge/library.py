"""Publish, remove, search: the catalogue and the vectors as one thing.

SQLite and Chroma share no transaction, so SQLite decides. Vectors go in before the switch and out
after it, and the journal names those under way: whatever instant a crash picks, the next writer
finds in the journal what to undo or to finish, and readers drop what the catalogue does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from knowledge.catalog import Catalog
from knowledge.embed import Vectors
from knowledge.errors import LibraryError
from knowledge.lock import WriterLock
from knowledge.recovery import (
    begin_place,
    check_embedder,
    check_place,
    rebuild,
    recover,
    reinstate,
    sweep,
)
from knowledge.switching import REMOVED, Switch
from knowledge.types import DocumentInfo, Passage
from knowledge.vectors import VectorStore

SHARED = "shared"
CATALOG, VECTORS = "catalog.sqlite3", "vectors"


class Library:
    """One data folder: `catalog.sqlite3`, `vectors/` and the writer's lock."""

    def __init__(
        self,
        home: Path,
        *,
        embedder: str,
        keep_revisions: int = 5,
        chroma_url: str | None = None,
        catalog: Catalog | None = None,
        vectors: VectorStore | None = None,
    ) -> None:
        self.home = home
        self.embedder = embedder
        self._keep = keep_revisions
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(
                f"The data folder {home} cannot be made ({error.strerror}). "
                "Name another with --home or FOOTNOTE_HOME."
            ) from error
        self.catalog = catalog or Catalog(home / CATALOG)
        self.vectors = vectors or VectorStore(
            home / VECTORS,
            embedder=embedder,
            server=chroma_url,
            library=self.catalog.identity() if chroma_url else "",
        )
        self._lock = WriterLock(home)
        # The version up to which Chroma's client in this process has seen every change.
        self._seen = self.catalog.version()

    def close(self) -> None:
        """Let go of the files."""
        self.catalog.close()
        self.vectors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def version(self) -> str:
        """Grows with every switch; the same version means the same answers' ground."""
        return str(self.catalog.version())

    # -- reading ---------------------------------------------------------------------------

    def still(self) -> AbstractContextManager[None]:
        """Several looks within one, where looking is dear."""
        return nullcontext()

    def documents(self, *, scopes: Sequence[str] = (SHARED,)) -> tuple[DocumentInfo, ...]:
        """Live documents by scope and id."""
        return self.catalog.documents(scopes=scopes)

    def passages(self, document_id: str, *, scope: str = SHARED) -> tuple[Passage, ...]:
        """A live document's passages, in order."""
        return self.catalog.document_passages(document_id, scope=scope)

    def passage(self, passage_id: str) -> Passage | None:
        """A passage, also of a kept older revision."""
        return self.catalog.passage(passage_id)

    def nearest(
        self, vector: Vectors, *, k: int, scopes: Sequence[str]
    ) -> list[tuple[Passage, float]]:
        """The `k` live passages nearest to a unit vector, with cosine similarity, best first.

        Raises LibraryError where the vectors are another embedder's, or elsewhere.
        """
        self.check_vectors()
        self._see_others()
        try:
            return self._nearest(vector, k=k, scopes=scopes)
        except LibraryError:
            # Another process may have tidied its files away under us just now.
            self.vectors.close()
            return self._nearest(vector, k=k, scopes=scopes)

    def _see_others(self) -> None:
        """Open Chroma anew where another process has written: its client never looks again."""
        version = self.catalog.version()
        if version != self._seen and not self._lock.taken_here:
            self.vectors.renew()
            self._seen = version

    def _nearest(
        self, vector: Vectors, *, k: int, scopes: Sequence[str]
    ) -> list[tuple[Passage, float]]:
        hits: list[tuple[Passage, float]] = []
        for scope in scopes:
            hits.extend(self._nearest_in(scope, vector, k=k))
        return sorted(hits, key=lambda hit: -hit[1])[:k]

    def _nearest_in(self, scope: str, vector: Vectors, *, k: int) -> list[tuple[Passage, float]]:
        asked = k + 10
        while True:
            found = self.vectors.query(vector, k=asked, scope=scope)
            live = self.catalog.passages([chunk_id for chunk_id, _ in found], scopes=[scope])
            hits = [(live[chunk_id], cosine) for chunk_id, cosine in found if chunk_id in live]
            # Vectors on their way in or out are not live: look further until there are enough.
            if len(hits) >= k or len(found) < asked:
                return hits[:k]
            asked *= 4

    def keyword(
        self, question: str, *, k: int, scopes: Sequence[str]
    ) -> list[tuple[Passage, float]]:
        """The `k` best live passages for the question's words, with BM25 scores, best first."""
        found = self.catalog.keyword(question, k=k, scopes=scopes)
        live = self.catalog.passages([chunk_id for chunk_id, _ in found], scopes=scopes)
        return [(live[chunk_id], score) for chunk_id, score in found if chunk_id in live]

    # -- writing ---------------------------------------------------------------------------

    @contextmanager
    def writing(self, *, rebuilding: bool = False) -> Iterator[None]:
        """Hold the one writer's lock; repairs what an interrupted writer left.

        Only who is `rebuilding` the vectors may write where they are not yet.
        """
        with self._lock.held():
            if self.catalog.meta("embedder") is None:
                self.catalog.set_meta("embedder", self.embedder)
            check_embedder(self.catalog, self.embedder)
            if not rebuilding:
                begin_place(self.catalog, self.vectors)
            if self.catalog.version() != self._seen:
                self.vectors.renew()
            self.recover()
            try:
                yield
            finally:
                self._seen = self.catalog.version()

    def check_vectors(self) -> None:
        """Raise LibraryError where the vectors are another embedder's, or elsewhere."""
        check_embedder(self.catalog, self.embedder)
        check_place(self.catalog, self.vectors)

    def recover(self) -> None:
        """Undo what was staged and never switched to; needs the writer's lock."""
        recover(self.catalog, self.vectors)

    def publish(
        self,
        info: DocumentInfo,
        passages: Sequence[Passage],
        vectors: Vectors,
        *,
        action: str,
        now: datetime | None = None,
    ) -> None:
        """Make a revision the one that answers; the old one answers until the switch.

        `vectors` has shape (len(passages), dimensions). Needs the writer's lock.
        """
        if self.catalog.has_revision(info.revision):
            self.reinstate(info, action=action, now=now)
            return
        at = now or datetime.now(UTC)
        self.catalog.stage(info, passages, vectors, now=at)
        if passages:
            self.vectors.upsert([each.id for each in passages], vectors, scope=info.scope)
        self._switch(info, at=at, action=action)

    def reinstate(self, info: DocumentInfo, *, action: str, now: datetime | None = None) -> None:
        """Make a stored revision the one that answers, without any model."""
        reinstate(self.catalog, self.vectors, info.revision, scope=info.scope)
        self._switch(info, at=now or datetime.now(UTC), action=action)

    def _switch(self, info: DocumentInfo, *, at: datetime, action: str) -> None:
        to = Switch(info.id, info.scope, info.revision, info.origin or "", action)
        self.catalog.switch(to, now=at)
        sweep(self.catalog, self.vectors)
        self.catalog.prune(info.id, scope=info.scope, keep=self._keep)

    def remove(
        self,
        document_id: str,
        *,
        scope: str = SHARED,
        action: str = REMOVED,
        now: datetime | None = None,
    ) -> bool:
        """Let a document answer no more; its revision is kept for roll-back."""
        to = Switch(document_id, scope, None, action=action)
        gone = self.catalog.switch(to, now=now or datetime.now(UTC))
        sweep(self.catalog, self.vectors)
        return gone

    def require_kept(self, switches: Sequence[Switch]) -> None:
        """Raise LibraryError where a revision to switch to is no longer kept."""
        for each in switches:
            if each.revision is not None and not self.catalog.has_revision(each.revision):
                raise LibraryError(
                    f"The wanted version of {each.document_id} is no longer kept. "
                    "Choose a newer one; FOOTNOTE_KEEP_REVISIONS says how many are kept."
                )

    def change(self, switches: Sequence[Switch], *, now: datetime | None = None) -> None:
        """Let stored revisions answer, or nothing: all documents in one commit, without a model.

        Raises LibraryError, and changes nothing, where a revision is no longer kept.
        """
        self.require_kept(switches)
        for each in switches:
            if each.revision is not None:
                reinstate(self.catalog, self.vectors, each.revision, scope=each.scope)
        self.catalog.switch_all(switches, now=now or datetime.now(UTC))
        sweep(self.catalog, self.vectors)
        for each in switches:
            self.catalog.prune(each.document_id, scope=each.scope, keep=self._keep)

    def erase(self, scope: str) -> None:
        """Delete a scope with its documents, kept revisions, vectors and history, for good."""
        self.catalog.erase(scope)
        self.vectors.erase(scope=scope)

    def rebuild_vectors(self) -> int:
        """Make the vector store anew from the catalogue; the count of its vectors."""
        return rebuild(self.catalog, self.vectors)
