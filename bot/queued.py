"""The model for those who are not in its queue: jobs in other threads, for a bounded time."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError

import structlog

from bot.pipeline import Model, Work
from bot.worker import QueueFullError, Worker
from knowledge.errors import FootnoteError
from knowledge.types import Answer, AnswerReady

log = structlog.get_logger(__name__)

# Whatever is asked for the library's sake is one asker among the people.
_LIBRARY = "library"
# For the loop to notice that the time is over.
_GRACE_S = 30.0


def queued(worker: Worker, *, patient: bool = True) -> Model:
    """The model in its turn; who is not patient gets None while somebody else is being answered.

    Called in the loop; what it gives is called in any other thread.
    """
    loop = asyncio.get_running_loop()

    def model(work: Work, /, *, seconds: float) -> Answer | None:
        if worker.busy and not patient:
            return None
        asked = asyncio.run_coroutine_threadsafe(_answered(worker, work, seconds=seconds), loop)
        try:
            return asked.result(seconds + _GRACE_S)
        except (TimeoutError, CancelledError):
            return None
        except FootnoteError as error:
            log.info("not answered by the model", reason=str(error))
            return None

    return model


async def _answered(worker: Worker, work: Work, *, seconds: float) -> Answer | None:
    try:
        job = worker.submit(work, asker=_LIBRARY)
    except QueueFullError:
        return None
    answer: Answer | None = None
    try:
        async with asyncio.timeout(seconds):
            async for event in job.items():
                if isinstance(event, AnswerReady):
                    answer = event.answer
    except TimeoutError:
        return None
    finally:
        worker.withdraw(job)
    return answer
