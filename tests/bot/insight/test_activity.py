"""Figures from a real store: what counts, for whom, and over which time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.insight.activity import Figures, period_days, slow
from bot.insight.words import chart_description, lines
from bot.receipts import Feedback, Receipt, Receipts
from knowledge.types import Timings
from tests.bot.insight.month import END, GUILD, live
from tests.bot.scripted import answered, partial, refused

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DOCUMENTS = [(f"d{n}.md", f"Document {n}") for n in range(12)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Receipts]:
    """A new store."""
    opened = Receipts(tmp_path / "receipts.sqlite")
    yield opened
    opened.close()


def ask(store: Receipts, name: str, *, days_ago: float = 0.5, **changes: object) -> Receipt:
    """A question that somebody asked."""
    made = Receipt(
        id=name,
        key="",
        asked_at=(NOW - timedelta(days=days_ago)).timestamp(),
        asker=1,
        guild=GUILD,
        channel=5,
        private=False,
        parent=None,
        question="What is mode collapse?",
        answer=answered("What is mode collapse?"),
        evidence=(),
    )
    store.save(replace(made, **changes))
    return made


def figures(store: Receipts, guild: int | None = GUILD, *, days: int = 30) -> Figures:
    """The figures as of noon."""
    return store.activity.figures(guild, days=days, now=NOW)


def test_each_end_of_a_question_is_counted_on_its_day(store: Receipts) -> None:
    ask(store, "a")
    ask(store, "b", days_ago=1.5, answer=partial("?"))
    ask(store, "c", days_ago=1.6, answer=refused("?"), asker=2)

    found = figures(store, days=3)

    assert [(p.answered, p.partial, p.refused) for p in found.periods] == [
        (0, 0, 0),
        (0, 1, 1),
        (1, 0, 0),
    ]
    assert (found.asked, found.people) == (3, 2)


def test_only_the_guild_and_the_days_that_are_asked_for_count(store: Receipts) -> None:
    ask(store, "mine")
    ask(store, "theirs", guild=10)
    ask(store, "direct", guild=None)
    ask(store, "old", days_ago=31)
    ask(store, "later", days_ago=-1)

    assert figures(store).asked == 1
    assert figures(store, None).asked == 3
    assert store.activity.guilds() == (GUILD, 10)


def test_a_document_counts_once_for_an_answer(store: Receipts) -> None:
    # This answer quotes one document twice.
    ask(store, "a")
    ask(store, "b")

    (cited,) = figures(store).cited

    assert (cited.document_id, cited.times) == ("gan", 2)


def test_opinions_are_counted_with_the_answers_they_are_about(store: Receipts) -> None:
    ask(store, "a")
    ask(store, "old", days_ago=90)
    for person, receipt, helpful in (
        (1, "a", True),
        (2, "a", False),
        (3, "a", True),
        (1, "old", 1),
    ):
        store.rate(Feedback(receipt, person, bool(helpful), "", "", NOW.timestamp()))

    found = figures(store)

    assert (found.helpful, found.unhelpful) == (2, 1)


def test_seconds_are_the_median_and_what_nine_in_ten_did_not_exceed(store: Receipts) -> None:
    for second in range(1, 11):
        timed = replace(answered("?"), timings=Timings(0.1, 0.5, float(second)))
        ask(store, str(second), answer=timed)

    found = figures(store)

    assert (found.median_s, found.slow_s) == (5.5, 9.0)
    assert found.periods[-1].slow_s == 9.0
    assert found.periods[0].median_s is None


def test_nothing_has_no_slowest() -> None:
    assert slow([]) is None
    assert slow([3.0]) == 3.0


@pytest.mark.parametrize(
    ("days", "width", "bars"), [(1, 1, 1), (30, 1, 30), (90, 7, 13), (365, 30, 13)]
)
def test_a_long_time_is_shown_in_wider_bars(
    store: Receipts, days: int, width: int, bars: int
) -> None:
    found = figures(store, days=days)

    assert period_days(days) == width
    assert len(found.periods) == bars
    assert found.until - found.since >= timedelta(days=days)


def test_a_month_in_words_adds_up(store: Receipts) -> None:
    asked = live(store, DOCUMENTS)

    found = store.activity.figures(GUILD, days=31, now=END)
    told = dict(lines(found))

    assert found.asked == asked
    assert sum(found.ended(each) for each in ("answered", "partial", "refused")) == asked
    assert told["Questions"] == f"{asked} by {found.people} people"
    assert told["Refused"].startswith(f"{found.ended('refused')} (")
    assert f"Questions: {asked}" in chart_description(found)


def test_an_empty_store_is_told_without_a_division(store: Receipts) -> None:
    told = dict(lines(figures(store)))

    assert told["Questions"] == "none"
    assert told["Answered"] == "0"
    assert told["Found helpful"] == "–"
