"""What a page is, as its server and its address say it, to a name that says how to read it."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import SplitResult, unquote

from indexer.load import KNOWN, SUFFIXES
from knowledge.errors import DocumentError

_KINDS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/x-subrip": ".srt",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/vtt": ".vtt",
    "text/x-rst": ".rst",
}


def file_name(parts: SplitResult, kind: str) -> str:
    """A name whose ending says what the page is; raises DocumentError for what nobody reads."""
    stem = PurePosixPath(unquote(parts.path))
    suffix = _KINDS.get(kind)
    if kind in ("text/plain", "application/octet-stream") and stem.suffix.lower() in SUFFIXES:
        suffix = stem.suffix.lower()
    if suffix is None:
        raise DocumentError(
            f"{parts.hostname} gives {kind}, which cannot be read. Give the address of a web page, "
            f"or of one of {KNOWN}."
        )
    return f"{stem.stem or parts.hostname}{suffix}"
