"""One job at a time: each by somebody, written down, and seen by the others while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bot.audit import Audit


@dataclass(frozen=True, slots=True)
class Running:
    """The job under way: what, by whom, where, and how far; `since` is monotonic seconds."""

    what: str
    by: str
    scope: str
    since: float
    done: int = 0
    of: int = 0


Moved = Callable[[Running], None]


def unseen(_: Running) -> None:
    """Nobody watches."""


class Steps:
    """How a job tells how far it is; called with what is done, of how much."""

    def __init__(self, running: Running, tell: Moved) -> None:
        self._running = running
        self._tell = tell

    def __call__(self, done: int, of: int) -> None:
        """Tell it."""
        self._tell(replace(self._running, done=done, of=of))

    def of(self, what: str) -> Steps:
        """The steps of another part of the same job."""
        return Steps(replace(self._running, what=what, since=time.monotonic()), self._tell)


class Turn:
    """Whose turn it is."""

    def __init__(self, audit: Audit, *, version: Callable[[], str]) -> None:
        self._audit = audit
        self._version = version
        self._lock = threading.Lock()
        self._running: Running | None = None

    @property
    def running(self) -> Running | None:
        """The job under way."""
        return self._running

    @contextmanager
    def job(
        self,
        by: str,
        action: str,
        document: str,
        *,
        scope: str,
        what: str,
        moved: Moved = unseen,
    ) -> Iterator[Steps]:
        """Wait for one's turn, write the deed down, and let others see how far it is."""

        def tell(running: Running) -> None:
            self._running = running
            moved(running)

        with self._lock:
            running = Running(what, by, scope, time.monotonic())
            try:
                tell(running)
                with self._audit.deed(by, action, document, scope=scope, version=self._version):
                    yield Steps(running, tell)
            finally:
                self._running = None
