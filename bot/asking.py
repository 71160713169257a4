"""The one way of a question through the bot: admitted, queued, answered, shown, kept."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot import render
from bot.admission import Admission
from bot.config import BotSettings
from bot.delivery import Delivery, UndeliverableError
from bot.drafting import Drafting, Running, SlowAnswerError
from bot.faults import told
from bot.knowing import Answerer, Library
from bot.permissions import scopes
from bot.receipts import Receipt, Receipts
from bot.repeat import same_key
from bot.stream import Live
from bot.vitals.figures import Figures
from bot.waiting import OpenQuestion
from bot.worker import Worker
from knowledge.types import Answer, Evidence

log = structlog.get_logger(__name__)

_LAST_WORDS_S = 15.0


def new_id() -> str:
    """An id for a question or a receipt; not to be guessed."""
    return secrets.token_hex(6)


class Asking:
    """Takes questions in and sees each to its end."""

    def __init__(
        self,
        settings: BotSettings,
        *,
        answerer: Answerer,
        library: Library,
        receipts: Receipts,
        worker: Worker,
        admission: Admission,
        figures: Figures,
    ) -> None:
        self._settings = settings
        self._library = library
        self._figures = figures
        self._drafting = Drafting(
            settings, answerer=answerer, library=library, worker=worker, figures=figures
        )
        self._receipts = receipts
        self._worker = worker
        self._admission = admission
        self._running: dict[str, Running] = {}

    def stop(self, question: str) -> Running | None:
        """End an answer early; returns what was running."""
        running = self._running.get(question)
        if running is not None:
            running.stop()
        return running

    def find(self, question: str) -> Running | None:
        """A question on its way."""
        return self._running.get(question)

    async def take_back(self, message: int) -> tuple[int, ...]:
        """Let go of the question whose message was deleted; the messages its answer had by then."""
        asked = (each for each in self._running.values() if each.question.reply_to == message)
        running = next(asked, None)
        if running is None or running.answered or self._admission.closed:
            return ()
        running.task.cancel()
        await _until([running.task], seconds=_LAST_WORDS_S)
        await self._worker.read(self._receipts.waiting.done, running.question.id)
        log.info("taken back", question=running.question.id)
        return await running.delivery.sent()

    async def answer(self, question: OpenQuestion, delivery: Delivery) -> None:
        """Answer one admitted question; ends when its asker has the answer or its promise."""
        task = asyncio.current_task()
        assert task is not None
        running = Running(question, task, delivery)
        self._running[question.id] = running
        self._figures.asked()
        log.info("question", question=question.id, text=self._loggable(question.text))
        try:
            await self._worker.read(self._receipts.waiting.keep, question)
            (outcome,) = await asyncio.gather(
                self._through(running, delivery), return_exceptions=True
            )
            if outcome is not None:
                await self._tell(question, delivery, outcome)
        except asyncio.CancelledError:
            if self._admission.closed:
                await self._hand_over(question, delivery)
            raise
        finally:
            del self._running[question.id]
        await self._worker.read(self._receipts.waiting.done, question.id)

    async def drain(self, grace: float) -> None:
        """Take nothing new; let what runs finish within `grace` seconds, hand over the rest."""
        self._admission.close()
        begun: list[asyncio.Task[object]] = []
        waiting: list[asyncio.Task[object]] = []
        for each in self._running.values():
            queued = each.job is not None and not each.job.started.is_set()
            (waiting if queued else begun).append(each.task)
        for task in waiting:
            task.cancel()
        await _until(begun, seconds=grace)
        for task in begun:
            task.cancel()
        # Each of them says that it will be answered later, or has said all it had to.
        await _until([*begun, *waiting], seconds=_LAST_WORDS_S)

    async def _through(self, running: Running, delivery: Delivery) -> None:
        question = running.question
        read, receipts = self._worker.read, self._receipts
        turns = await read(
            receipts.conversation, question.parent, self._settings.conversation_turns
        )
        key = "" if turns else await read(self._key, question)
        earlier = await read(receipts.same, key)
        if earlier is not None:
            answer, evidence = earlier.answer, earlier.evidence
            kept = await self._keep(question, answer, evidence, key="")
            pages = render.final(
                kept, titled=question.titled, earlier=earlier.asked_at, say=question.say
            )
            await self._complete(running, kept)
            await delivery.show(pages)
        else:
            kept = await self._fresh(running, turns, key, delivery)
        await self._shown(kept, delivery)
        seconds, again = time.time() - question.asked_at, earlier is not None
        self._figures.answered(kept.answer, seconds=seconds, again=again)
        log.info(
            "answered",
            question=question.id,
            receipt=kept.id,
            status=kept.answer.status.value,
            seconds=round(seconds, 2),
            again=again,
        )

    async def _fresh(
        self, running: Running, turns: Sequence[Receipt], key: str, delivery: Delivery
    ) -> Receipt:
        question = running.question
        conversation = [(turn.question, turn.answer.text) for turn in turns]
        job = self._drafting.begin(running, conversation=conversation)
        try:
            async with Live(delivery.show, interval=self._settings.edit_interval_s) as live:
                draft = await self._drafting.follow(running, job, live=live)
                if draft.answer is None:
                    raise SlowAnswerError("The answer ended before it was complete. Ask again.")
                # A private question is not given away by answering somebody else from it.
                again = "" if running.stopped or question.private else key
                kept = await self._keep(question, draft.answer, draft.evidence, key=again)
                pages = render.final(
                    kept, titled=question.titled, stopped=running.stopped, say=question.say
                )
                await self._complete(running, kept)
                await live.finish(pages)
        finally:
            self._worker.withdraw(job)
        return kept

    async def _complete(self, running: Running, kept: Receipt) -> None:
        """All is known but not shown yet: whoever sees the answer may ask and press at once."""
        running.answered = True
        self._admission.release(kept.asker)
        await self._shown(kept, running.delivery)

    async def _shown(self, kept: Receipt, delivery: Delivery) -> None:
        if delivery.channel is not None:
            shown = self._receipts.shown
            await self._worker.read(shown, kept.id, delivery.channel, delivery.messages)

    async def _keep(
        self, question: OpenQuestion, answer: Answer, evidence: tuple[Evidence, ...], *, key: str
    ) -> Receipt:
        receipt = Receipt(
            id=new_id(),
            key=key,
            asked_at=question.asked_at,
            asker=question.asker,
            guild=question.guild,
            channel=question.channel,
            private=question.private,
            parent=question.parent,
            question=question.text,
            answer=answer,
            evidence=evidence,
        )
        await self._worker.read(self._receipts.save, receipt)
        return receipt

    async def _tell(self, question: OpenQuestion, delivery: Delivery, error: BaseException) -> None:
        sentence = told(error, say=question.say, question=question.id)
        await asyncio.sleep(self._settings.edit_interval_s if delivery.messages else 0.0)
        with contextlib.suppress(UndeliverableError):
            await delivery.show([render.notice(sentence, title=question.title)])

    async def _hand_over(self, question: OpenQuestion, delivery: Delivery) -> None:
        kept = replace(question, messages=delivery.messages)
        await self._worker.read(self._receipts.waiting.keep, kept)
        log.info("handed over", question=question.id)
        await asyncio.sleep(self._settings.edit_interval_s)
        await delivery.show([render.handed_over(question.title, say=question.say)])

    def _key(self, question: OpenQuestion) -> str:
        return same_key(
            question.text,
            scopes=scopes(question.guild),
            library_version=self._library.version,
            settings=self._settings,
        )

    def _loggable(self, text: str) -> str | int:
        """The text where the settings allow it, else its length."""
        return text if self._settings.log_messages else len(text)


async def _until(tasks: Sequence[asyncio.Task[object]], *, seconds: float) -> None:
    """Wait for tasks, but not for ever."""
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)
