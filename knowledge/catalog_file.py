"""The catalogue's SQLite file: opened, brought to today's shape, one transaction at a time."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from knowledge.errors import LibraryError

_MIGRATIONS = ("schema.sql", "schema-2.sql", "schema-3.sql")
SCHEMA_VERSION = len(_MIGRATIONS)


def _unreadable(path: Path, error: sqlite3.DatabaseError) -> LibraryError:
    return LibraryError(
        f"The catalogue {path} cannot be read ({error}). "
        "Put a backup back with 'footnote restore --replace', or delete it and index again."
    )


def marks(values: Sequence[object]) -> str:
    """As many placeholders as there are values."""
    return ",".join("?" * len(values))


class CatalogFile:
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
        folder = resources.files("knowledge")
        for number, name in enumerate(_MIGRATIONS[version:], start=version + 1):
            script = folder.joinpath(name).read_text("utf-8")
            try:
                self._db.executescript(
                    f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;"
                )
            except sqlite3.OperationalError:
                self._db.rollback()
                # Another process may have made the same library meanwhile.
                if self._schema_version() < number:
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

    def meta(self, key: str) -> str | None:
        """A note about the library as a whole, such as its embedder's name."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", [key])
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Write such a note."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])

    def identity(self) -> str:
        """A name that no other library has, the same for as long as this one lives."""
        with self._transaction() as db:
            db.execute("INSERT OR IGNORE INTO meta VALUES ('identity', ?)", [secrets.token_hex(6)])
        return str(self.meta("identity"))

    def version(self) -> int:
        """The number of the newest switch; 0 for an empty library."""
        # The sequence, since a scope's history can be erased and no number may come again.
        rows = self._rows("SELECT seq FROM sqlite_sequence WHERE name = 'history'")
        return int(str(rows[0][0])) if rows else 0

    def check(self) -> None:
        """Raise LibraryError where SQLite finds the file damaged."""
        rows = self._rows("PRAGMA quick_check")
        if rows != [("ok",)]:
            raise LibraryError(
                f"The catalogue is damaged ({rows[0][0]}). Put a backup back with "
                "'footnote restore --replace', or delete it and index again."
            )
