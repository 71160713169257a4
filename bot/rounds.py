"""Watched pages looked at when their time has come, and whoever watches told what needs them."""

from __future__ import annotations

import asyncio
import functools

import discord
import structlog

from bot.desk import Desk
from bot.escape import plain
from bot.language import Language
from bot.page import Page, shortened
from bot.permissions import SHARED, guild_of
from bot.queued import queued
from bot.refreshing import Look
from bot.routes import DirectRoute
from bot.services import Services
from bot.watching import State
from knowledge.errors import FootnoteError

log = structlog.get_logger(__name__)

_EVERY_S = 60.0


async def go(services: Services, client: discord.Client, *, desk: Desk) -> None:
    """Make rounds for as long as the bot runs."""
    while True:
        await once(services, client, desk=desk)
        await asyncio.sleep(_EVERY_S)


async def once(services: Services, client: discord.Client, *, desk: Desk) -> None:
    """Look at every page whose time has come."""
    model = queued(services.worker)
    for page in await services.worker.read(desk.jobs.due):
        found = await desk.newer(page.url, page.version)
        work = functools.partial(
            desk.jobs.refreshed,
            page,
            found,
            at_once=not services.settings.review_documents,
            model=model,
        )
        try:
            look = await desk.quietly(work)
        except FootnoteError as error:
            # Somebody else writes to the library: it is still due in a minute.
            log.info("page not refreshed", scope=page.scope, reason=str(error))
            continue
        if look is not None and look.news:
            await _tell(services, client, look)
        if look is not None and look.state is State.CHANGED:
            desk.changed.set()


async def _tell(services: Services, client: discord.Client, look: Look) -> None:
    if not look.page.by.isdigit():
        return
    scope = look.page.scope
    say = services.arrivals.language(None if scope == SHARED else guild_of(scope))
    told = _told(look.state, plain(shortened(look.page.document, 150)), say=say)
    reason = f"\n-# {plain(shortened(say.again(look.reason), 300))}" if look.reason else ""
    route = DirectRoute(client, int(look.page.by), note=say("About a page that you let me watch:"))
    try:
        await route.send(Page(told + reason))
    except discord.HTTPException as error:
        # The log and the status say it too.
        log.info("watcher not told", scope=look.page.scope, code=error.code)


def _told(state: State, page: str, *, say: Language) -> str:
    if state is State.GONE:
        return "🕳 " + say(
            "**{page}** is gone. What I read of it still answers; **/knowledge remove** takes it"
            " out.",
            page=page,
        )
    if state is State.WAITS:
        return "📝 " + say(
            "**{page}** has changed. The new version waits for a decision: **/knowledge status**.",
            page=page,
        )
    return "⚠ " + say(
        "**{page}** cannot be read again. What I read of it still answers.", page=page
    )
