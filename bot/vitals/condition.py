"""Whether the bot lives, and whether it is ready for questions: a sentence where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from knowledge.errors import FootnoteError

# What an answer may take beyond its limit: to be cut short, and a machine that is busy.
_PATIENCE_S = 120.0


class Connection(Protocol):
    """One connection to Discord, as far as it matters here."""

    @property
    def online(self) -> bool:
        """Whether Discord's events reach us."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether nothing new is taken."""
        ...

    @property
    def waiting(self) -> int:
        """Questions in the queue."""
        ...

    @property
    def running(self) -> int:
        """Questions before the model."""
        ...

    @property
    def longest_s(self) -> float:
        """For how long the oldest of them has been there."""
        ...


@dataclass(slots=True)
class Condition:
    """What the process is about; whoever changes it writes it down here.

    `library` is called to see whether the catalogue can be read, and gives its version.
    """

    answer_timeout_s: float
    library: Callable[[], str] = lambda: "0"
    loaded: bool = False
    connection: Connection | None = None

    def dead(self) -> str | None:
        """Why only a restart helps, or None; that somebody is told at all shows the loop runs."""
        here = self.connection
        if here is not None and here.longest_s > self.answer_timeout_s + _PATIENCE_S:
            return f"The model has been at one answer for {here.longest_s:.0f} s. Restart the bot."
        return None

    def unready(self) -> str | None:
        """Why questions are not answered now, or None."""
        if not self.loaded:
            return "The models are being loaded."
        if self.connection is None or not self.connection.online:
            return "There is no connection to Discord; it is tried again until there is one."
        if self.connection.stopping:
            return "The bot is being stopped."
        try:
            self.library()
        except FootnoteError as error:
            return str(error)
        return self.dead()
