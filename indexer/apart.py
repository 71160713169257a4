"""A file of a stranger, parsed in a process of its own that may be slow, greedy or crash.

As a module it is that process: the file's bytes on standard input, the document or the reason
against it as JSON on standard output.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from indexer.document import Document
from knowledge.errors import DocumentError

_DOCUMENT = TypeAdapter(Document)
_REFUSED = 3
# Of ours and nothing else: the token and other secrets are none of a file's business.
_ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[1]), "LANG": "C.UTF-8"}
_MEMORY = 2_000_000_000


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """The largest file in bytes, the longest document in pages and words, and the seconds."""

    file_bytes: int = 20_000_000
    pages: int = 1000
    words: int = 500_000
    seconds: float = 60.0


def read_apart(data: bytes, *, name: str, limits: ReadingLimits) -> Document:
    """The document in a file's bytes; raises DocumentError for whatever keeps it from being one."""
    if len(data) > limits.file_bytes:
        raise DocumentError(
            f"{name} has {len(data) / 1e6:.1f} MB, and at most {limits.file_bytes / 1e6:g} MB are "
            "read. Split it, or add the parts that matter."
        )
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the name is an argument, no shell
            [sys.executable, "-P", "-m", "indexer.apart", name],
            env=_ENVIRONMENT,
            input=data,
            capture_output=True,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentError(
            f"{name} was not read within {limits.seconds:g} s. Save it anew or as text, and add "
            "that."
        ) from error
    if done.returncode == _REFUSED:
        raise DocumentError(done.stdout.decode())
    if done.returncode != 0:
        raise DocumentError(
            f"{name} cannot be read: it breaks the reader or takes too much memory. "
            "Save it anew or as text, and add that."
        )
    document = _DOCUMENT.validate_json(done.stdout)
    _refuse_long(document, name=name, limits=limits)
    return document


def words(document: Document) -> int:
    """How many words a document has."""
    return sum(len(block.text.split()) for block in document.blocks)


def _refuse_long(document: Document, *, name: str, limits: ReadingLimits) -> None:
    for number, most, what in (
        (document.pages or 0, limits.pages, "pages"),
        (words(document), limits.words, "words"),
    ):
        if number > most:
            raise DocumentError(
                f"{name} has {number} {what}, and at most {most} are taken. Split it, or add the "
                "parts that matter."
            )


def main() -> None:
    """Read one file."""
    from indexer.load import load_bytes

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        document = load_bytes(sys.stdin.buffer.read(), name=sys.argv[1])
    except DocumentError as error:
        sys.stdout.buffer.write(str(error).encode("utf-8", "replace"))
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(_DOCUMENT.dump_json(document))


if __name__ == "__main__":
    main()
