"""The admins' jobs beside the questions, in one thread that gives way, and how far each is."""

from __future__ import annotations

import asyncio
import functools
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import structlog

from bot import outcome
from bot.config import BotSettings
from bot.faults import NotNowError
from bot.jobs import Jobs
from bot.language import ENGLISH, Language
from bot.stream import Live
from bot.turn import Moved, Running
from indexer.web import Fetched, Version, Web
from knowledge.errors import DocumentError, FootnoteError
from knowledge.said import said

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_FETCHERS = 2
_NICE = 10
_STOPPED = said("I was stopped before this was finished. What was there before still answers.")


class Desk:
    """Carries jobs out in their order, in a thread that questions never wait for."""

    def __init__(self, jobs: Jobs, *, web: Web, interval: float) -> None:
        self.jobs = jobs
        # Set when a job has ended: somebody may want to know what it changed.
        self.changed = asyncio.Event()
        self._web = web
        self._interval = interval
        self._closing = threading.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="library", initializer=_give_way)
        self._fetchers = ThreadPoolExecutor(_FETCHERS, thread_name_prefix="web")
        self._trials = ThreadPoolExecutor(1, thread_name_prefix="trial", initializer=_give_way)
        self._trying: dict[str, asyncio.Task[None]] = {}

    async def open(self) -> None:
        """Tidy up after an earlier process; what hinders it is logged and no more."""
        try:
            await self.quietly(self.jobs.settle)
        except FootnoteError as error:
            log.warning("library not tidied", reason=str(error))

    async def fetch(self, url: str) -> Fetched:
        """A page from the web."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._fetchers, self._web.fetch, url)

    async def newer(self, url: str, known: Version) -> Fetched | DocumentError | None:
        """A page where it is not the version that is known any more, or why it cannot be had."""

        def look() -> Fetched | DocumentError | None:
            try:
                return self._web.fetch_newer(url, known)
            except DocumentError as error:
                return error

        return await asyncio.get_running_loop().run_in_executor(self._fetchers, look)

    async def quietly(self, work: Callable[[], Result]) -> Result:
        """Do a short job in its turn."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def apart(self, work: Callable[[], Result]) -> Result:
        """Do what takes long and changes nothing, beside the jobs."""
        return await asyncio.get_running_loop().run_in_executor(self._trials, work)

    def try_out(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Let sample questions be answered for a document that waits, until it is decided."""
        task = asyncio.create_task(work)
        self._trying[name] = task
        task.add_done_callback(lambda _: self._trying.pop(name, None))

    async def decided(self, name: str) -> None:
        """End that, and return when nothing of it is shown any more."""
        task = self._trying.get(name)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def run(
        self,
        work: Callable[[Moved], Result],
        *,
        live: Live,
        scope: str,
        say: Language = ENGLISH,
    ) -> Result:
        """Do a job in its turn, and show all the while how far it, or the one before it, is."""
        mine: Running | None = None

        def moved(running: Running) -> None:
            nonlocal mine
            mine = running
            if self._closing.is_set():
                raise NotNowError(_STOPPED)

        loop = asyncio.get_running_loop()
        job = loop.run_in_executor(self._thread, functools.partial(work, moved))
        while not job.done():
            ahead = self.jobs.running
            live.update(outcome.progress(mine, ahead=ahead, scope=scope, say=say))
            await asyncio.wait([job], timeout=self._interval)
        return await job

    def close(self) -> None:
        """Start nothing new; what runs ends at its next step."""
        self._closing.set()
        for task in self._trying.values():
            task.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._fetchers.shutdown(wait=False, cancel_futures=True)
        self._trials.shutdown(wait=False, cancel_futures=True)


def desk_for(jobs: Jobs, settings: BotSettings) -> Desk:
    """A desk as the settings want it; one for each client."""
    web = Web(largest=jobs.limits.file_bytes, seconds=settings.document_seconds)
    return Desk(jobs, web=web, interval=settings.edit_interval_s)


def _give_way() -> None:
    """Let questions go first; on Linux a thread, and those it starts, have their own priority."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
