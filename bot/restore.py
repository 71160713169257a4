"""A backup in the place of a data folder; what was there is kept beside it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from bot.backup import DATABASES, ORIGINALS, PENDING, Backup, unpack
from knowledge.errors import LibraryError, UsageError
from knowledge.library import Library
from knowledge.lock import WriterLock

RESTORING = "restoring"
_VECTORS = "vectors"


def restore(backup: Path, home: Path, *, replace: bool) -> tuple[Backup, Path | None]:
    """Put a backup in the place of what `home` holds; where that is kept now.

    Raises UsageError where there is a library and `replace` is not set, or a process uses it, and
    LibraryError for a backup that is not whole. `home` is not touched before all is ready.
    """
    home.mkdir(parents=True, exist_ok=True)
    there = [name for name in (*DATABASES, _VECTORS, PENDING, ORIGINALS) if (home / name).exists()]
    if there and not replace:
        raise UsageError(
            f"{home} holds a library. Add --replace: the backup takes its place, and what is there "
            "is kept beside it."
        )
    with WriterLock(home).held():
        for name in DATABASES:
            _refuse_in_use(home / name)
        ready = home / RESTORING
        shutil.rmtree(ready, ignore_errors=True)
        found = unpack(backup, ready)
        _rebuild_vectors(ready)
        kept = _set_aside(home) if there else None
        for each in sorted(ready.iterdir()):
            each.rename(home / each.name)
        ready.rmdir()
    return found, kept


def _refuse_in_use(database: Path) -> None:
    """Raise UsageError while a process has the database open: it would write to what is gone."""
    if not database.is_file():
        return
    # A damaged file is in nobody's use, and about to be replaced.
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database, timeout=1)) as db:
        try:
            # SQLite leaves the write-ahead log only where no other connection is open.
            (mode,) = db.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            raise _in_use(database) from error
        if mode != "delete":
            raise _in_use(database)


def _in_use(database: Path) -> UsageError:
    return UsageError(
        f"A process is using {database}. Stop the bot, and whatever else runs on this folder, and "
        "restore again."
    )


def _rebuild_vectors(folder: Path) -> None:
    """Make the vectors from the catalogue, as the embedder is called that made them."""
    with closing(sqlite3.connect(folder / DATABASES[0])) as db:
        row = db.execute("SELECT value FROM meta WHERE key = 'embedder'").fetchone()
    if row is None:  # nothing was ever indexed
        return
    with Library(folder, embedder=str(row[0])) as library, library.writing(rebuilding=True):
        library.rebuild_vectors()
    (folder / "write.lock").unlink(missing_ok=True)


def _set_aside(home: Path) -> Path:
    kept = home / f"replaced-{datetime.now():%Y%m%d-%H%M%S}"
    try:
        kept.mkdir()
        for name in (_VECTORS, PENDING, ORIGINALS, *DATABASES):
            for each in sorted(home.glob(f"{name}*")):
                each.rename(kept / each.name)
    except OSError as error:
        raise LibraryError(
            f"What is in {home} cannot be set aside ({error.strerror}). Move it away by hand, and "
            "restore again."
        ) from error
    return kept
