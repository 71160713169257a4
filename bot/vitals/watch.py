"""What `run` keeps up to date of itself, and serves where a port is given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.vitals.condition import Condition
from bot.vitals.figures import Figures
from bot.vitals.port import Port, served

if TYPE_CHECKING:
    from bot.client import FootnoteClient


@dataclass(frozen=True, slots=True)
class ClientSeen:
    """A client and its queue, as the condition asks after them."""

    client: FootnoteClient

    @property
    def online(self) -> bool:
        """Whether Discord's events reach us."""
        socket = self.client.ws
        # discord.py declares it as always there, which it is not before the first connection.
        return self.client.is_ready() and bool(socket) and bool(socket.open)

    @property
    def stopping(self) -> bool:
        """Whether nothing new is taken."""
        return self.client.services.admission.closed or self.client.is_closed()

    @property
    def waiting(self) -> int:
        """Questions in the queue."""
        return self.client.services.worker.waiting

    @property
    def running(self) -> int:
        """Questions before the model."""
        return self.client.services.worker.running

    @property
    def longest_s(self) -> float:
        """For how long the oldest of them has been there."""
        return self.client.services.worker.longest_s


class Watch:
    """The condition and the figures of one process, and the port that tells them."""

    def __init__(self, condition: Condition, figures: Figures, *, port: Port | None = None) -> None:
        self.condition = condition
        self.figures = figures
        self._port = port
        for name, meaning, value in (
            ("index_version", "Version of the library that answers.", self._version),
            ("queue_length", "Questions that wait for the model.", self._waiting),
            ("running_answers", "Questions that the model is at.", self._running),
            ("ready", "1 while questions are answered.", self._ready),
        ):
            figures.watch(name, meaning, value)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int | None]:
        """Serve the port, where there is one, until the end of the block; yields its number."""
        if self._port is None:
            yield None
            return
        async with served(self._port, condition=self.condition, figures=self.figures) as number:
            yield number

    def connect(self, client: FootnoteClient) -> None:
        """From now on it is this client that is asked after."""
        self.condition.connection = ClientSeen(client)

    def _version(self) -> float:
        return float(self.condition.library())

    def _waiting(self) -> float:
        here = self.condition.connection
        return float(here.waiting) if here is not None else 0.0

    def _running(self) -> float:
        here = self.condition.connection
        return float(here.running) if here is not None else 0.0

    def _ready(self) -> float:
        return float(self.condition.unready() is None)
