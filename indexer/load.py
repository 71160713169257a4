"""Bytes → a document: headings, paragraphs, lists, tables and code, each with its place."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path, PurePath
from typing import Protocol

from indexer.document import Document
from knowledge.errors import DocumentError
from knowledge.said import said

LIMIT = 50_000_000
"""The largest file, in bytes, that is read unless told otherwise."""

RECORDS = ".jsonl"
"""The ending of files with a document in each line."""

_REASON = 200

_CODE = (
    ".bash .c .cc .clj .cpp .cs .cxx .dart .erl .ex .exs .go .groovy .h .hpp .hs .java .jl .js .jsx"
    " .kt .lua .m .mjs .php .pl .ps1 .py .r .rb .rs .scala .sh .sql .swift .ts .tsx .zig"
)
# Each format's module in indexer/formats, what people call it, and its endings in small letters.
_FORMATS = (
    ("epub", "an e-book", ".epub"),
    ("html", "a web page", ".htm .html"),
    ("markdown", "Markdown", ".markdown .md"),
    ("notebook", "a notebook", ".ipynb"),
    ("pdf", "a PDF", ".pdf"),
    ("records", "JSON Lines", RECORDS),
    ("restructured", "reStructuredText", ".rst"),
    ("slides", "PowerPoint slides", ".pptx"),
    ("subtitles", "subtitles", ".srt .vtt"),
    ("table", "a table", ".csv .tsv"),
    ("text", "text", ".txt"),
    ("word", "a Word document", ".docx"),
    ("code", "source code", _CODE),
)
_READERS = {
    suffix: (module, kind) for module, kind, suffixes in _FORMATS for suffix in suffixes.split()
}
SUFFIXES: frozenset[str] = frozenset(_READERS) - {RECORDS}
"""The endings, in small letters, of the files that are a document each."""

_DOCUMENTS = sorted(suffix for suffix, (module, _) in _READERS.items() if module != "code")
KNOWN = said(f"{', '.join(_DOCUMENTS)} and source code")
"""What can be read, for people."""


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
    read, kind = _reader(name)
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
        reason = " ".join(str(error).split())[:_REASON] or type(error).__name__
        raise DocumentError(
            f"{name} cannot be read as {kind} ({reason}): "
            "open it, save it anew or as text, and add that."
        ) from error


def _reader(name: str) -> tuple[_Read, str]:
    """The format's `read` and what people call the format; DocumentError for an unknown ending.

    Imported only now: together the formats' libraries take a second.
    """
    module, kind = _READERS.get(PurePath(name).suffix.lower(), ("", ""))
    if not module:
        raise DocumentError(
            f"{name} has an ending that cannot be read. Save it as something that can: {KNOWN}."
        )
    read: _Read = import_module(f"indexer.formats.{module}").read
    return read, kind
