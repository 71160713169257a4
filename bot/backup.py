"""A data folder as one file, whole while the bot runs; vectors are left out and made again.

Each database is copied by SQLite itself, so that a copy is of one instant; the file says the digest
of everything in it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from knowledge.errors import LibraryError

RECEIPTS = "receipts.sqlite3"
DATABASES = ("catalog.sqlite3", RECEIPTS)
PENDING, ORIGINALS = "pending", "originals"
_MANIFEST = "footnote-backup.json"
_NAME = re.compile(
    r"(?:catalog|receipts)\.sqlite3|pending/[\w-]+/[\w-][\w.-]*|originals/\w[\w.]*", re.ASCII
)
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself: when it was made, and each file's SHA-256."""

    made: str
    version: int
    documents: int
    files: dict[str, str]


_BACKUP = TypeAdapter(Backup)


def back_up(home: Path, to: Path) -> Backup:
    """Copy a data folder into one new file; LibraryError, and no file, where that fails."""
    if not (home / DATABASES[0]).is_file():
        raise LibraryError(f"There is no library in {home}. Name its folder with --home.")
    if to.exists():
        raise LibraryError(f"{to} is there already. Name another file.")
    with _told(f"The backup {to} cannot be written"), _beside(to) as folder:
        names = [name for name in DATABASES if _copy_database(home / name, folder / name)]
        names += _copy_pending(home / PENDING, folder / PENDING)
        names += _copy_originals(home / ORIGINALS, folder / ORIGINALS)
        version, documents = _counted(folder / DATABASES[0])
        made = datetime.now(UTC).isoformat(timespec="seconds")
        found = Backup(made, version, documents, {name: _digest(folder / name) for name in names})
        part = folder / "backup.zip"
        with zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(_MANIFEST, _BACKUP.dump_json(found, indent=1))
            for name in names:
                archive.write(folder / name, name)
        part.chmod(_PRIVATE)
        unpack(part, folder / "checked")
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(to)
    return found


def unpack(backup: Path, folder: Path) -> Backup:
    """Put a backup's files into a new folder; raises LibraryError where one is not as it was."""
    broken = f"{backup} is no whole backup"
    try:
        with zipfile.ZipFile(backup) as archive:
            found = _BACKUP.validate_json(archive.read(_MANIFEST))
            for name, digest in found.files.items():
                if not _NAME.fullmatch(name):
                    raise LibraryError(f"{broken}: it holds {name}. Use another.")
                place = folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as packed, place.open("xb") as file:
                    shutil.copyfileobj(packed, file)
                if _digest(place) != digest:
                    raise LibraryError(f"{broken}: {name} has changed since. Use another.")
    except (zipfile.BadZipFile, KeyError, ValidationError, EOFError, NotImplementedError) as error:
        raise LibraryError(f"{broken} ({type(error).__name__}). Use another.") from error
    except OSError as error:
        raise LibraryError(
            f"{backup} cannot be unpacked ({error.strerror or error}). Check its name, its "
            "permissions and the room on the disk."
        ) from error
    return found


def check_database(file: Path) -> str:
    """Raise LibraryError where SQLite finds a database damaged; what it is otherwise."""
    if not file.is_file():
        return "none yet"
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as db:
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise LibraryError(
            f"{file} is damaged ({' '.join(verdict.split())}). Put a backup back with "
            "'footnote restore --replace', or move the file away to begin a new one."
        )
    return "whole"


def _copy_database(source: Path, to: Path) -> bool:
    """A copy of a database as it is at one instant; False where there is none."""
    if not source.is_file():
        return False
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as live,
            closing(sqlite3.connect(to)) as copy,
        ):
            live.backup(copy)
            # A copy in one file, without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
            (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:  # such as a full disk
        raise
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        why = " ".join(verdict.split())
        raise LibraryError(
            f"{source} cannot be copied ({why}). Run 'footnote doctor', and keep the backups you "
            "have."
        )
    return True


def _copy_pending(source: Path, to: Path) -> list[str]:
    """Copies of what waits; each is a folder that is whole, or on its way in or out."""
    for folder in sorted(source.glob("[!.]*")) if source.is_dir() else ():
        try:
            shutil.copytree(folder, to / folder.name)
        except (FileNotFoundError, shutil.Error):  # decided meanwhile
            shutil.rmtree(to / folder.name, ignore_errors=True)
    files = sorted(each for each in to.rglob("*") if each.is_file()) if to.is_dir() else []
    return [each.relative_to(to.parent).as_posix() for each in files]


def _copy_originals(source: Path, to: Path) -> list[str]:
    """Copies of the files that documents were made from; they are never changed."""
    to.mkdir()
    for file in sorted(source.glob("[!.]*")) if source.is_dir() else ():
        with suppress(FileNotFoundError):  # forgotten meanwhile
            shutil.copyfile(file, to / file.name)
    return [f"{to.name}/{each.name}" for each in sorted(to.iterdir())]


def _counted(catalog: Path) -> tuple[int, int]:
    """The library's version and the count of its documents."""
    with closing(sqlite3.connect(catalog)) as db:
        version = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'history'").fetchone()
        (documents,) = db.execute("SELECT count(*) FROM documents").fetchone()
    return (int(version[0]) if version else 0), int(documents)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@contextmanager
def _beside(to: Path) -> Iterator[Path]:
    """A folder on the same disk, readable by nobody else, that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".footnote-", dir=to.absolute().parent) as folder:
        yield Path(folder)


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        why = getattr(error, "strerror", None) or error
        advice = "Check its folder, and the room on its disk."
        raise LibraryError(f"{what} ({why}). {advice}") from error
