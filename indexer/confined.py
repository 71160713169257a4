"""The process that parses: a child for each file, with little memory and time, that may crash.

As a module (`python -m indexer.confined`) it answers one request after another, each a line of
JSON and a file's bytes on standard input, with a line of JSON and the result's bytes on standard
output. It has the formats' libraries loaded, so that a child costs milliseconds.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import PurePath
from typing import BinaryIO, NoReturn

from pydantic import TypeAdapter

from indexer.document import Document
from knowledge.errors import DocumentError
from knowledge.said import said

DOCUMENT = TypeAdapter(Document)
# A word is six characters in most languages; an endless one must not pass for one.
_CHARACTERS = 12
_MEGABYTE = 1_000_000
_IDLE_S = 600.0


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """The largest file in bytes, the longest document in pages and words, and the seconds.

    `memory` is the bytes that reading may take, Python and the formats' libraries included.
    """

    file_bytes: int = 20_000_000
    pages: int = 1000
    words: int = 500_000
    seconds: float = 60.0
    memory: int = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Request:
    """A file to read: its name and how many bytes follow."""

    name: str
    size: int
    limits: ReadingLimits


class Outcome(StrEnum):
    """How reading ended; the last two are a child's that did not end by itself."""

    READ = "read"
    REFUSED = "refused"
    BROKEN = "broken"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Reply:
    """How it ended, and how many bytes of document or reason follow."""

    outcome: Outcome
    size: int


REQUEST, REPLY = TypeAdapter(Request), TypeAdapter(Reply)


def words(document: Document) -> int:
    """How many words a document has."""
    return sum(len(block.text.split()) for block in document.blocks)


def main() -> None:
    """Answer until there are no more requests, or none for long."""
    asked, told = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints is no answer.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        if standard:
            os.dup2(nowhere, standard)
    while select.select([asked], [], [], _IDLE_S)[0] and (line := asked.readline()):
        request = REQUEST.validate_json(line)
        reply, result = _answer(request, asked.read(request.size))
        told.write(REPLY.dump_json(reply) + b"\n" + result)
        told.flush()


def _answer(request: Request, data: bytes) -> tuple[Reply, bytes]:
    _warm_up(PurePath(request.name).suffix.lower())
    found = os.memfd_create("document")
    try:
        child = os.fork()
        if child == 0:
            _read(request, data, found)
        outcome = _outcome(os.waitpid(child, 0)[1])
        size = os.fstat(found).st_size if outcome in (Outcome.READ, Outcome.REFUSED) else 0
        os.lseek(found, 0, os.SEEK_SET)
        with os.fdopen(os.dup(found), "rb") as file:
            return Reply(outcome, size), file.read(size)
    finally:
        os.close(found)


@cache
def _warm_up(suffix: str) -> None:
    """Read next to nothing here, so that the children find this format's libraries loaded."""
    from indexer import chunk
    from indexer.load import load_bytes

    with suppress(DocumentError):
        chunk.chunk(load_bytes(b"A word.", name=f"a{suffix}"))


def _outcome(status: int) -> Outcome:
    if os.WIFSIGNALED(status):
        slow = os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGXCPU)
        return Outcome.SLOW if slow else Outcome.BROKEN
    return {0: Outcome.READ, 3: Outcome.REFUSED}.get(os.WEXITSTATUS(status), Outcome.BROKEN)


def _read(request: Request, data: bytes, found: int) -> NoReturn:
    """The child's whole life."""
    code = 1
    try:
        _confine(request.limits)
        with os.fdopen(found, "wb") as file:
            code = _write(request, data, file)
    except BaseException:  # noqa: BLE001 - nothing of the child may go on as if it were the parent
        code = 1
    finally:
        os._exit(code)


def _confine(limits: ReadingLimits) -> None:
    seconds = int(limits.seconds) + 1
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 200 * _MEGABYTE),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))
    # Nobody handles the signal, so that it ends also a library that never comes back to Python.
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)


def _write(request: Request, data: bytes, file: BinaryIO) -> int:
    from indexer.chunk import chunk
    from indexer.load import load_bytes

    try:
        document = load_bytes(data, name=request.name, limit=request.limits.file_bytes)
        _refuse_long(document, name=request.name, limits=request.limits)
    except DocumentError as error:
        file.write(str(error).encode("utf-8", "replace"))
        return 3
    # Cut once here, where it may take for ever, before it is cut where it may not.
    chunk(document)
    file.write(DOCUMENT.dump_json(document))
    return 0


def _refuse_long(document: Document, *, name: str, limits: ReadingLimits) -> None:
    characters = sum(len(block.text) for block in document.blocks)
    for number, most, what in (
        (document.pages or 0, limits.pages, said("pages")),
        (words(document), limits.words, said("words")),
        (characters, limits.words * _CHARACTERS, said("characters")),
    ):
        if number > most:
            raise DocumentError(
                f"{name} has {number} {what}, and at most {most} are taken. Split it, or add the "
                "parts that matter."
            )


if __name__ == "__main__":
    main()
