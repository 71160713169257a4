"""The catalogue in SQLite: documents, revisions, chunks, full text; the truth of what lives."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import numpy as np

from knowledge.embed import Vectors
from knowledge.errors import LibraryError
from knowledge.types import Change, DocumentInfo, Location, Passage

SCHEMA_VERSION = 1

# Words that say nothing about what a question is after. Kept short on purpose: BM25 already
# gives frequent words little weight, this only spares the index the longest lists.
_STOP = frozenset(
    """
    a an and are as at be by can could did do does for from had has have how i in is it its me my
    of on or that the their them they this to was we were what when where which who whom whose why
    will with would you your
    """.split()
)
_WORD = re.compile(r"\w+")

_PASSAGE = """
    SELECT c.id, d.id, r.title, c.text, c.headings, c.page, c.line, c.position,
           r.updated, r.source, d.scope
    FROM chunks c
    JOIN documents d ON d.revision = c.revision
    JOIN revisions r ON r.revision = c.revision
"""


def match_expression(question: str) -> str:
    """An FTS5 expression that asks for any of the question's words; '' where it has none."""
    words = list(dict.fromkeys(_WORD.findall(question.lower())))
    telling = [word for word in words if word not in _STOP]
    return " OR ".join(f'"{word}"' for word in (telling or words)[:64])


def _unreadable(path: Path, error: sqlite3.DatabaseError) -> LibraryError:
    return LibraryError(
        f"The catalogue {path} cannot be read ({error}). "
        "Restore it from a backup, or delete the data folder and index again."
    )


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


@dataclass(frozen=True, slots=True)
class Switch:
    """Which revision is to answer for a document; None for none."""

    document_id: str
    scope: str
    revision: str | None
    origin: str = ""


class Catalog:
    """One SQLite file; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._path = path
        try:
            self._db = sqlite3.connect(path, check_same_thread=False, timeout=30)
            self._db.execute("PRAGMA journal_mode = WAL")
            # FULL: a power cut must not undo a switch whose old vectors are already removed.
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._migrate()
        except sqlite3.DatabaseError as error:
            raise _unreadable(path, error) from error

    def close(self) -> None:
        """Close the file; the catalogue cannot be used afterwards."""
        with self._lock:
            self._db.close()

    def _migrate(self) -> None:
        version = self._schema_version()
        if version == SCHEMA_VERSION:
            return
        if version > SCHEMA_VERSION:
            raise LibraryError(
                "This library was made by a newer Footnote. Upgrade Footnote to open it."
            )
        schema = resources.files("knowledge").joinpath("schema.sql").read_text("utf-8")
        script = f"BEGIN IMMEDIATE; {schema} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        try:
            self._db.executescript(script)
        except sqlite3.OperationalError:
            self._db.rollback()
            # Another process may have made the same library meanwhile.
            if self._schema_version() != SCHEMA_VERSION:
                raise

    def _schema_version(self) -> int:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        return int(version)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as error:
                # Some errors, such as a full disk, have rolled it back already.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError):
                    raise LibraryError(
                        f"The catalogue {self._path} cannot be written ({error}). Make room on "
                        "its disk, check its permissions, and try again: nothing was changed."
                    ) from error
                raise

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                raise _unreadable(self._path, error) from error

    # -- reading ---------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        """A note about the library as a whole, such as its embedder's name."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", [key])
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Write such a note."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])

    def version(self) -> int:
        """The number of the newest switch; 0 for an empty library."""
        # The sequence, since a scope's history can be erased and no number may come again.
        rows = self._rows("SELECT seq FROM sqlite_sequence WHERE name = 'history'")
        return int(str(rows[0][0])) if rows else 0

    def count(self) -> tuple[int, int]:
        """Live documents and live chunks."""
        ((documents,),) = self._rows("SELECT count(*) FROM documents")
        ((chunks,),) = self._rows("SELECT count(*) FROM chunks_text")
        return int(str(documents)), int(str(chunks))

    def documents(
        self, *, scopes: Sequence[str] | None = None, origin: str | None = None
    ) -> tuple[DocumentInfo, ...]:
        """Live documents by scope and id."""
        where: list[str] = ["1"]
        values: list[str] = []
        if scopes is not None:
            where.append(f"d.scope IN ({_marks(scopes)})")
            values.extend(scopes)
        if origin is not None:
            where.append("d.origin = ?")
            values.append(origin)
        rows = self._rows(
            "SELECT d.id, r.title, d.scope,"  # noqa: S608 - only placeholders are built
            " (SELECT count(*) FROM chunks c WHERE c.revision = d.revision),"
            " d.revision, r.updated, r.source, r.summary, d.origin, r.digest"
            " FROM documents d JOIN revisions r ON r.revision = d.revision"
            f" WHERE {' AND '.join(where)} ORDER BY d.scope, d.id",
            values,
        )
        return tuple(DocumentInfo(*row) for row in rows)  # type: ignore[arg-type]  # sqlite is untyped

    def document(self, document_id: str, *, scope: str) -> DocumentInfo | None:
        """One live document."""
        found = [each for each in self.documents(scopes=[scope]) if each.id == document_id]
        return found[0] if found else None

    def passages(self, ids: Sequence[str], *, scopes: Sequence[str]) -> dict[str, Passage]:
        """The live passages among `ids` that belong to `scopes`."""
        found: dict[str, Passage] = {}
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            rows = self._rows(
                f"{_PASSAGE} WHERE c.id IN ({_marks(some)}) AND d.scope IN ({_marks(scopes)})",
                [*some, *scopes],
            )
            found.update((passage.id, passage) for passage in map(_passage, rows))
        return found

    def document_passages(self, document_id: str, *, scope: str) -> tuple[Passage, ...]:
        """All passages of a live document, in order."""
        rows = self._rows(
            f"{_PASSAGE} WHERE d.id = ? AND d.scope = ? ORDER BY c.position", [document_id, scope]
        )
        return tuple(map(_passage, rows))

    def neighbours(self, passage: Passage) -> tuple[Passage | None, Passage | None]:
        """The passages before and after it in its document, while it is live."""
        rows = self._rows(
            f"{_PASSAGE} WHERE d.id = ? AND d.scope = ? AND c.position IN (?, ?)",
            [passage.document_id, passage.scope, passage.position - 1, passage.position + 1],
        )
        near = {each.position: each for each in map(_passage, rows)}
        return near.get(passage.position - 1), near.get(passage.position + 1)

    def passage(self, passage_id: str) -> Passage | None:
        """A passage by its id, also of a revision that is kept but no longer answers."""
        rows = self._rows(
            "SELECT c.id, r.document_id, r.title, c.text, c.headings, c.page, c.line, c.position,"
            " r.updated, r.source, r.scope FROM chunks c"
            " JOIN revisions r ON r.revision = c.revision WHERE c.id = ?",
            [passage_id],
        )
        return _passage(rows[0]) if rows else None

    def keyword(self, question: str, *, k: int, scopes: Sequence[str]) -> list[tuple[str, float]]:
        """Ids and BM25 scores (higher is better) of the `k` best live chunks for its words."""
        expression = match_expression(question)
        if not expression:
            return []
        rows = self._rows(
            # bm25() is negative, better is lower. Titles and headings name the subject.
            "SELECT c.id, -bm25(chunks_text, 1.0, 1.0, 1.0) AS score"  # noqa: S608
            " FROM chunks_text JOIN chunks c ON c.number = chunks_text.rowid"
            " JOIN documents d ON d.revision = c.revision"
            f" WHERE chunks_text MATCH ? AND d.scope IN ({_marks(scopes)})"
            " ORDER BY score DESC LIMIT ?",
            [expression, *scopes, k],
        )
        return [(str(row[0]), float(str(row[1]))) for row in rows]

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored unit vectors of chunks, shape (dimensions,) each."""
        found: dict[str, Vectors] = {}
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            rows = self._rows(
                f"SELECT id, vector FROM chunks WHERE id IN ({_marks(some)})",  # noqa: S608
                some,
            )
            for chunk_id, blob in rows:
                assert isinstance(blob, bytes)
                found[str(chunk_id)] = np.frombuffer(blob, np.float16).astype(np.float32)
        return found

    def live_ids(self, *, scope: str) -> set[str]:
        """Ids of every live chunk of a scope."""
        rows = self._rows(
            "SELECT c.id FROM chunks c JOIN documents d ON d.revision = c.revision"
            " WHERE d.scope = ?",
            [scope],
        )
        return {str(row[0]) for row in rows}

    def scopes(self) -> tuple[str, ...]:
        """Every scope that has documents."""
        return tuple(
            str(row[0]) for row in self._rows("SELECT DISTINCT scope FROM documents ORDER BY scope")
        )

    def stored(self, revision: str, *, origin: str = "") -> DocumentInfo | None:
        """A stored revision as the document it would be if it were live."""
        rows = self._rows(
            "SELECT document_id, title, scope,"
            " (SELECT count(*) FROM chunks c WHERE c.revision = r.revision),"
            " revision, updated, source, summary, ?, digest FROM revisions r WHERE revision = ?",
            [origin, revision],
        )
        return DocumentInfo(*rows[0]) if rows else None  # type: ignore[arg-type]  # as above

    def history(
        self, *, scopes: Sequence[str], document_id: str | None = None, limit: int = 50
    ) -> tuple[Change, ...]:
        """The newest switches of these scopes, or of one document in them, newest first."""
        one = "" if document_id is None else " AND h.document_id = ?"
        rows = self._rows(
            "SELECT h.version, h.at, h.action, h.scope, h.document_id, h.revision, h.previous,"  # noqa: S608
            " (SELECT title FROM revisions r"
            "  WHERE r.revision = coalesce(h.revision, h.previous))"
            f" FROM history h WHERE h.scope IN ({_marks(scopes)}){one}"
            " ORDER BY h.version DESC LIMIT ?",
            [*scopes, *([] if document_id is None else [document_id]), limit],
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

    def has_revision(self, revision: str) -> bool:
        """Whether a revision's chunks are stored, live or not."""
        return bool(self._rows("SELECT 1 FROM revisions WHERE revision = ?", [revision]))

    def chunk_ids(self, revision: str) -> list[str]:
        """Ids of a revision's chunks, in order."""
        rows = self._rows("SELECT id FROM chunks WHERE revision = ? ORDER BY position", [revision])
        return [str(row[0]) for row in rows]

    def check(self) -> None:
        """Raise LibraryError where SQLite finds the file damaged."""
        rows = self._rows("PRAGMA quick_check")
        if rows != [("ok",)]:
            raise LibraryError(
                f"The catalogue is damaged ({rows[0][0]}). Restore the data folder from a backup, "
                "or delete it and index again."
            )

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
            db.execute(
                "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(info.revision, info.scope, info.id, info.digest, info.title),
                    *(info.summary, info.updated, info.source, now.astimezone(UTC).isoformat()),
                ],
            )
            db.executemany(
                "INSERT INTO chunks (id, revision, position, text, headings, page, line, vector)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        chunk.id,
                        info.revision,
                        chunk.position,
                        chunk.text,
                        json.dumps(chunk.location.headings, ensure_ascii=False),
                        chunk.location.page,
                        chunk.location.line,
                        np.asarray(vector, dtype=np.float16).tobytes(),
                    )
                    for chunk, vector in zip(chunks, vectors, strict=True)
                ],
            )
            _note(db, (chunk.id for chunk in chunks), scope=info.scope, action="add")

    def note_adding(self, revision: str, *, scope: str) -> None:
        """Note a stored revision's vectors as on their way in again."""
        ids = self.chunk_ids(revision)
        with self._transaction() as db:
            _note(db, ids, scope=scope, action="add")

    def switch(self, document_id: str, *, scope: str, revision: str, origin: str, now: datetime,
               action: str) -> None:  # fmt: skip
        """The commit point: from here on `revision` answers for the document, and no other."""
        with self._transaction() as db:
            _switch(db, Switch(document_id, scope, revision, origin), now=now, action=action)

    def switch_all(self, switches: Sequence[Switch], *, now: datetime, action: str) -> None:
        """The same for several documents of one commit."""
        with self._transaction() as db:
            for each in switches:
                if each.revision is None:
                    _remove(db, each.document_id, each.scope, now=now, action=action)
                else:
                    _switch(db, each, now=now, action=action)

    def remove(self, document_id: str, *, scope: str, now: datetime) -> bool:
        """Let a document answer no more; False when it was not there."""
        with self._transaction() as db:
            return _remove(db, document_id, scope, now=now, action="removed")

    def erase(self, scope: str) -> None:
        """Forget everything of a scope, its history too; its vectors are the caller's to remove."""
        mine = "(SELECT revision FROM revisions WHERE scope = ?)"
        with self._transaction() as db:
            db.execute(
                "DELETE FROM chunks_text WHERE rowid IN"  # noqa: S608 - a constant
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


def _passage(row: Sequence[object]) -> Passage:
    chunk_id, document_id, title, text, headings, page, line, position, updated, source, scope = row
    return Passage(
        id=str(chunk_id),
        document_id=str(document_id),
        title=str(title),
        text=str(text),
        location=Location(
            tuple(json.loads(str(headings))),
            page if isinstance(page, int) else None,
            line if isinstance(line, int) else None,
        ),
        position=int(str(position)),
        updated=None if updated is None else str(updated),
        source=None if source is None else str(source),
        scope=str(scope),
    )


def _live_revision(db: sqlite3.Connection, document_id: str, scope: str) -> str | None:
    row = db.execute(
        "SELECT revision FROM documents WHERE scope = ? AND id = ?", [scope, document_id]
    ).fetchone()
    return str(row[0]) if row else None


def _switch(db: sqlite3.Connection, to: Switch, *, now: datetime, action: str) -> None:
    previous = _live_revision(db, to.document_id, to.scope)
    if previous is not None and previous != to.revision:
        _retire(db, previous, scope=to.scope)
    if previous != to.revision:
        db.execute(
            "INSERT INTO chunks_text (rowid, title, headings, text)"
            " SELECT c.number, r.title, replace(c.headings, '\"', ' '), c.text"
            " FROM chunks c JOIN revisions r ON r.revision = c.revision"
            " WHERE c.revision = ?",
            [to.revision],
        )
    db.execute(
        "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)",
        [to.scope, to.document_id, to.revision, to.origin],
    )
    db.execute(
        "DELETE FROM journal WHERE action = 'add' AND chunk_id IN"
        " (SELECT id FROM chunks WHERE revision = ?)",
        [to.revision],
    )
    _record(db, now, action, to.scope, to.document_id, to.revision, previous)


def _remove(
    db: sqlite3.Connection, document_id: str, scope: str, *, now: datetime, action: str
) -> bool:
    previous = _live_revision(db, document_id, scope)
    if previous is None:
        return False
    _retire(db, previous, scope=scope)
    db.execute("DELETE FROM documents WHERE scope = ? AND id = ?", [scope, document_id])
    _record(db, now, action, scope, document_id, None, previous)
    return True


def _retire(db: sqlite3.Connection, revision: str, *, scope: str) -> None:
    db.execute(
        "DELETE FROM chunks_text WHERE rowid IN (SELECT number FROM chunks WHERE revision = ?)",
        [revision],
    )
    ids = [row[0] for row in db.execute("SELECT id FROM chunks WHERE revision = ?", [revision])]
    _note(db, ids, scope=scope, action="remove")


def _note(db: sqlite3.Connection, ids: Iterable[str], *, scope: str, action: str) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO journal VALUES (?, ?, ?)", [(each, scope, action) for each in ids]
    )


def _record(db: sqlite3.Connection, now: datetime, *values: str | None) -> None:
    db.execute(
        "INSERT INTO history (at, action, scope, document_id, revision, previous)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [now.astimezone(UTC).isoformat(), *values],
    )
