"""What is done once at start: commands made known, open questions taken up, old records deleted."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from typing import Any

import structlog
from discord import app_commands

from bot import leaving
from bot.clock import plausible
from bot.delivery import UndeliverableError
from bot.render import notice
from bot.services import Services
from bot.translator import Translator
from bot.waiting import OpenQuestion
from knowledge.errors import LibraryError

log = structlog.get_logger(__name__)

_DAY_S = 86_400.0
_MINUTE_S = 60.0
_SYNCHRONISED = "commands"


async def synchronise(tree: app_commands.CommandTree[Any], services: Services) -> None:
    """Tell Discord the commands, if they are not what it was told last."""
    translator = Translator()
    await tree.set_translator(translator)
    described = [
        await command.get_translated_payload(tree, translator) for command in tree.get_commands()
    ]
    text = json.dumps([tree.client.application_id, described], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    receipts, read = services.receipts, services.worker.read
    if await read(receipts.recall, _SYNCHRONISED) == digest:
        return
    await tree.sync()
    await read(receipts.remember, _SYNCHRONISED, digest)
    log.info("commands synchronised", commands=len(described))


async def resume(services: Services, question: OpenQuestion) -> None:
    """Answer a question that an earlier process left open, or say that it is too late."""
    delivery = services.arrivals.again(question)
    age = (time.time() - question.asked_at) / _MINUTE_S
    if age <= services.settings.resume_minutes:
        log.info("taken up again", question=question.id)
        await services.asking.answer(question, delivery)
        return
    say = question.say
    sentence = say("I was stopped before I could answer this, and for too long. Please ask again.")
    with contextlib.suppress(UndeliverableError):
        await delivery.show([notice(sentence, title=question.title)])
    await services.worker.read(services.receipts.waiting.done, question.id)


async def expire_daily(services: Services) -> None:
    """Delete what is older than the settings allow, now and every day."""
    while True:
        try:
            await _expire(services)
        except LibraryError as error:
            log.warning("records not expired", reason=str(error))
        await asyncio.sleep(_DAY_S)


async def _expire(services: Services) -> None:
    receipts, read, now = services.receipts, services.worker.read, time.time()
    if not await read(lambda: plausible(receipts, now=now)):
        log.warning("clock jumped", reason="Nothing is deleted for its age before tomorrow.")
        return
    days = services.settings.retention_days
    if days:
        gone = await read(receipts.expire, now - days * _DAY_S)
        log.info("records expired", receipts=gone)
    await leaving.erase(services)
