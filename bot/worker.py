"""The one crossing from asyncio to threads: a bounded queue before the model, and short reads."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, ParamSpec, Protocol, TypeVar

from knowledge.errors import FootnoteError
from knowledge.types import Citation, DocumentInfo, Event, Evidence, Passage, Sentence

Item = TypeVar("Item")
Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")
Checked = tuple[tuple[Sentence, tuple[Citation, ...]], ...]

_READERS = 2
_REMEMBERED = 8
_GUESS_S = 6.0


class Answerer(Protocol):
    """What answers and checks; synchronous, driven by one thread at a time."""

    def answer(
        self,
        question: str,
        *,
        conversation: Sequence[tuple[str, str]] = (),
        scopes: Sequence[str] = ("shared",),
        stop: threading.Event | None = None,
    ) -> Iterator[Event]:
        """Evidence, text and verdicts as they come, the whole answer last."""
        ...

    def check(self, text: str, *, scopes: Sequence[str] = ("shared",)) -> Checked:
        """Each sentence of a text with what the documents say of it."""
        ...


class Library(Protocol):
    """What is known; its methods may be called while an answer is being written."""

    @property
    def version(self) -> str:
        """Changes whenever the evidence may have."""
        ...

    def documents(self, *, scopes: Sequence[str]) -> Sequence[DocumentInfo]:
        """Every live document of these scopes."""
        ...

    def passages(self, document_id: str, *, scope: str) -> Sequence[Passage]:
        """One document's passages, in order."""
        ...

    def passage(self, passage_id: str) -> Passage | None:
        """A passage by its id, also of a retired revision."""
        ...

    def search(self, query: str, *, k: int, scopes: Sequence[str]) -> Sequence[Evidence]:
        """The best `k` passages for a query."""
        ...


class QueueFullError(FootnoteError):
    """As many questions wait as may."""


class Queued(Protocol):
    """A job as the queue sees it: to be run and finished, whatever it yields."""

    stop: threading.Event
    started: asyncio.Event
    moved: asyncio.Event

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do the work; called in the model's thread."""
        ...

    def finish(self, error: BaseException | None) -> None:
        """Close the stream of items; called in the loop's thread."""
        ...


class Job(Generic[Item]):
    """One piece of work before, in or after the model's thread."""

    def __init__(self, work: Callable[[threading.Event], Iterator[Item]]) -> None:
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

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do the work; called in the model's thread."""
        for item in self._work(self.stop):
            loop.call_soon_threadsafe(self._items.put_nowait, item)

    def finish(self, error: BaseException | None) -> None:
        """Close the stream of items; called in the loop's thread."""
        self._error = error
        self._items.put_nowait(None)


class Worker:
    """Runs jobs first come, first served, in as many threads as answers may be written at once."""

    def __init__(self, *, threads: int, queue_length: int) -> None:
        self._queue_length = queue_length
        self._waiting: deque[Queued] = deque()
        self._available = asyncio.Semaphore(0)
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)
        self._busy = 0
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="read")
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="model")
        self._servers = [asyncio.create_task(self._serve()) for _ in range(threads)]

    @property
    def full(self) -> bool:
        """Whether as many jobs wait as may."""
        return len(self._waiting) >= self._queue_length

    def submit(self, work: Callable[[threading.Event], Iterator[Item]]) -> Job[Item]:
        """Put work in the queue; raises QueueFullError where too many wait."""
        if self.full:
            raise QueueFullError("As many questions wait as may. Ask again in a minute.")
        job: Job[Item] = Job(work)
        self._waiting.append(job)
        self._available.release()
        return job

    def place(self, job: Queued) -> int:
        """How many questions stand before this one, with those being answered; 0 once it runs."""
        if job.started.is_set():
            return 0
        ahead = next((n for n, other in enumerate(self._waiting) if other is job), 0)
        return ahead + self._busy

    def estimate_s(self, job: Queued) -> float:
        """Seconds until this job is likely to start."""
        usual = sum(self._seconds) / len(self._seconds) if self._seconds else _GUESS_S
        return usual * self.place(job) / len(self._servers)

    def withdraw(self, job: Queued) -> None:
        """Take a job out of the queue, or stop it where it runs."""
        job.stop.set()
        remaining = [other for other in self._waiting if other is not job]
        self._waiting = deque(remaining)

    async def read(
        self,
        function: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Run a short blocking call beside the model, never behind it."""
        loop = asyncio.get_running_loop()
        call = functools.partial(function, *args, **kwargs)
        return await loop.run_in_executor(self._readers, call)

    async def close(self) -> None:
        """Stop serving; a job that runs is asked to stop and left behind."""
        for server in self._servers:
            server.cancel()
        await asyncio.gather(*self._servers, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._available.acquire()
            if not self._waiting:
                continue  # the job was withdrawn
            job = self._waiting.popleft()
            self._busy += 1
            job.started.set()
            job.moved.set()
            self._announce()
            started = time.monotonic()
            running = loop.run_in_executor(self._threads, job.run, loop)
            try:
                await asyncio.wait([running])
                job.finish(running.exception())
            except asyncio.CancelledError:
                job.stop.set()
                raise
            finally:
                self._busy -= 1
                self._seconds.append(time.monotonic() - started)
                self._announce()

    def _announce(self) -> None:
        for job in self._waiting:
            job.moved.set()
