"""The bot's own SQLite file: opened, brought to today's shape, written one transaction a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import LibraryError

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE receipts (
        id TEXT PRIMARY KEY,
        key TEXT NOT NULL,
        asked_at REAL NOT NULL,
        asker INTEGER NOT NULL,
        guild INTEGER,
        channel INTEGER NOT NULL,
        private INTEGER NOT NULL,
        parent TEXT,
        question TEXT NOT NULL,
        answer TEXT NOT NULL,
        evidence TEXT NOT NULL
    ) STRICT;
    CREATE INDEX receipts_key ON receipts (key, asked_at);
    CREATE INDEX receipts_asker ON receipts (asker, asked_at);
    CREATE INDEX receipts_channel ON receipts (channel, asked_at);
    CREATE TABLE messages (
        message INTEGER PRIMARY KEY,
        receipt TEXT NOT NULL REFERENCES receipts (id) ON DELETE CASCADE,
        channel INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX messages_receipt ON messages (receipt);
    CREATE TABLE feedback (
        receipt TEXT NOT NULL REFERENCES receipts (id) ON DELETE CASCADE,
        person INTEGER NOT NULL,
        helpful INTEGER NOT NULL,
        reason TEXT NOT NULL,
        comment TEXT NOT NULL,
        given_at REAL NOT NULL,
        PRIMARY KEY (receipt, person)
    ) STRICT;
    CREATE TABLE wishes (
        receipt TEXT PRIMARY KEY,
        question TEXT NOT NULL,
        asker INTEGER NOT NULL,
        guild INTEGER,
        channel INTEGER NOT NULL,
        made_at REAL NOT NULL,
        settled_at REAL
    ) STRICT;
    CREATE TABLE open_questions (
        id TEXT PRIMARY KEY,
        asked_at REAL NOT NULL,
        asker INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    """,
    """
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        scope TEXT NOT NULL,
        action TEXT NOT NULL,
        document TEXT NOT NULL,
        outcome TEXT NOT NULL,
        version_before TEXT NOT NULL,
        version_after TEXT
    ) STRICT;
    CREATE INDEX audit_scope ON audit (scope, number);
    """,
    """
    CREATE TABLE golden (
        receipt TEXT PRIMARY KEY,
        scope TEXT NOT NULL,
        question TEXT NOT NULL,
        quotes TEXT NOT NULL,
        at REAL NOT NULL
    ) STRICT;
    """,
    # A quote is a sentence that proves itself.
    """
    ALTER TABLE golden RENAME COLUMN quotes TO sentences;
    UPDATE golden SET sentences =
        (SELECT json_group_array(json_extract(value, '$[1]')) FROM json_each(sentences));
    """,
    """
    CREATE TABLE watched (
        scope TEXT NOT NULL,
        document TEXT NOT NULL,
        url TEXT NOT NULL,
        by TEXT NOT NULL,
        hours REAL NOT NULL,
        etag TEXT NOT NULL,
        modified TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        failures INTEGER NOT NULL,
        looked_at REAL,
        due_at REAL NOT NULL,
        PRIMARY KEY (scope, document)
    ) STRICT;
    CREATE INDEX watched_due ON watched (due_at);
    """,
)


class Database:
    """One connection; each call is one transaction and may come from any thread."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._path = path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            # What a person asks us to delete is overwritten on disk, not only unlinked.
            self._connection.execute("PRAGMA secure_delete = ON")
            self._migrate(path)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock, self._told():
            return self._connection.execute(query, values).fetchall()

    def named(self, query: str, **values: object) -> list[sqlite3.Row]:
        """The same for a query with named values."""
        with self._lock, self._told():
            return self._connection.execute(query, values).fetchall()

    def write(self, statement: str, *values: object) -> int:
        """Run one statement; returns how many rows it touched."""
        with self.writing() as connection:
            return connection.execute(statement, values).rowcount

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Several statements that happen together or not at all."""
        with self._lock, self._told():
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # Some errors, such as a full disk, have rolled it back already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a sentence what SQLite or the disk has against it."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise LibraryError(
                f"The records {self._path} cannot be used ({error}). Make room on its disk, check "
                "its permissions, and try again: nothing was changed."
            ) from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise LibraryError(
                f"The records {self._path} are damaged ({error}). Put a backup back with 'footnote "
                "restore --replace', or move the file away to begin new ones."
            ) from error

    def _migrate(self, path: Path) -> None:
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise LibraryError(
                f"{path} was written by a newer Footnote; update Footnote, or move the file away."
            )
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            self._connection.executescript(
                f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;"
            )
