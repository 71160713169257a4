"""Servers the bot was removed from: their data is kept for a while, then deleted for good."""

from __future__ import annotations

import functools
import time
from collections.abc import Collection

import structlog

from bot.permissions import own_scope
from bot.services import Services
from knowledge.errors import FootnoteError
from knowledge.said import said

log = structlog.get_logger(__name__)

_DAY_S = 86_400.0
_BY = said("the bot, after it had left")


async def note(services: Services, present: Collection[int]) -> None:
    """Write down which servers that have a library we are no longer in, and since when."""
    if services.desk is None:
        return
    read, receipts = services.worker.read, services.receipts
    for guild in await read(services.desk.jobs.guilds):
        known = await read(receipts.recall, _fact(guild))
        if guild in present and known:
            await read(receipts.remember, _fact(guild), "")
        elif guild not in present and not known:
            await read(receipts.remember, _fact(guild), str(time.time()))
            log.info("left", guild=guild, deleted_in_days=services.settings.leave_days)


async def erase(services: Services) -> None:
    """Delete the library, log and answers of servers that we left long enough ago."""
    desk = services.desk
    if desk is None:
        return
    read, receipts = services.worker.read, services.receipts
    jobs, before = desk.jobs, time.time() - services.settings.leave_days * _DAY_S
    for guild in await read(jobs.guilds):
        left = await read(receipts.recall, _fact(guild))
        if not left or float(left) > before:
            continue
        try:
            await read(receipts.erase, guild)
            await desk.quietly(functools.partial(jobs.erase, own_scope(guild), by=_BY))
            await read(receipts.remember, _fact(guild), "")
            log.info("erased", guild=guild)
        except FootnoteError as error:
            # Somebody else writes to the library: tomorrow is soon enough.
            log.warning("not erased", guild=guild, reason=str(error))


def _fact(guild: int) -> str:
    return f"left:{guild}"
