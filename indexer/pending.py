"""Documents that wait for a decision: a folder for each, whole or not there."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from indexer.document import Document
from knowledge.embed import Vectors
from knowledge.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody wants to add: a file's bytes under the name that says how to read them.

    `document_id` is what it replaces or becomes; `source` is the address it came from, `origin`
    the folder that it is kept in step with, if it is.
    """

    name: str
    data: bytes
    document_id: str
    scope: str
    by: str
    source: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Staged:
    """An upload that was read and waits; `at` is an ISO time, `digest` that of its bytes."""

    id: str
    name: str
    document_id: str
    scope: str
    by: str
    at: str
    digest: str
    source: str | None = None
    origin: str | None = None


_STAGED = TypeAdapter(Staged)
_DOCUMENT = TypeAdapter(Document)
_NOTE, _TEXT, _FILE = "staged.json", "document.json", "original"


class Pending:
    """The folder of documents that wait; what a crash leaves half written is never seen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self._folder

    def keep(
        self, upload: Upload, document: Document, *, vectors: Vectors, revision: str
    ) -> Staged:
        """Stage an upload with what reading it gave; DocumentError where there is no room."""
        staged = Staged(
            id=secrets.token_hex(6),
            name=upload.name,
            document_id=upload.document_id,
            scope=upload.scope,
            by=upload.by,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            digest=digest(upload.data),
            source=upload.source,
            origin=upload.origin,
        )
        made = self._folder / f".{staged.id}"
        try:
            made.mkdir(parents=True)
            (made / _FILE).write_bytes(upload.data)
            (made / _TEXT).write_bytes(_DOCUMENT.dump_json(document))
            np.save(made / f"{revision}.npy", vectors)
            (made / _NOTE).write_bytes(_STAGED.dump_json(staged))
            for file in [*made.iterdir(), made]:
                flush(file)
            made.rename(self._folder / staged.id)
            flush(self._folder)
        except OSError as error:
            shutil.rmtree(made, ignore_errors=True)
            raise DocumentError(
                f"{upload.name} cannot be kept ({error.strerror}). Make room on the disk of "
                f"{self._folder}, check its permissions, and add it again."
            ) from error
        return staged

    def all(self, *, scope: str | None = None) -> tuple[Staged, ...]:
        """What waits, oldest first."""
        found = [note for name in self._names() if (note := self._note(name)) is not None]
        found.sort(key=lambda staged: staged.at)
        return tuple(each for each in found if scope in (None, each.scope))

    def damaged(self) -> tuple[str, ...]:
        """The names of those that cannot be read any more."""
        return tuple(name for name in self._names() if not self._is_whole(name))

    def _names(self) -> list[str]:
        return sorted(folder.name for folder in self._folder.glob("[!.]*"))

    def _note(self, name: str) -> Staged | None:
        """What is written of one; None where that is damaged: it counts as not there."""
        try:
            return _STAGED.validate_json((self._folder / name / _NOTE).read_bytes())
        except (OSError, ValidationError):
            return None

    def _is_whole(self, name: str) -> bool:
        staged = self._note(name)
        try:
            return staged is not None and bool(self.document(staged))
        except DocumentError:
            return False

    def get(self, name: str, *, scope: str) -> Staged:
        """One of them; raises DocumentError where this scope has none of that id any more."""
        for each in self.all(scope=scope):
            if each.id == name:
                return each
        raise DocumentError("This document does not wait any more: it was decided or has expired.")

    def document(self, staged: Staged) -> Document:
        """What was read; raises DocumentError where the file is damaged."""
        try:
            return _DOCUMENT.validate_json((self._folder / staged.id / _TEXT).read_bytes())
        except (OSError, ValidationError) as error:
            raise DocumentError(
                f"What was read of {staged.name} is damaged on the disk. Reject it, and add the "
                "file again."
            ) from error

    def original(self, staged: Staged) -> bytes:
        """The file as it was added."""
        return (self._folder / staged.id / _FILE).read_bytes()

    def vectors(self, staged: Staged, *, revision: str) -> Vectors | None:
        """Its vectors, where they were made for this revision."""
        file = self._folder / staged.id / f"{revision}.npy"
        try:
            vectors: Vectors = np.load(file, allow_pickle=False)
        except (OSError, ValueError, EOFError):  # not there, or damaged: they can be made again
            return None
        return vectors

    def drop(self, names: Sequence[str]) -> None:
        """Forget some; unknown ones are no error."""
        for name in names:
            place, gone = self._folder / name, self._folder / f".{name}"
            if place.exists():
                place.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def sweep(self, *, before: str) -> tuple[Staged, ...]:
        """Forget what waits since before an ISO time, and what a crash left; what was forgotten."""
        for half in self._folder.glob(".*"):
            shutil.rmtree(half, ignore_errors=True)
        late = tuple(each for each in self.all() if each.at < before)
        self.drop([each.id for each in late])
        return late


def digest(data: bytes) -> str:
    """What tells one file's bytes from another's."""
    return hashlib.sha256(data).hexdigest()


def flush(path: Path) -> None:
    """Make sure that a file, or a folder's list of files, outlives a power cut."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
