"""Paths to the documents they hold, found and hashed but not yet parsed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.formats.records import lines
from indexer.load import KNOWN, RECORDS, SUFFIXES
from knowledge.config import DOCUMENTS
from knowledge.errors import UsageError

# The origin of the documents that come with the project, wherever it is installed.
SHIPPED = "shipped"
# The origin of what somebody added by itself, a file, a page or a text: no folder keeps it. Records
# that were added together have the name of what they came in behind it.
UPLOADED = "uploaded"
# Folders that tools fill with code of others.
_INSTALLED = frozenset({"node_modules", "site-packages", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Source:
    """One document to be: a file, or a line of a .jsonl file with its `record`."""

    id: str
    origin: str
    path: Path
    digest: str
    where: str
    record: dict[str, object] | None = None

    def renamed(self, document_id: str) -> Source:
        """The same source under another id."""
        return replace(self, id=document_id)


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read, and why.

    `origin` is set where nobody can say which documents of that origin are hidden by it.
    """

    id: str
    reason: str
    origin: str | None = None


def origin_of(path: Path) -> str:
    """What a document is noted to come from: the folder or file that was named, in full."""
    resolved = path.resolve()
    return SHIPPED if resolved == DOCUMENTS.resolve() else str(resolved)


def together(document_id: str) -> str:
    """The origin of the records that were added in one file."""
    return f"{UPLOADED}:{document_id}"


def came_in(origin: str | None) -> str | None:
    """The file of records that a document was added with, or None."""
    kind, _, file = (origin or "").partition(":")
    return file if kind == UPLOADED and file else None


def by_itself(origin: str) -> bool:
    """Whether somebody added it by itself."""
    return origin == UPLOADED or origin.startswith(f"{UPLOADED}:")


def discover(path: Path) -> Iterator[Source | Failure]:
    """The documents of a file or, by name, of a folder; hidden files are passed over.

    A document's id is its path below the folder, the file's name, or a record's own id.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            inside = file.relative_to(path)
            hidden = any(part.startswith(".") or part in _INSTALLED for part in inside.parts)
            if file.is_file() and not hidden and file.suffix.lower() in SUFFIXES | {RECORDS}:
                yield from _file(file, inside.as_posix(), origin_of(path))
    elif path.is_file():
        if path.suffix.lower() not in SUFFIXES | {RECORDS}:
            raise UsageError(f"{path} is of a kind that cannot be read. Known are {KNOWN}.")
        yield from _file(path, path.name, origin_of(path))
    else:
        raise UsageError(f"{path} does not exist. Check the path.")


def _file(file: Path, document_id: str, origin: str) -> Iterator[Source | Failure]:
    if file.suffix.lower() == RECORDS:
        yield from _records(file, origin)
        return
    try:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        yield Failure(document_id, f"{file.name} cannot be opened ({error.strerror}).")
        return
    yield Source(document_id, origin, file, digest, where=file.name)


def _records(file: Path, origin: str) -> Iterator[Source | Failure]:
    try:
        data = file.read_bytes()
    except OSError as error:
        yield Failure(file.name, f"{file.name} cannot be opened ({error.strerror}).", origin)
        return
    for line in lines(data):
        where = f"{file.name}, line {line.number}"
        if line.record is None:
            yield Failure(f"{file.name}:{line.number}", f"{where} {line.reason}", origin)
        else:
            yield Source(line.id, origin, file, line.digest, where=where, record=line.record)
