"""The catalogue in SQLite: documents, revisions, chunks, full text; the truth of what lives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from knowledge.catalog_file import marks
from knowledge.embed import Vectors
from knowledge.lookup import Lookup
from knowledge.switching import (
    ADDED,
    CHANGED,
    REMOVED,
    ROLLED_BACK,
    Switch,
    note,
    stage,
    switch,
)
from knowledge.types import Change, DocumentInfo, Passage


class Catalog(Lookup):
    """One SQLite file; safe to share between threads."""

    # -- the past and what is under way ----------------------------------------------------

    def stored(self, revision: str) -> DocumentInfo | None:
        """A stored revision as the document it would be if it were live."""
        rows = self._rows(
            "SELECT document_id, title, scope,"
            " (SELECT count(*) FROM chunks c WHERE c.revision = r.revision),"
            " revision, updated, source, summary, origin, digest"
            " FROM revisions r WHERE revision = ?",
            [revision],
        )
        return DocumentInfo(*rows[0]) if rows else None  # type: ignore[arg-type]  # as above

    def digests(self) -> frozenset[str]:
        """The digest of every file that a kept revision is made from."""
        return frozenset(str(row[0]) for row in self._rows("SELECT DISTINCT digest FROM revisions"))

    def history(
        self, *, scopes: Sequence[str], document_id: str | None = None, limit: int = 50
    ) -> tuple[Change, ...]:
        """The newest switches of these scopes, or of one document in them, newest first."""
        one = "" if document_id is None else " AND h.document_id = ?"
        rows = self._rows(
            "SELECT h.version, h.at, h.action, h.scope, h.document_id, h.revision, h.previous,"  # noqa: S608
            " (SELECT title FROM revisions r"
            "  WHERE r.revision = coalesce(h.revision, h.previous))"
            f" FROM history h WHERE h.scope IN ({marks(scopes)}){one}"
            " ORDER BY h.version DESC LIMIT ?",
            [*scopes, *([] if document_id is None else [document_id]), limit],
        )
        return tuple(Change(*row) for row in rows)  # type: ignore[arg-type]  # as above

    def since(self, version: int) -> tuple[Change, ...]:
        """Every switch after a version, in all scopes, oldest first."""
        rows = self._rows(
            "SELECT version, at, action, scope, document_id, revision, previous, NULL"
            " FROM history WHERE version > ? ORDER BY version",
            [version],
        )
        return tuple(Change(*row) for row in rows)  # type: ignore[arg-type]  # as above

    def state_at(self, version: int, *, scope: str) -> dict[str, str | None]:
        """Each document's revision when `version` was the newest; None where it was removed."""
        rows = self._rows(
            "SELECT document_id, revision FROM history WHERE version IN"
            " (SELECT max(version) FROM history WHERE scope = ? AND version <= ?"
            "  GROUP BY document_id)",
            [scope, version],
        )
        return {str(name): None if each is None else str(each) for name, each in rows}

    def by_hand(self, *, scope: str) -> dict[str, str]:
        """Documents whose newest switch was somebody's hand, with what came by itself before it."""
        newest = "SELECT max(version) FROM history WHERE scope = ? {} GROUP BY document_id"
        rows = self._rows(
            "SELECT document_id, revision FROM history"  # noqa: S608 - constants
            f" WHERE version IN ({newest.format('AND action IN (?, ?)')})"
            " AND document_id IN (SELECT document_id FROM history"
            f" WHERE version IN ({newest.format('')}) AND action IN (?, ?))",
            [scope, ADDED, CHANGED, scope, REMOVED, ROLLED_BACK],
        )
        return {str(name): str(revision) for name, revision in rows}

    def came_from(self, origin: str, *, scope: str) -> tuple[str, ...]:
        """Ids of the documents of which a revision with this origin is kept."""
        query = "SELECT DISTINCT document_id FROM revisions WHERE scope = ? AND origin = ?"
        return tuple(str(row[0]) for row in self._rows(query, [scope, origin]))

    def origins(self, *, scope: str) -> tuple[str, ...]:
        """Every origin of a kept revision."""
        query = "SELECT DISTINCT origin FROM revisions WHERE scope = ? ORDER BY origin"
        return tuple(str(row[0]) for row in self._rows(query, [scope]))

    def journal(self) -> list[tuple[str, str, str]]:
        """What is under way: (chunk id, scope, 'add' or 'remove')."""
        rows = self._rows("SELECT chunk_id, scope, action FROM journal")
        return [(str(a), str(b), str(c)) for a, b, c in rows]

    # -- writing ---------------------------------------------------------------------------

    def stage(
        self, info: DocumentInfo, chunks: Sequence[Passage], vectors: Vectors, *, now: datetime
    ) -> None:
        """Store a revision that does not answer yet, and note its vectors as on their way in."""
        with self._transaction() as db:
            stage(db, info, chunks, vectors, now=now)

    def note_adding(self, revision: str, *, scope: str) -> None:
        """Note a stored revision's vectors as on their way in again."""
        ids = self.chunk_ids(revision)
        with self._transaction() as db:
            note(db, ids, scope=scope, action="add")

    def switch(self, to: Switch, *, now: datetime) -> bool:
        """The commit point: from here on its revision answers for the document, and no other.

        False where a document was to answer no more that did not.
        """
        with self._transaction() as db:
            return switch(db, to, now=now)

    def switch_all(self, switches: Sequence[Switch], *, now: datetime) -> None:
        """The same for several documents of one commit."""
        with self._transaction() as db:
            for each in switches:
                switch(db, each, now=now)

    def erase(self, scope: str) -> None:
        """Forget everything of a scope, its history too; its vectors are the caller's to remove."""
        mine = "(SELECT revision FROM revisions WHERE scope = ?)"
        with self._transaction() as db:
            for table in ("chunks_text", "documents_text"):
                db.execute(
                    f"DELETE FROM {table} WHERE rowid IN"  # noqa: S608 - constants
                    f" (SELECT number FROM chunks WHERE revision IN {mine})",
                    [scope],
                )
            db.execute("DELETE FROM documents WHERE scope = ?", [scope])
            db.execute(f"DELETE FROM chunks WHERE revision IN {mine}", [scope])  # noqa: S608
            db.execute("DELETE FROM revisions WHERE scope = ?", [scope])
            db.execute("DELETE FROM journal WHERE scope = ?", [scope])
            # AUTOINCREMENT: the numbers of what is deleted are never given again.
            db.execute("DELETE FROM history WHERE scope = ?", [scope])

    def adopt(self, document_id: str, *, scope: str, origin: str) -> None:
        """Note that an unchanged document now comes from `origin`."""
        with self._transaction() as db:
            db.execute(
                "UPDATE documents SET origin = ? WHERE scope = ? AND id = ?",
                [origin, scope, document_id],
            )

    def settled(self, chunk_ids: Sequence[str]) -> None:
        """Strike chunks from the journal: Chroma now agrees."""
        with self._transaction() as db:
            db.executemany(
                "DELETE FROM journal WHERE chunk_id = ?", [(each,) for each in chunk_ids]
            )

    def prune(self, document_id: str, *, scope: str, keep: int) -> None:
        """Forget a document's revisions that are neither live nor among its last `keep`."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT r.revision FROM revisions r WHERE r.scope = ? AND r.document_id = ?"
                " AND r.revision NOT IN"
                "   (SELECT revision FROM documents WHERE scope = ? AND id = ?)"
                " ORDER BY (SELECT max(h.version) FROM history h WHERE h.revision = r.revision)"
                " DESC LIMIT -1 OFFSET ?",
                [scope, document_id, scope, document_id, keep - 1],
            ).fetchall()
            db.executemany("DELETE FROM chunks WHERE revision = ?", rows)
            db.executemany("DELETE FROM revisions WHERE revision = ?", rows)

    def discard_unfinished(self) -> None:
        """Forget revisions that never went live: what an interrupted publication leaves."""
        with self._transaction() as db:
            never = "SELECT revision FROM history WHERE revision IS NOT NULL"
            db.execute(f"DELETE FROM chunks WHERE revision NOT IN ({never})")  # noqa: S608
            db.execute(f"DELETE FROM revisions WHERE revision NOT IN ({never})")  # noqa: S608
