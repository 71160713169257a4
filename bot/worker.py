"""The one crossing from asyncio to threads: a bounded queue before the model, and short reads."""

from __future__ import annotations

import asyncio
import bisect
import functools
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, ParamSpec, Protocol, TypeVar

from bot.precedence import Precedence
from knowledge.errors import FootnoteError

Item = TypeVar("Item")
Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")

_READERS = 2
_REMEMBERED = 8
_GUESS_S = 6.0


class QueueFullError(FootnoteError):
    """As many questions wait as may."""


class Queued(Protocol):
    """A job as the queue sees it: to be run and finished, whatever it yields."""

    asker: Hashable
    turn: int
    stop: threading.Event
    started: asyncio.Event
    moved: asyncio.Event

    def run(self, loop: asyncio.AbstractEventLoop, precedence: Precedence) -> None:
        """Do the work; called in a model's thread."""
        ...

    def finish(self, error: BaseException | None) -> None:
        """Close the stream of items; called in the loop's thread."""
        ...


class Job(Generic[Item]):
    """One piece of work before, in or after a model's thread."""

    def __init__(
        self, work: Callable[[threading.Event], Iterator[Item]], *, asker: Hashable = None
    ) -> None:
        # Work that nobody asked for in particular stands for itself.
        self.asker = self if asker is None else asker
        self.turn = 0
        self.stop = threading.Event()
        self.started = asyncio.Event()
        self.moved = asyncio.Event()
        self._work = work
        self._items: asyncio.Queue[Item | None] = asyncio.Queue()
        self._error: BaseException | None = None

    async def items(self) -> AsyncIterator[Item]:
        """What the work yields, as it comes; raises what the work raises."""
        while (item := await self._items.get()) is not None:
            yield item
        if self._error is not None:
            raise self._error

    def run(self, loop: asyncio.AbstractEventLoop, precedence: Precedence) -> None:
        """Do the work; called in a model's thread."""
        precedence.give_way()
        for item in self._work(self.stop):
            loop.call_soon_threadsafe(self._items.put_nowait, item)
            precedence.give_way()

    def finish(self, error: BaseException | None) -> None:
        """Close the stream of items; called in the loop's thread."""
        self._error = error
        self._items.put_nowait(None)


class Worker:
    """Runs jobs in as many threads as answers may be written at once.

    First come, first served; but nobody's second job goes before anybody's first. So each job has
    a turn: one later than its asker's job before it, and no earlier than the turn that is on
    (self-clocked fair queueing, Golestani 1994).
    """

    def __init__(self, *, threads: int, queue_length: int) -> None:
        self._queue_length = queue_length
        self._waiting: list[Queued] = []
        self._turn = 0
        self._available = asyncio.Semaphore(0)
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)
        # When each of those began that are before the model.
        self._begun: dict[Queued, float] = {}
        self._precedence = Precedence()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="read")
        # One at a time: two searches at once take as long, and the first of them twice as long.
        self._searchers = ThreadPoolExecutor(1, thread_name_prefix="search")
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="model")
        self._servers = [asyncio.create_task(self._serve()) for _ in range(threads)]

    @property
    def full(self) -> bool:
        """Whether as many jobs wait as may."""
        return len(self._waiting) >= self._queue_length

    @property
    def busy(self) -> bool:
        """Whether a further job would have to wait."""
        return bool(self._waiting) or self.running >= len(self._servers)

    @property
    def waiting(self) -> int:
        """How many jobs are in the queue."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many are before the model."""
        return len(self._begun)

    @property
    def longest_s(self) -> float:
        """For how many seconds the oldest of those has been there; 0 without any."""
        return time.monotonic() - min(self._begun.values()) if self._begun else 0.0

    def submit(
        self, work: Callable[[threading.Event], Iterator[Item]], *, asker: Hashable = None
    ) -> Job[Item]:
        """Put work in the queue; raises QueueFullError where too many wait."""
        if self.full:
            raise QueueFullError("As many questions wait as may. Ask again in a minute.")
        job: Job[Item] = Job(work, asker=asker)
        others = (*self._waiting, *self._begun)
        earlier = [other.turn for other in others if other.asker == job.asker]
        job.turn = max(self._turn, max(earlier, default=-1) + 1)
        bisect.insort(self._waiting, job, key=lambda each: each.turn)
        self._available.release()
        return job

    def place(self, job: Queued) -> int:
        """How many questions stand before this one, with those being answered; 0 once it runs."""
        if job.started.is_set():
            return 0
        ahead = next((n for n, other in enumerate(self._waiting) if other is job), 0)
        return ahead + self.running

    def estimate_s(self, job: Queued) -> float:
        """Seconds until this job is likely to start."""
        usual = sum(self._seconds) / len(self._seconds) if self._seconds else _GUESS_S
        # With several at once, the first of them to end makes room.
        rounds = max(0, self.place(job) - len(self._servers) + 1)
        return usual * rounds / len(self._servers)

    def withdraw(self, job: Queued) -> None:
        """Take a job out of the queue, or stop it where it runs."""
        job.stop.set()
        self._waiting = [other for other in self._waiting if other is not job]

    async def read(
        self,
        function: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Run a short blocking call beside the model, never behind it."""
        return await _run_in(self._readers, functools.partial(function, *args, **kwargs))

    async def search(
        self,
        function: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Run retrieval, for which the model pauses and no short call has to wait."""
        with self._precedence.claimed():
            return await _run_in(self._searchers, functools.partial(function, *args, **kwargs))

    async def close(self) -> None:
        """Stop serving; a job that runs is asked to stop and left behind."""
        for server in self._servers:
            server.cancel()
        await asyncio.gather(*self._servers, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._searchers.shutdown(wait=False, cancel_futures=True)

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._available.acquire()
            if not self._waiting:
                continue  # the job was withdrawn
            job = self._waiting.pop(0)
            self._turn = job.turn
            started = self._begun[job] = time.monotonic()
            job.started.set()
            job.moved.set()
            self._announce()
            running = loop.run_in_executor(self._threads, job.run, loop, self._precedence)
            try:
                await asyncio.wait([running])
                job.finish(running.exception())
            except asyncio.CancelledError:
                job.stop.set()
                raise
            finally:
                del self._begun[job]
                self._seconds.append(time.monotonic() - started)
                self._announce()

    def _announce(self) -> None:
        for job in self._waiting:
            job.moved.set()


async def _run_in(executor: ThreadPoolExecutor, call: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(executor, call)
