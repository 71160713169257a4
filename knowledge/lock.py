"""The one writer's lock on a data folder, between processes and between threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge.errors import LibraryLockedError


class WriterLock:
    """Taken at once or not at all."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = FileLock(home / "write.lock", thread_local=False)
        # The file's lock lets its own process in again.
        self._turn = threading.Lock()

    @property
    def taken_here(self) -> bool:
        """Whether this process is writing."""
        return self._turn.locked()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; raises LibraryLockedError while somebody else does."""
        if not self._turn.acquire(blocking=False):
            raise self._busy()
        try:
            try:
                self._file.acquire(timeout=0)
            except Timeout as error:
                raise self._busy() from error
            try:
                yield
            finally:
                self._file.release()
        finally:
            self._turn.release()

    def _busy(self) -> LibraryLockedError:
        return LibraryLockedError(
            f"Another process is changing the library in {self._home}. "
            "Wait until it has finished, then try again."
        )
