"""What a change of the library means for earlier questions and answers, whoever made it, and where.

The library's own history is followed, not the jobs: what the command line changes while the bot
runs, or changed while it did not, is followed too, and a crash in between loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

import discord
import structlog

from bot.desk import Desk
from bot.services import Services
from bot.stale import note_stale
from bot.telling import tell_askers
from knowledge.errors import FootnoteError
from knowledge.types import Change

log = structlog.get_logger(__name__)

FOLLOWED = "followed"
_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Changed:
    """The documents of one scope that have changed: `new` answer, `old` did before."""

    scope: str
    new: frozenset[str]
    old: frozenset[str]


class Following:
    """Keeps up with one library, for one client."""

    def __init__(self, services: Services, client: discord.Client, *, desk: Desk) -> None:
        self._services = services
        self._client = client
        self._desk = desk

    async def go(self) -> None:
        """Keep up for as long as the bot runs: at once after a job, and every few seconds."""
        while True:
            try:
                await self._catch_up()
            except FootnoteError as error:
                log.warning("changes not followed yet", reason=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await self._desk.changed.wait()
            self._desk.changed.clear()

    async def _catch_up(self) -> None:
        read, receipts = self._services.worker.read, self._services.receipts
        library = self._services.library
        version = int(await read(lambda: library.version))
        followed = int(await read(receipts.recall, FOLLOWED) or version)
        for changed in summed(await read(self._desk.jobs.since, followed)):
            await self._follow(changed)
        # Last: what a crash interrupts is done again, and finds what was done already.
        await read(receipts.remember, FOLLOWED, str(version))

    async def _follow(self, changed: Changed) -> None:
        try:
            await tell_askers(self._services, changed.scope, changed.new)
            await note_stale(self._services, self._client, changed.scope, changed.old)
        except (FootnoteError, discord.DiscordException) as error:
            log.warning("change not followed", scope=changed.scope, reason=str(error))


def summed(changes: Iterable[Change]) -> tuple[Changed, ...]:
    """Changes as what they come to for each scope."""
    first: dict[tuple[str, str], str | None] = {}
    last: dict[tuple[str, str], str | None] = {}
    for each in sorted(changes, key=lambda change: change.version):
        key = (each.scope, each.document_id)
        first.setdefault(key, each.previous)
        last[key] = each.revision
    differing = [key for key in last if first[key] != last[key]]
    scopes = dict.fromkeys(scope for scope, _ in differing)
    return tuple(
        Changed(
            scope,
            new=frozenset(name for at, name in differing if at == scope and last[at, name]),
            old=frozenset(name for at, name in differing if at == scope and first[at, name]),
        )
        for scope in scopes
    )
