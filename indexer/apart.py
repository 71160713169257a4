"""A file of a stranger, parsed in a process of its own that may be slow, greedy or crash."""

from __future__ import annotations

import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from indexer.confined import DOCUMENT, REPLY, REQUEST, Outcome, ReadingLimits, Request, words
from indexer.document import Document
from indexer.load import contents
from knowledge.errors import DocumentError

__all__ = ["FOLDER_LIMITS", "Reader", "ReadingLimits", "read_apart", "words"]

FOLDER_LIMITS = ReadingLimits(
    file_bytes=50_000_000, pages=20_000, words=5_000_000, seconds=120.0, memory=4_000_000_000
)
"""For files that lie on this machine already."""

# Of ours and nothing else: the token and other secrets are none of a file's business.
_ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[1]), "LANG": "C.UTF-8"}
# To start Python and load a format's library on a busy machine.
_GRACE_S = 60.0


class Reader:
    """One process for many files; a new one where it was lost.

    `module` is what it runs; started with the first file.
    """

    def __init__(self, *, limits: ReadingLimits, module: str = "indexer.confined") -> None:
        self._limits = limits
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        with self._turn:
            self._end()

    def read_file(self, path: Path) -> Document:
        """The document in a file; raises DocumentError for whatever keeps it from being one."""
        return self.read(contents(path, limit=self._limits.file_bytes), name=path.name)

    def read(self, data: bytes, *, name: str) -> Document:
        """The document in a file's bytes; raises DocumentError as `read_file` does."""
        limits = self._limits
        if len(data) > limits.file_bytes:
            raise DocumentError(
                f"{name} has {len(data) / 1e6:.1f} MB, and at most {limits.file_bytes / 1e6:g} MB "
                "are read. Split it, or add the parts that matter."
            )
        with self._turn:
            request = Request(name, len(data), limits)
            # One that was kept may have ended just now.
            again = self._process is not None
            outcome, result = self._asked(request, data)
            if again and self._process is None:
                outcome, result = self._asked(request, data)
        match outcome:
            case Outcome.READ:
                return DOCUMENT.validate_json(result)
            case Outcome.REFUSED:
                raise DocumentError(result.decode())
            case Outcome.SLOW:
                raise DocumentError(
                    f"{name} was not read within {limits.seconds:g} s. Save it anew or as text, "
                    "and add that."
                )
            case Outcome.BROKEN:
                raise DocumentError(
                    f"{name} cannot be read: it breaks the reader or takes too much memory. "
                    "Save it anew or as text, and add that."
                )

    def _asked(self, request: Request, data: bytes) -> tuple[Outcome, bytes]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        # The process ends its children in time; this ends a process that fails to.
        watch = threading.Timer(request.limits.seconds + _GRACE_S, process.kill)
        watch.daemon = True
        watch.start()
        try:
            process.stdin.write(REQUEST.dump_json(request) + b"\n" + data)
            process.stdin.flush()
            reply = REPLY.validate_json(process.stdout.readline())
            result = process.stdout.read(reply.size)
        except (OSError, ValueError):
            self._end()
            return Outcome.BROKEN, b""
        except BaseException:
            # Stopped half-way: the answer to this request must not be taken for the next one's.
            self._end()
            raise
        finally:
            watch.cancel()
        return reply.outcome, result

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-P", "-m", self._module],
                env=_ENVIRONMENT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        # Closes the pipes, whatever is still in them.
        self._process.communicate()
        self._process = None


def read_apart(data: bytes, *, name: str, limits: ReadingLimits) -> Document:
    """The document in a file's bytes; the process for it is kept for the next file."""
    return _kept(limits).read(data, name=name)


@cache
def _kept(limits: ReadingLimits) -> Reader:
    """The process that this one keeps; it ends when this one does, or when it is long unused."""
    return Reader(limits=limits)
