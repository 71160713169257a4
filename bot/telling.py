"""Askers on the admins' list are told when new documents answer what they asked."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import structlog

from bot import render
from bot.asking import new_id
from bot.delivery import UndeliverableError
from bot.page import CONTENT_LIMIT
from bot.permissions import SHARED, guild_of, scopes
from bot.receipts import Receipt
from bot.services import Services
from bot.waiting import OpenQuestion
from bot.wishes import Wish
from knowledge.errors import FootnoteError
from knowledge.types import Answer, AnswerReady, Event, Evidence, EvidenceFound, Status

log = structlog.get_logger(__name__)

# Each costs the model a whole answer, in the queue of those who ask just now.
_MOST = 5
_LOOKED_AT = 3


async def tell_askers(services: Services, scope: str, new: Collection[str]) -> None:
    """Answer the wishes that a scope's new documents bear on, and settle them."""
    if not new:
        return
    told = 0
    for wish in await services.worker.read(_wishes, services, scope):
        if told == _MOST:
            return
        try:
            if await _concerned(services, wish, scope, new) and await _told(services, wish):
                told += 1
        except FootnoteError as error:
            log.info("asker not told", receipt=wish.receipt, reason=type(error).__name__)
            return


def _wishes(services: Services, scope: str) -> Sequence[Wish]:
    """Those of the scope's own server; for what is shared, everybody's."""
    receipts = services.receipts
    if scope != SHARED:
        return receipts.wishes.of(guild_of(scope))
    return [wish for guild in receipts.wishes.guilds() for wish in receipts.wishes.of(guild)]


async def _concerned(services: Services, wish: Wish, scope: str, new: Collection[str]) -> bool:
    """Whether one of the new documents is among the best for the question."""
    reach = scopes(wish.guild)
    found = await services.worker.read(
        services.library.search, wish.question, k=_LOOKED_AT, scopes=reach
    )
    return any(each.passage.scope == scope and each.passage.document_id in new for each in found)


async def _told(services: Services, wish: Wish) -> bool:
    answer, evidence = await _answered(services, wish)
    if answer is None or answer.status is not Status.ANSWERED:
        return False
    read, receipts = services.worker.read, services.receipts
    asked = await read(receipts.get, wish.receipt)
    messages = await read(receipts.messages, wish.receipt)
    say = services.arrivals.language(wish.guild)
    question = OpenQuestion(
        id=new_id(),
        text=wish.question,
        asked_at=time.time(),
        asker=wish.asker,
        guild=wish.guild,
        channel=wish.channel,
        private=asked is None or asked.private,
        titled=True,
        reply_to=messages[0][1] if messages else None,
        language=say.tag,
    )
    kept = Receipt(
        id=new_id(),
        key="",
        asked_at=question.asked_at,
        asker=wish.asker,
        guild=wish.guild,
        channel=wish.channel,
        private=question.private,
        parent=None,
        question=wish.question,
        answer=answer,
        evidence=evidence,
    )
    await read(receipts.save, kept)
    first, *rest = render.final(kept, titled=True, say=say)
    hello = say("{person}, the documents now answer this:", person=f"<@{wish.asker}>")
    first = replace(first, content=f"📮 {hello}\n{first.content}"[:CONTENT_LIMIT])
    delivery = services.arrivals.again(question)
    with contextlib.suppress(UndeliverableError):
        await delivery.show([first, *rest])
        if delivery.channel is not None:
            await read(receipts.shown, kept.id, delivery.channel, delivery.messages)
    await read(receipts.waiting.done, question.id)
    await read(receipts.wishes.settle, wish.receipt, time.time())
    return True


async def _answered(services: Services, wish: Wish) -> tuple[Answer | None, tuple[Evidence, ...]]:
    def work(stop: threading.Event) -> Iterator[Event]:
        return services.answerer.answer(wish.question, scopes=scopes(wish.guild), stop=stop)

    job = services.worker.submit(work, asker=wish.asker)
    answer: Answer | None = None
    evidence: tuple[Evidence, ...] = ()
    try:
        async for event in job.items():
            if isinstance(event, EvidenceFound):
                evidence = event.evidence
            elif isinstance(event, AnswerReady):
                answer = event.answer
    finally:
        services.worker.withdraw(job)
    return answer, evidence
