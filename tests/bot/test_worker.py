"""The queue before the model, and reading beside it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from bot.worker import QueueFullError, Worker


def counting(number: int, gate: threading.Event | None = None):
    """Work that yields numbers, after the gate opens."""

    def work(stop: threading.Event) -> Iterator[int]:
        while gate is not None and not gate.wait(0.005) and not stop.is_set():
            pass
        yield from range(number)

    return work


def test_items_come_in_order_and_errors_come_last() -> None:
    def failing(_: threading.Event) -> Iterator[int]:
        yield 1
        raise ValueError("broke")

    async def play() -> list[int]:
        worker = Worker(threads=1, queue_length=4)
        items = [item async for item in worker.submit(counting(50)).items()]
        broken = worker.submit(failing).items()
        items.append(await anext(broken))
        with pytest.raises(ValueError, match="broke"):
            await anext(broken)
        items += [item async for item in worker.submit(counting(1)).items()]
        await worker.close()
        return items

    assert asyncio.run(play()) == [*range(50), 1, 0]


def test_places_move_up_and_a_withdrawn_job_never_runs() -> None:
    async def play() -> None:
        gate = threading.Event()
        worker = Worker(threads=1, queue_length=4)
        first, second, third = (worker.submit(counting(1, gate)) for _ in range(3))
        await first.started.wait()
        assert [worker.place(job) for job in (first, second, third)] == [0, 1, 2]
        assert worker.estimate_s(third) == 2 * worker.estimate_s(second) > 0

        worker.withdraw(second)
        assert worker.place(third) == 1
        gate.set()
        assert [item async for item in third.items()] == [0]
        assert not second.started.is_set()
        await worker.close()

    asyncio.run(play())


def test_a_full_queue_refuses() -> None:
    async def play() -> None:
        gate = threading.Event()
        worker = Worker(threads=1, queue_length=1)
        await worker.submit(counting(1, gate)).started.wait()
        worker.submit(counting(1, gate))
        assert worker.full
        with pytest.raises(QueueFullError, match="As many questions wait as may"):
            worker.submit(counting(1))
        gate.set()
        await worker.close()

    asyncio.run(play())


def test_reading_does_not_wait_for_the_model() -> None:
    async def play() -> bool:
        gate = threading.Event()
        worker = Worker(threads=1, queue_length=1)
        await worker.submit(counting(1, gate)).started.wait()
        read = await asyncio.wait_for(worker.read(lambda: not gate.is_set()), 5)
        gate.set()
        await worker.close()
        return read

    assert asyncio.run(play())


def test_a_search_makes_the_model_pause_but_no_short_call_wait() -> None:
    written: list[int] = []

    def writing(_: threading.Event) -> Iterator[int]:
        for number in range(100):
            written.append(number)
            yield number

    async def play() -> int:
        worker = Worker(threads=1, queue_length=1)
        found = threading.Event()
        searching = asyncio.create_task(worker.search(found.wait, 10))
        await asyncio.sleep(0)
        items = worker.submit(writing).items()
        await anext(items)
        during = await asyncio.wait_for(worker.read(lambda: len(written)), 5)
        found.set()
        await searching
        assert [item async for item in items] == list(range(1, 100))
        await worker.close()
        return during

    assert asyncio.run(play()) == 1


def test_the_model_does_not_pause_for_ever() -> None:
    async def play() -> list[int]:
        worker = Worker(threads=1, queue_length=1)
        found = threading.Event()
        searching = asyncio.create_task(worker.search(found.wait, 30))
        await asyncio.sleep(0)
        job = worker.submit(counting(2))
        async with asyncio.timeout(15):
            items = [item async for item in job.items()]
        found.set()
        await searching
        await worker.close()
        return items

    assert asyncio.run(play()) == [0, 1]


def test_as_many_answers_run_at_once_as_are_allowed() -> None:
    async def play() -> None:
        gate = threading.Event()
        worker = Worker(threads=2, queue_length=4)
        jobs = [worker.submit(counting(1, gate)) for _ in range(3)]
        await jobs[0].started.wait()
        await jobs[1].started.wait()
        assert not jobs[2].started.is_set()
        gate.set()
        await jobs[2].started.wait()
        await worker.close()

    asyncio.run(play())


def test_closing_stops_what_runs() -> None:
    async def play() -> threading.Event:
        worker = Worker(threads=1, queue_length=4)
        job = worker.submit(counting(1, threading.Event()))
        await job.started.wait()
        await worker.close()
        return job.stop

    assert asyncio.run(play()).is_set()
