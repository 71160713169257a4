"""Bytes → a document: headings, paragraphs, lists, tables and code, each with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Protocol

from indexer.clean import clean, printable, squeeze
from indexer.document import Block, Document
from indexer.formats.outline import assemble, iso_date
from knowledge.errors import DocumentError

LIMIT = 50_000_000
"""The largest file, in bytes, that is read unless told otherwise."""

_KINDS = {
    ".docx": "a Word document",
    ".htm": "a web page",
    ".html": "a web page",
    ".markdown": "Markdown",
    ".md": "Markdown",
    ".pdf": "a PDF",
    ".txt": "text",
}
SUFFIXES: frozenset[str] = frozenset(_KINDS)
"""The endings, in small letters, of the files that can be read."""

_BLANK_LINES = re.compile(r"\n\s*\n")


class _Read(Protocol):
    def __call__(self, data: bytes, *, name: str) -> Document: ...


def load(path: Path, *, limit: int = LIMIT) -> Document:
    """The document in a file of at most `limit` bytes; raises DocumentError for any reason."""
    return load_bytes(contents(path, limit=limit), name=path.name, limit=limit)


def contents(path: Path, *, limit: int = LIMIT) -> bytes:
    """A file's bytes, one more than `limit` at most; raises DocumentError where it has none."""
    try:
        if path.exists() and not path.is_file():
            raise DocumentError(f"{path.name} is no file: name a file instead.")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError as error:
        raise DocumentError(f"{path.name} does not exist: check its name and folder.") from error
    except (OSError, ValueError) as error:  # ValueError for a null byte in the name
        raise DocumentError(
            f"{path.name} cannot be opened ({error}): check its name and permissions."
        ) from error


def load_bytes(data: bytes, *, name: str, limit: int = LIMIT) -> Document:
    """The document in a file's bytes, read as its name's ending says.

    Raises DocumentError, with a sentence that names the file and what to do, for anything that
    keeps it from being read.
    """
    suffix = PurePath(name).suffix.lower()
    read = _reader(suffix, name=name)
    if len(data) > limit:
        raise DocumentError(
            f"{name} is larger than {limit / 1_000_000:g} MB: split it, or raise the limit."
        )
    if not data.strip():
        raise DocumentError(f"{name} is empty: add text, or leave the file out.")
    try:
        return read(data, name=name)
    except DocumentError:
        raise
    except Exception as error:
        # Files come from anywhere, and the parsers' own errors are many and undocumented.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DocumentError(
            f"{name} cannot be read as {_KINDS[suffix]} ({reason}): "
            "open it, save it anew or as text, and add that."
        ) from error


def load_record(record: Mapping[str, object], *, where: str) -> Document:
    """The document in one line of a .jsonl file: id, title, text; optionally updated and source.

    The text is plain, so that all of it but white space stays as it is; blank lines part its
    paragraphs. `where` names the file and line in the DocumentError that a bad record raises.
    """
    text = record.get("text")
    if not isinstance(text, str):
        raise DocumentError(f"{where} has no 'text'. Give it one, or leave the line out.")
    identifier = _field(record, "id")
    if not identifier:
        raise DocumentError(f"{where} has no 'id'. Give it one.")
    return assemble(
        [Block(squeeze(part).strip()) for part in _BLANK_LINES.split(printable(text))],
        name=where,
        title=_field(record, "title") or identifier,
        updated=iso_date(record.get("updated")),
        source=_field(record, "source") or _field(record, "url") or None,
    )


def _field(record: Mapping[str, object], key: str) -> str:
    value = record.get(key)
    return clean(str(value)).strip() if isinstance(value, str | int) else ""


def _reader(suffix: str, *, name: str) -> _Read:
    """The format's `read`, imported only now: together the formats' libraries take a second.

    Raises DocumentError for an ending that no format has.
    """
    if suffix not in SUFFIXES:
        raise DocumentError(
            f"{name} has an ending that cannot be read: save it as one of "
            f"{', '.join(sorted(SUFFIXES))}."
        )
    match suffix:
        case ".docx":
            from indexer.formats.word import read
        case ".htm" | ".html":
            from indexer.formats.html import read
        case ".pdf":
            from indexer.formats.pdf import read
        case ".txt":
            from indexer.formats.text import read
        case _:
            from indexer.formats.markdown import read
    return read
