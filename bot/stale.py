"""Earlier answers whose quotes no longer stand in the documents get a note, and 'Ask again'."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

import discord
import structlog

from bot import render
from bot.arrival import member_of
from bot.feedback import receipt_of
from bot.page import Page
from bot.permissions import SHARED, guild_of
from bot.receipts import Receipt
from bot.routes import shown
from bot.services import Services, State
from bot.views import parse_id

log = structlog.get_logger(__name__)

_DAY_S = 86_400.0
_LOOKED_BACK_DAYS = 30
# Each is two requests to Discord, and a change that touches more is told by the receipt anyway.
_MOST = 25
_PAUSE_S = 1.0


async def note_stale(
    services: Services, client: discord.Client, scope: str, old: Collection[str]
) -> None:
    """Mark the answers that cite what was changed or removed in a scope, newest first."""
    if not old:
        return
    read = services.worker.read
    since = time.time() - _LOOKED_BACK_DAYS * _DAY_S
    guild = None if scope == SHARED else guild_of(scope)
    marked = 0
    for receipt in await read(services.receipts.answered, guild, since=since):
        if marked == _MOST:
            return
        if await read(_lost, services, receipt, scope, old):
            marked += await _mark(services, client, receipt)


async def again(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Ask the question of an old answer once more."""
    receipt = await receipt_of(services, interaction, state[0])
    with services.admission.admitted(member_of(interaction), receipt.question) as text:
        question, delivery = await services.arrivals.interaction(
            interaction, text, private=receipt.private
        )
        await services.asking.answer(question, delivery)


def _lost(services: Services, receipt: Receipt, scope: str, old: Collection[str]) -> bool:
    """Whether a quote from one of these documents no longer stands in it."""
    scopes = {each.passage.id: each.passage.scope for each in receipt.evidence}
    for citation in receipt.answer.citations:
        if citation.document_id in old and scopes.get(citation.passage_id) == scope:
            live = services.library.passages(citation.document_id, scope=scope)
            if not any(citation.quote in passage.text for passage in live):
                return True
    return False


async def _mark(services: Services, client: discord.Client, receipt: Receipt) -> bool:
    """Put the note under the answer's last message; False where it has it, or is not there."""
    messages = await services.worker.read(services.receipts.messages, receipt.id)
    if not messages:
        return False
    channel, last = max(messages, key=lambda each: each[1])
    place = client.get_partial_messageable(channel)
    try:
        message = await place.fetch_message(last)
        if _marked(message):
            return False
        say = services.arrivals.language(receipt.guild)
        page = render.stale(receipt, Page(message.content, tuple(message.embeds)), say=say)
        await message.edit(**shown(page))
    except discord.HTTPException as error:
        log.info("stale answer not marked", receipt=receipt.id, code=error.code)
        return False
    await asyncio.sleep(_PAUSE_S)
    return True


def _marked(message: discord.Message) -> bool:
    """Whether an answer has the button of an outdated one, in whichever language."""
    rows = (row for row in message.components if isinstance(row, discord.ActionRow))
    ids = (getattr(item, "custom_id", None) or "" for row in rows for item in row.children)
    return any((parse_id(each) or ("",))[0] == render.AGAIN for each in ids)
