"""A clock that jumps changes dates, and nothing else."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import bot.audit
import bot.jobs
import indexer.pending
import knowledge.library
from bot.receipts import Receipts
from tests.bot.hall import Hall, hall_story
from tests.bot.test_receipts import receipt
from tests.stores import HALL, opened, said, text

YEAR = timedelta(days=365)
DAY_S = 86_400.0


class Clock:
    """A clock of the test's own, in every module that writes down when something happened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta()
        clock = self

        class Jumping(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
                return datetime.now(UTC) + clock.ahead

        for module in (bot.audit, bot.jobs, indexer.pending, knowledge.library):
            monkeypatch.setattr(module, "datetime", Jumping)


def test_versions_and_going_back_do_not_depend_on_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    told: list[str] = []
    with opened(tmp_path) as (library, jobs):
        for ahead in (0, -20, 30, -5, 12):
            clock.ahead = ahead * YEAR
            upload = text(f"The room opens at {len(told)}.")
            jobs.approve(jobs.add(upload).staged.id, scope=HALL, by="ada")
            told.append(said(library))
        history = jobs.history(scope=HALL)
        assert [each.version for each in history] == [5, 4, 3, 2, 1]
        assert len({each.at[:4] for each in history}) == 5, "the clock never jumped"
        for version in (2, 4, 1):
            jobs.roll_back_all(version, scope=HALL, by="ada")
            assert said(library) == told[version - 1]
        assert [each.outcome for each in jobs.audit.entries(scope=HALL)] == ["done"] * 13


def test_what_waits_survives_a_clock_that_was_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    with opened(tmp_path) as (library, jobs):
        clock.ahead = 3 * YEAR
        staged = jobs.add(text("Be kind.")).staged
        clock.ahead = timedelta()
        jobs.settle()
        assert [each.id for each in jobs.waiting(scope=HALL)] == [staged.id]
        jobs.approve(staged.id, scope=HALL, by="ada")
        assert "kind" in said(library)


@hall_story()
async def test_a_wrong_clock_at_start_deletes_no_record(hall: Hall) -> None:
    await hall.stop()
    file = hall.home / "receipts.sqlite"
    now = datetime.now(UTC).timestamp()
    with closing(Receipts(file)) as receipts:
        receipts.save(replace(receipt("young"), asked_at=now))
        receipts.save(replace(receipt("old"), asked_at=now - 400 * DAY_S))
        # As if the bot had last run with a clock two years behind today's.
        receipts.remember("clock", str(now - 730 * DAY_S))
    await hall.start()
    await hall.until(lambda: hall.receipts.recall("clock") != str(now - 730 * DAY_S))
    assert hall.receipts.get("old") is not None
    await hall.stop()
    await hall.start()
    await hall.until(lambda: hall.receipts.get("old") is None)
    assert hall.receipts.get("young") is not None
