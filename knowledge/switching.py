"""The statements of which a switch consists, each within somebody's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from knowledge.embed import Vectors
from knowledge.said import said
from knowledge.types import DocumentInfo, Passage

# What a switch is called in the history. What is gone went with its file, and what was removed or
# rolled back, by somebody's hand.
ADDED, CHANGED, GONE = said("added"), said("changed"), said("gone")
REMOVED, ROLLED_BACK = said("removed"), said("rolled back")


@dataclass(frozen=True, slots=True)
class Switch:
    """Which revision is to answer for a document, None for none, and why it is switched."""

    document_id: str
    scope: str
    revision: str | None
    origin: str = ""
    action: str = ROLLED_BACK


def stage(
    db: sqlite3.Connection,
    info: DocumentInfo,
    chunks: Sequence[Passage],
    vectors: Vectors,
    *,
    now: datetime,
) -> None:
    """Store a revision that does not answer yet; its vectors are on their way in."""
    db.execute(
        "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(info.revision, info.scope, info.id, info.digest, info.title),
            *(info.summary, info.updated, info.source, now.astimezone(UTC).isoformat()),
            info.origin or "",
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
    note(db, (chunk.id for chunk in chunks), scope=info.scope, action="add")


def switch(db: sqlite3.Connection, to: Switch, *, now: datetime) -> bool:
    """Let a revision answer for its document, or nothing; False where nothing did before either."""
    previous = _live_revision(db, to.document_id, to.scope)
    if to.revision is None and previous is None:
        return False
    if previous is not None and previous != to.revision:
        _retire(db, previous, scope=to.scope)
    if to.revision is None:
        db.execute("DELETE FROM documents WHERE scope = ? AND id = ?", [to.scope, to.document_id])
    else:
        _install(db, to.revision, to, new=previous != to.revision)
    _record(db, now, to.action, to.scope, to.document_id, to.revision, previous)
    return True


def note(db: sqlite3.Connection, ids: Iterable[str], *, scope: str, action: str) -> None:
    """Write in the journal which vectors are on their way in ('add') or out ('remove')."""
    db.executemany(
        "INSERT OR REPLACE INTO journal VALUES (?, ?, ?)", [(each, scope, action) for each in ids]
    )


def _install(db: sqlite3.Connection, revision: str, to: Switch, *, new: bool) -> None:
    if new:
        db.execute(
            "INSERT INTO documents_text (rowid, title, text)"
            " SELECT min(c.number), r.title, group_concat(c.text, ' ')"
            " FROM chunks c JOIN revisions r ON r.revision = c.revision"
            " WHERE c.revision = ? GROUP BY c.revision",
            [revision],
        )
        db.execute(
            "INSERT INTO chunks_text (rowid, title, headings, text)"
            " SELECT c.number, r.title, replace(c.headings, '\"', ' '), c.text"
            " FROM chunks c JOIN revisions r ON r.revision = c.revision"
            " WHERE c.revision = ?",
            [revision],
        )
    db.execute(
        "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)",
        [to.scope, to.document_id, revision, to.origin],
    )
    db.execute(
        "DELETE FROM journal WHERE action = 'add' AND chunk_id IN"
        " (SELECT id FROM chunks WHERE revision = ?)",
        [revision],
    )


def _retire(db: sqlite3.Connection, revision: str, *, scope: str) -> None:
    for table in ("chunks_text", "documents_text"):
        db.execute(
            f"DELETE FROM {table} WHERE rowid IN"  # noqa: S608 - a constant
            " (SELECT number FROM chunks WHERE revision = ?)",
            [revision],
        )
    ids = [row[0] for row in db.execute("SELECT id FROM chunks WHERE revision = ?", [revision])]
    note(db, ids, scope=scope, action="remove")


def _live_revision(db: sqlite3.Connection, document_id: str, scope: str) -> str | None:
    row = db.execute(
        "SELECT revision FROM documents WHERE scope = ? AND id = ?", [scope, document_id]
    ).fetchone()
    return str(row[0]) if row else None


def _record(db: sqlite3.Connection, now: datetime, *values: str | None) -> None:
    db.execute(
        "INSERT INTO history (at, action, scope, document_id, revision, previous)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [now.astimezone(UTC).isoformat(), *values],
    )
