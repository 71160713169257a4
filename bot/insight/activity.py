"""How much was asked and how it was answered, from the receipts.

Private questions count like others; nothing here gives away what anybody asked.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.database import Database

_TOP = 8
_DAY_S = 86_400
# The longest stretch that is shown in days, and in weeks; beyond it come months of 30 days.
_DAYS, _WEEKS = 35, 210

_RECEIPTS = """
    SELECT asked_at, asker, json_extract(answer, '$.status') AS status,
           json_extract(answer, '$.timings.total_s') AS seconds
    FROM receipts
    WHERE (:guild IS NULL OR guild = :guild) AND asked_at >= :since AND asked_at < :until
"""
_OPINIONS = """
    SELECT f.helpful, count(*) AS times FROM feedback f JOIN receipts r ON r.id = f.receipt
    WHERE (:guild IS NULL OR r.guild = :guild) AND r.asked_at >= :since AND r.asked_at < :until
    GROUP BY f.helpful
"""
# A document counts once for an answer, however often that quotes it.
_CITED = """
    SELECT json_extract(c.value, '$.document_id') AS document,
           max(json_extract(c.value, '$.title')) AS title, count(DISTINCT r.id) AS times
    FROM receipts r, json_each(r.answer, '$.citations') c
    WHERE (:guild IS NULL OR r.guild = :guild) AND r.asked_at >= :since AND r.asked_at < :until
    GROUP BY document ORDER BY times DESC, document
"""
# What somebody asked in private is shown nowhere but to them.
_LATEST = """
    SELECT r.id, r.asked_at, r.guild, r.question, json_extract(r.answer, '$.status') AS status,
           (SELECT count(*) FROM feedback f WHERE f.receipt = r.id AND f.helpful = 1) AS helpful,
           (SELECT count(*) FROM feedback f WHERE f.receipt = r.id AND f.helpful = 0) AS unhelpful
    FROM receipts r WHERE r.private = 0 AND (:status = '' OR status = :status)
    ORDER BY r.asked_at DESC LIMIT :limit OFFSET :skip
"""
_GUILDS = "SELECT DISTINCT guild FROM receipts WHERE guild IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Period:
    """One bar of the chart; seconds are None where nothing was asked."""

    begins: datetime
    answered: int = 0
    partial: int = 0
    refused: int = 0
    median_s: float | None = None
    slow_s: float | None = None

    @property
    def asked(self) -> int:
        """Questions in it."""
        return self.answered + self.partial + self.refused


@dataclass(frozen=True, slots=True)
class Cited:
    """A document and in how many answers it was cited."""

    document_id: str
    title: str
    times: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A stretch of time in numbers; `slow_s` is what nine answers in ten did not exceed."""

    since: datetime
    until: datetime
    period_days: int
    periods: tuple[Period, ...]
    people: int
    helpful: int
    unhelpful: int
    median_s: float | None
    slow_s: float | None
    cited: tuple[Cited, ...]
    gaps: int = 0

    @property
    def asked(self) -> int:
        """Questions in all."""
        return sum(period.asked for period in self.periods)

    def ended(self, status: str) -> int:
        """How many answers ended as `answered`, `partial` or `refused`."""
        return sum(int(getattr(period, status)) for period in self.periods)

    @property
    def top(self) -> tuple[Cited, ...]:
        """The documents that were cited most."""
        return self.cited[:_TOP]


@dataclass(frozen=True, slots=True)
class Line:
    """One question in a list of the latest."""

    receipt: str
    asked_at: float
    guild: int | None
    question: str
    status: str
    helpful: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class _Asked:
    at: float
    status: str
    seconds: float


class Activity:
    """The store's view of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def guilds(self) -> tuple[int, ...]:
        """Every guild in which something was asked."""
        return tuple(int(row["guild"]) for row in self._database.rows(_GUILDS))

    def latest(self, *, limit: int, skip: int = 0, status: str = "") -> tuple[Line, ...]:
        """The newest public questions, or those that ended in one way, newest first."""
        rows = self._database.named(_LATEST, limit=limit, skip=skip, status=status)
        return tuple(Line(*row) for row in rows)

    def figures(self, guild: int | None, *, days: int, now: datetime | None = None) -> Figures:
        """The last `days` days of a guild, or of all and what was asked outside of any."""
        until = now or datetime.now(UTC)
        width = period_days(days)
        count = -(-days // width)
        since = until - timedelta(days=count * width)
        span = {"guild": guild, "since": since.timestamp(), "until": until.timestamp()}
        rows = self._database.named(_RECEIPTS, **span)
        asked = [_Asked(row["asked_at"], row["status"], row["seconds"]) for row in rows]
        opinions = {bool(r["helpful"]): r["times"] for r in self._database.named(_OPINIONS, **span)}
        seconds = [each.seconds for each in asked]
        return Figures(
            since=since,
            until=until,
            period_days=width,
            periods=periods(asked, since=since, days=width, count=count),
            people=len({row["asker"] for row in rows}),
            helpful=opinions.get(True, 0),
            unhelpful=opinions.get(False, 0),
            median_s=statistics.median(seconds) if seconds else None,
            slow_s=slow(seconds),
            cited=tuple(
                Cited(row["document"], row["title"], row["times"])
                for row in self._database.named(_CITED, **span)
            ),
        )


def period_days(days: int) -> int:
    """How many days one bar stands for."""
    return 1 if days <= _DAYS else 7 if days <= _WEEKS else 30


def periods(
    asked: Sequence[_Asked], *, since: datetime, days: int, count: int
) -> tuple[Period, ...]:
    """`count` periods of so many days, the empty ones too."""
    inside: list[list[_Asked]] = [[] for _ in range(count)]
    for each in asked:
        inside[min(count - 1, int((each.at - since.timestamp()) // (days * _DAY_S)))].append(each)
    return tuple(
        _period(since + timedelta(days=days * number), found) for number, found in enumerate(inside)
    )


def slow(seconds: Sequence[float]) -> float | None:
    """What nine in ten did not exceed; None of nothing."""
    ordered = sorted(seconds)
    return ordered[max(0, -(-len(ordered) * 9 // 10) - 1)] if ordered else None


def _period(begins: datetime, asked: Sequence[_Asked]) -> Period:
    ended = Counter(each.status for each in asked)
    seconds = [each.seconds for each in asked]
    return Period(
        begins,
        answered=ended["answered"],
        partial=ended["partial"],
        refused=ended["refused"],
        median_s=statistics.median(seconds) if seconds else None,
        slow_s=slow(seconds),
    )
