"""Retrieval goes before generation: who asked is shown evidence while somebody's answer pauses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# A pause never lasts longer, however many ask: an answer under way has readers too.
_LONGEST_PAUSE_S = 1.0


class Precedence:
    """Searches that are under way, and the threads that let them pass."""

    def __init__(self) -> None:
        self._searches = 0
        self._clear = threading.Condition()

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Let a search go first, from the moment it is wanted until it is done."""
        with self._clear:
            self._searches += 1
        try:
            yield
        finally:
            with self._clear:
                self._searches -= 1
                self._clear.notify_all()

    def give_way(self) -> None:
        """Wait until no search is under way, or for a second; called between a model's words."""
        with self._clear:
            self._clear.wait_for(lambda: self._searches == 0, timeout=_LONGEST_PAUSE_S)
