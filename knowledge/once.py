"""A value that is costly to make, made once, however many threads ask for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Once(Generic[Value]):
    """Calls `make` at the first call and gives its value to all; a failure is tried again."""

    def __init__(self, make: Callable[[], Value]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[Value] = []

    @property
    def made(self) -> bool:
        """Whether it is there already."""
        return bool(self._made)

    def __call__(self) -> Value:
        """The value; waits while another thread makes it."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]
