"""A question asked on the page: queued like any other, its answer sent as it is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from bot.asking import new_id
from bot.faults import told
from bot.language import Language
from bot.permissions import SHARED
from bot.receipts import Receipt
from bot.web.house import NOBODY, NOWHERE, House
from bot.web.render import fragment
from bot.worker import Job
from knowledge.answer import checked_question
from knowledge.errors import FootnoteError, UsageError
from knowledge.types import Answer, AnswerReady, Event, Evidence, EvidenceFound, TextWritten

_FORGOTTEN_S = 600.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that the page has taken and whose answer it has not fetched yet."""

    id: str
    text: str
    scopes: tuple[str, ...]
    parent: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Sent:
    """One event of the stream: its name, and HTML."""

    name: str
    html: str


class Questions:
    """Takes questions in; each is answered once, to whoever fetches its events."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._asked: dict[str, Asked] = {}
        self._running: dict[str, Job[Event]] = {}

    def take(self, text: str, *, scope: str, parent: str | None) -> Asked:
        """Take a question; raises UsageError where it is none."""
        limit = self._house.settings.question_length
        if len(text) > limit:
            raise UsageError(f"The question is longer than {limit} characters. Shorten it.")
        if scope not in self._house.scopes():
            raise UsageError("There is no such library. Choose one of the list.")
        question = checked_question(text)
        scopes = (SHARED,) if scope == SHARED else (SHARED, scope)
        asked = Asked(new_id(), question, scopes, parent or None, time.time())
        # Questions whose answers nobody fetched do not pile up.
        fresh = asked.at - _FORGOTTEN_S
        self._asked = {k: each for k, each in self._asked.items() if each.at > fresh}
        self._asked[asked.id] = asked
        return asked

    def stop(self, name: str) -> None:
        """End an answer early; what is written so far is kept."""
        if job := self._running.get(name):
            job.stop.set()

    async def events(self, name: str, *, say: Language) -> AsyncGenerator[Sent, None]:
        """What the page shows of a question's way, the receipt last; 'done' ends the stream."""
        asked = self._asked.pop(name, None)
        try:
            if asked is None:
                raise UsageError("That question was answered already, or too long ago. Ask again.")
            async with aclosing(self._written(asked, say)) as written:
                async for sent in written:
                    yield sent
        except FootnoteError as error:
            yield Sent(
                "answer", fragment("trouble", say=say, sentence=told(error, say=say, question=name))
            )
        yield Sent("done", "")

    async def receipt(self, asked: Asked) -> Receipt:
        """The whole answer, for a browser without scripts."""
        self._asked.pop(asked.id, None)
        async with aclosing(self._answered(asked)) as events:
            async for event in events:
                if isinstance(event, Receipt):
                    return event
        raise UsageError("The answer ended before it was complete. Ask again.")

    async def _written(self, asked: Asked, say: Language) -> AsyncGenerator[Sent, None]:
        async with aclosing(self._answered(asked)) as events:
            async for event in events:
                if isinstance(event, EvidenceFound):
                    yield Sent("evidence", fragment("evidence", say=say, evidence=event.evidence))
                elif isinstance(event, TextWritten):
                    yield Sent("draft", fragment("piece", say=say, text=event.text))
                elif isinstance(event, Receipt):
                    yield Sent("answer", fragment("answer", say=say, receipt=event, fresh=True))

    async def _answered(self, asked: Asked) -> AsyncGenerator[Event | Receipt, None]:
        house = self._house
        turns = await house.worker.read(
            house.receipts.conversation, asked.parent, house.settings.conversation_turns
        )
        conversation = [(turn.question, turn.answer.text) for turn in turns]
        job = house.worker.submit(
            lambda stop: house.answerer.answer(
                asked.text, conversation=conversation, scopes=asked.scopes, stop=stop
            )
        )
        self._running[asked.id] = job
        limit = house.settings.answer_timeout_s
        cut = asyncio.get_running_loop().call_later(limit, job.stop.set)
        evidence: tuple[Evidence, ...] = ()
        try:
            async for event in job.items():
                if isinstance(event, AnswerReady):
                    yield await self._kept(asked, event.answer, evidence)
                    continue
                evidence = event.evidence if isinstance(event, EvidenceFound) else evidence
                yield event
        finally:
            # Also where the page was closed in the middle: nobody else waits for it.
            cut.cancel()
            del self._running[asked.id]
            house.worker.withdraw(job)

    async def _kept(self, asked: Asked, answer: Answer, evidence: tuple[Evidence, ...]) -> Receipt:
        receipt = Receipt(
            id=new_id(),
            key="",
            asked_at=asked.at,
            asker=NOBODY,
            guild=None,
            channel=NOWHERE,
            private=False,
            parent=asked.parent,
            question=asked.text,
            answer=answer,
            evidence=evidence,
        )
        await self._house.worker.read(self._house.receipts.save, receipt)
        return receipt
