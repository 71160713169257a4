"""A fresh answer on its way: in the queue, then written, shown all along."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot import render
from bot.config import BotSettings
from bot.delivery import Delivery
from bot.draft import Draft
from bot.faults import NotNowError
from bot.knowing import Answerer, Library
from bot.page import Page
from bot.permissions import scopes
from bot.stream import Live
from bot.vitals.figures import Figures
from bot.waiting import OpenQuestion
from bot.worker import Job, Worker
from knowledge.errors import FootnoteError
from knowledge.types import Event, EvidenceFound

_STOP_GRACE_S = 15.0


class SlowAnswerError(FootnoteError):
    """An answer that did not come in time."""


@dataclass(slots=True)
class Running:
    """A question on its way."""

    question: OpenQuestion
    task: asyncio.Task[object]
    delivery: Delivery
    job: Job[Event] | None = None
    stopped: bool = False
    answered: bool = False
    evidence: bool = False

    def stop(self) -> None:
        """End the answer early; what is written so far is kept."""
        self.stopped = True
        if self.job is not None:
            self.job.stop.set()
            self.job.moved.set()


class Drafting:
    """Sees questions through the queue and the model."""

    def __init__(
        self,
        settings: BotSettings,
        *,
        answerer: Answerer,
        library: Library,
        worker: Worker,
        figures: Figures,
    ) -> None:
        self._settings = settings
        self._answerer = answerer
        self._library = library
        self._worker = worker
        self._figures = figures

    def begin(self, running: Running, *, conversation: Sequence[tuple[str, str]]) -> Job[Event]:
        """Put a question in the queue; raises QueueFullError where too many wait."""
        question = running.question
        job = self._worker.submit(
            lambda stop: self._answerer.answer(
                question.text,
                conversation=conversation,
                scopes=scopes(question.guild),
                stop=stop,
            ),
            asker=question.asker,
        )
        running.job = job
        if running.stopped:
            running.stop()
        return job

    async def follow(self, running: Running, job: Job[Event], *, live: Live) -> Draft:
        """The finished draft; raises NotNowError where it was stopped before it began."""
        await self._wait(running, job, live=live)
        return await self._drafted(running, job, live=live)

    async def _wait(self, running: Running, job: Job[Event], *, live: Live) -> None:
        """Show the place in the queue, and the evidence, which need not wait for the model.

        Also where others are being answered and this one has begun: all of them find at once.
        """
        question = running.question
        place = self._worker.place(job)
        if place == 0:
            return
        evidence = await self._worker.search(
            self._library.glance,
            question.text,
            k=self._settings.evidence_passages,
            scopes=scopes(question.guild),
        )
        self._found(running)
        longest = self._settings.answer_timeout_s + _STOP_GRACE_S
        try:
            async with asyncio.timeout((place + 1) * longest):
                while place := self._worker.place(job):
                    if running.stopped:
                        raise NotNowError("Stopped before it began.")
                    page = render.waiting(
                        question.title,
                        place=place,
                        seconds=self._worker.estimate_s(job),
                        question=question.text,
                        evidence=evidence,
                        stop=question.id,
                        say=question.say,
                    )
                    live.update(page)
                    job.moved.clear()
                    await job.moved.wait()
        except TimeoutError:
            raise SlowAnswerError(
                "Your question waited too long for the model. Ask again later."
            ) from None
        live.update(self._page(question, Draft(tuple(evidence))))

    async def _drafted(self, running: Running, job: Job[Event], *, live: Live) -> Draft:
        """The answer as it grows, shown all along; cut short where it takes too long."""
        question, limit = running.question, self._settings.answer_timeout_s
        draft = Draft()
        try:
            async with asyncio.timeout(limit + _STOP_GRACE_S):
                await job.started.wait()
                cut = asyncio.get_running_loop().call_later(limit, running.stop)
                async for event in job.items():
                    draft = draft.after(event)
                    if isinstance(event, EvidenceFound):
                        self._found(running)
                    live.update(self._page(question, draft))
                cut.cancel()
        except TimeoutError:
            raise SlowAnswerError("The answer did not come in time. Ask again later.") from None
        return draft

    def _found(self, running: Running) -> None:
        """Time the evidence, which may be found twice: while the question waits, and after."""
        if not running.evidence:
            running.evidence = True
            self._figures.found(seconds=time.time() - running.question.asked_at)

    def _page(self, question: OpenQuestion, draft: Draft) -> Page:
        return render.drafting(
            question.title, draft, question=question.text, stop=question.id, say=question.say
        )
