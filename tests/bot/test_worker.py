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


def test_nobody_s_second_question_goes_before_anybody_s_first() -> None:
    async def play() -> list[str]:
        gate = threading.Event()
        begun: list[str] = []

        def noting(name: str):
            def work(stop: threading.Event) -> Iterator[int]:
                begun.append(name)
                yield from counting(1, gate)(stop)

            return work

        worker = Worker(threads=1, queue_length=9)
        asked = ("ada", "ada", "ada", "bob", "library", "bob", "cai")
        jobs = [worker.submit(noting(f"{n} {who}"), asker=who) for n, who in enumerate(asked)]
        await jobs[0].started.wait()
        assert [worker.place(job) for job in jobs] == [0, 4, 6, 1, 2, 5, 3]

        gate.set()
        await jobs[2].started.wait()
        assert [item async for item in jobs[2].items()] == [0]
        await worker.close()
        return begun

    assert asyncio.run(play()) == [
        "0 ada", "3 bob", "4 library", "6 cai", "1 ada", "5 bob", "2 ada"
    ]  # fmt: skip


def test_work_that_nobody_asked_for_keeps_its_order() -> None:
    async def play() -> list[int]:
        gate = threading.Event()
        worker = Worker(threads=1, queue_length=4)
        jobs = [worker.submit(counting(1, gate)) for _ in range(4)]
        await jobs[0].started.wait()
        places = [worker.place(job) for job in jobs]
        gate.set()
        await worker.close()
        return places

    assert asyncio.run(play()) == [0, 1, 2, 3]


def test_with_several_at_once_the_first_to_end_makes_room() -> None:
    async def play() -> None:
        gate = threading.Event()
        alone = Worker(threads=1, queue_length=9)
        many = Worker(threads=4, queue_length=9)
        one = [alone.submit(counting(1, gate)) for _ in range(3)]
        jobs = [many.submit(counting(1, gate)) for _ in range(9)]
        await asyncio.gather(one[0].started.wait(), *(job.started.wait() for job in jobs[:4]))

        assert [many.place(job) for job in jobs] == [0, 0, 0, 0, 4, 5, 6, 7, 8]
        usual = alone.estimate_s(one[1])
        assert [many.estimate_s(job) / usual for job in jobs[3:]] == [0, 0.25, 0.5, 0.75, 1, 1.25]
        gate.set()
        await asyncio.gather(alone.close(), many.close())

    asyncio.run(play())


def test_work_begins_when_no_search_is_under_way() -> None:
    async def play() -> list[str]:
        done: list[str] = []

        def finding() -> None:
            done.append("found")

        def writing(_: threading.Event) -> Iterator[int]:
            done.append("begun")
            yield 1

        worker = Worker(threads=2, queue_length=4)
        job = worker.submit(writing)
        await worker.search(finding)
        assert [item async for item in job.items()] == [1]
        await worker.close()
        return done

    assert asyncio.run(play()) == ["found", "begun"]


def test_closing_stops_what_runs() -> None:
    async def play() -> threading.Event:
        worker = Worker(threads=1, queue_length=4)
        job = worker.submit(counting(1, threading.Event()))
        await job.started.wait()
        await worker.close()
        return job.stop

    assert asyncio.run(play()).is_set()
