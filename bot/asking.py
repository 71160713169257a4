"""The one way of a question through the bot: admitted, queued, answered, shown, kept."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import structlog

from bot import render
from bot.config import BotSettings
from bot.delivery import Delivery, UndeliverableError
from bot.draft import Draft
from bot.faults import NotNowError, told
from bot.permissions import Limits, Member, refusal, scopes
from bot.receipts import Receipt, Receipts
from bot.stream import Live
from bot.waiting import OpenQuestion
from bot.worker import Answerer, Job, Library, Worker
from knowledge.errors import FootnoteError
from knowledge.types import Answer, Event, Evidence

log = structlog.get_logger(__name__)

_STOP_GRACE_S = 15.0


class SlowAnswerError(FootnoteError):
    """An answer that did not come in time."""


@dataclass(slots=True)
class Running:
    """A question on its way."""

    question: OpenQuestion
    task: asyncio.Task[object]
    job: Job[Event] | None = None
    stopped: bool = False


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
    ) -> None:
        self._settings = settings
        self._answerer = answerer
        self._library = library
        self._receipts = receipts
        self._worker = worker
        self._limits = Limits(settings)
        self._places: dict[int, object] = {}
        self._running: dict[str, Running] = {}
        self._closing = False

    @contextlib.contextmanager
    def admitted(self, member: Member, text: str) -> Iterator[str]:
        """Hold the member's one place while their question is answered; yields it trimmed.

        Raises NotNowError with the sentence to tell them where they may not ask now.
        """
        question = " ".join(text.split())
        sentence = self._sentence(member, question)
        if sentence is not None:
            raise NotNowError(sentence)
        place = object()
        self._places[member.id] = place
        try:
            yield question
        finally:
            if self._places.get(member.id) is place:
                del self._places[member.id]

    @contextlib.contextmanager
    def held(self, member: Member) -> Iterator[None]:
        """Hold the member's one place for something that is not a question, under its limits."""
        with self.admitted(member, "check"):
            yield

    def stop(self, question: str) -> Running | None:
        """End an answer early; returns what was running."""
        running = self._running.get(question)
        if running is not None:
            running.stopped = True
            if running.job is not None:
                running.job.stop.set()
        return running

    def find(self, question: str) -> Running | None:
        """A question on its way."""
        return self._running.get(question)

    async def answer(self, question: OpenQuestion, delivery: Delivery) -> None:
        """Answer one admitted question; ends when its asker has the answer or its promise."""
        task = asyncio.current_task()
        assert task is not None
        running = Running(question, task)
        self._running[question.id] = running
        log.info("question", question=question.id, text=self._loggable(question.text))
        try:
            await self._worker.read(self._receipts.waiting.keep, question)
            (outcome,) = await asyncio.gather(
                self._through(running, delivery), return_exceptions=True
            )
            if outcome is not None:
                await self._tell(question, delivery, outcome)
        except asyncio.CancelledError:
            if self._closing:
                await self._hand_over(question, delivery)
            raise
        finally:
            del self._running[question.id]
        await self._worker.read(self._receipts.waiting.done, question.id)

    async def drain(self, grace: float) -> None:
        """Take nothing new; let what runs finish within `grace` seconds, hand over the rest."""
        self._closing = True
        running = list(self._running.values())
        for each in running:
            if each.job is not None and not each.job.started.is_set():
                each.task.cancel()
        tasks = [each.task for each in running]
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _sentence(self, member: Member, question: str) -> str | None:
        """Why this question is not taken now, or None where it is."""
        if self._closing:
            return "I am being restarted. Ask again in a minute."
        return (
            refusal(self._settings, member)
            or self._unfit(question)
            or self._busy(member)
            or self._limits.refusal(member, now=time.monotonic())
        )

    def _unfit(self, question: str) -> str | None:
        longest = self._settings.question_length
        if not question:
            return "Ask me something: what would you like to know?"
        if len(question) > longest:
            return f"Please ask in at most {longest} characters; that was {len(question)}."
        return None

    def _busy(self, member: Member) -> str | None:
        if member.id in self._places:
            return (
                "I am still answering your last question. Wait for it, or stop it with its button."
            )
        if self._worker.full:
            return "Many people are asking right now and the queue is full. Ask again in a minute."
        return None

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
            kept = await self._keep(question, answer, evidence, key=key)
            pages = render.final(kept, titled=question.titled, earlier=earlier.asked_at)
            await self._complete(kept, delivery)
            await delivery.show(pages)
        else:
            kept = await self._fresh(running, turns, key, delivery)
        await self._shown(kept, delivery)
        log.info(
            "answered",
            question=question.id,
            receipt=kept.id,
            status=kept.answer.status.value,
            seconds=round(time.time() - question.asked_at, 2),
            again=earlier is not None,
        )

    async def _fresh(
        self, running: Running, turns: Sequence[Receipt], key: str, delivery: Delivery
    ) -> Receipt:
        question = running.question
        conversation = [(turn.question, turn.answer.text) for turn in turns]
        job = self._worker.submit(
            lambda stop: self._answerer.answer(
                question.text,
                conversation=conversation,
                scopes=scopes(question.guild),
                stop=stop,
            )
        )
        running.job = job
        if running.stopped:
            job.stop.set()
        title = question.text if question.titled else None
        try:
            async with Live(delivery.show, interval=self._settings.edit_interval_s) as live:
                await self._wait(question, job, live, title)
                draft = await self._drafted(running, job, live, title)
                if draft.answer is None:
                    raise SlowAnswerError("The answer ended before it was complete. Ask again.")
                again = "" if running.stopped else key
                kept = await self._keep(question, draft.answer, draft.evidence, key=again)
                pages = render.final(kept, titled=question.titled, stopped=running.stopped)
                await self._complete(kept, delivery)
                await live.finish(pages)
        finally:
            self._worker.withdraw(job)
        return kept

    async def _wait(
        self, question: OpenQuestion, job: Job[Event], live: Live, title: str | None
    ) -> None:
        """Show the place in the queue, and the evidence, which need not wait for the model."""
        place = self._worker.place(job)
        if place == 0:
            return
        evidence = await self._worker.read(
            self._library.search,
            question.text,
            k=self._settings.evidence_passages,
            scopes=scopes(question.guild),
        )
        longest = self._settings.answer_timeout_s + _STOP_GRACE_S
        try:
            async with asyncio.timeout((place + 1) * longest):
                while place := self._worker.place(job):
                    page = render.waiting(
                        title,
                        place=place,
                        seconds=self._worker.estimate_s(job),
                        question=question.text,
                        evidence=evidence,
                        stop=question.id,
                    )
                    live.update(page)
                    job.moved.clear()
                    await job.moved.wait()
        except TimeoutError:
            raise SlowAnswerError(
                "Your question waited too long for the model. Ask again later."
            ) from None

    async def _drafted(
        self, running: Running, job: Job[Event], live: Live, title: str | None
    ) -> Draft:
        """The answer as it grows, shown all along; cut short where it takes too long."""
        question, limit = running.question, self._settings.answer_timeout_s
        draft = Draft()
        try:
            async with asyncio.timeout(limit + _STOP_GRACE_S):
                await job.started.wait()
                cut = asyncio.get_running_loop().call_later(limit, self.stop, question.id)
                async for event in job.items():
                    draft = draft.after(event)
                    live.update(
                        render.drafting(title, draft, question=question.text, stop=question.id)
                    )
                cut.cancel()
        except TimeoutError:
            raise SlowAnswerError("The answer did not come in time. Ask again later.") from None
        return draft

    async def _complete(self, kept: Receipt, delivery: Delivery) -> None:
        """All is known but not shown yet: whoever sees the answer may ask and press at once."""
        self._places.pop(kept.asker, None)
        await self._shown(kept, delivery)

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
        sentence = told(error, question=question.id)
        with contextlib.suppress(UndeliverableError):
            title = question.text if question.titled else None
            await delivery.show([render.notice(sentence, title=title)])

    async def _hand_over(self, question: OpenQuestion, delivery: Delivery) -> None:
        kept = replace(question, messages=delivery.messages)
        await self._worker.read(self._receipts.waiting.keep, kept)
        log.info("handed over", question=question.id)
        await asyncio.sleep(self._settings.edit_interval_s)
        title = question.text if question.titled else None
        await delivery.show([render.handed_over(title)])

    def _key(self, question: OpenQuestion) -> str:
        """Equal for questions that must get equal answers: same words, evidence and models."""
        settings = self._settings
        parts = (
            *(" ".join(question.text.casefold().split()).rstrip(" ?!."),),
            *scopes(question.guild),
            *(self._library.version, settings.llm_model, settings.llm_base_url or ""),
            *(settings.embedding_model, settings.reranker_model),
            *(str(settings.evidence_passages), str(settings.max_answer_tokens)),
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _loggable(self, text: str) -> str | int:
        """The text where the settings allow it, else its length."""
        return text if self._settings.log_messages else len(text)
