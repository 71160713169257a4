"""What members thought of answers, for the admins of their server."""

from __future__ import annotations

from dataclasses import dataclass

from bot.database import Database

# What was asked in private is counted, and its question told to nobody.
_RECENT = """
    SELECT f.helpful, f.reason, f.comment, f.given_at, r.id AS receipt,
           CASE r.private WHEN 0 THEN r.question ELSE '' END AS question
    FROM feedback f JOIN receipts r ON r.id = f.receipt
    WHERE (:guild IS NULL OR r.guild = :guild) AND f.given_at >= :since
    ORDER BY f.helpful, f.given_at DESC LIMIT :most
"""
_COUNTS = """
    SELECT coalesce(sum(f.helpful), 0) AS up, count(*) - coalesce(sum(f.helpful), 0) AS down
    FROM feedback f JOIN receipts r ON r.id = f.receipt
    WHERE (:guild IS NULL OR r.guild = :guild) AND f.given_at >= :since
"""
MOST = 200


@dataclass(frozen=True, slots=True)
class Opinion:
    """One member's of one answer; `question` is empty where it was asked in private."""

    helpful: bool
    reason: str
    comment: str
    given_at: float
    receipt: str
    question: str


@dataclass(frozen=True, slots=True)
class Opinions:
    """How many thumbs went up and down, and the opinions, those that complain first."""

    up: int
    down: int
    listed: tuple[Opinion, ...]


def opinions(database: Database, guild: int | None, *, since: float) -> Opinions:
    """What a guild's members thought of its answers since a moment; everybody for None."""
    rows = database.named(_RECENT, guild=guild, since=since, most=MOST)
    (counts,) = database.named(_COUNTS, guild=guild, since=since)
    listed = tuple(Opinion(**{**dict(row), "helpful": bool(row["helpful"])}) for row in rows)
    return Opinions(int(counts["up"]), int(counts["down"]), listed)
