"""What the documents do not answer yet: wishes, refusals and thumbs down, alike ones together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.database import Database
from knowledge.embed import Vectors

# Cosine from which two questions count as one; a hint for the admins, nothing is decided by it.
LIKENESS = 0.75
MOST = 200

# Private questions are counted only where their asker put them on the list. What was answered
# later, to the same words, is no gap any more.
_OPEN = """
    SELECT r.id AS receipt, r.question FROM receipts r
    WHERE r.guild = :guild AND r.asked_at >= :since AND (
        EXISTS (SELECT 1 FROM wishes w WHERE w.receipt = r.id AND w.settled_at IS NULL)
        OR (r.private = 0
            AND NOT EXISTS (SELECT 1 FROM wishes w WHERE w.receipt = r.id)
            AND json_extract(r.answer, '$.status') = 'refused')
        OR (r.private = 0
            AND EXISTS (SELECT 1 FROM feedback f WHERE f.receipt = r.id AND f.helpful = 0))
    ) AND NOT EXISTS (
        SELECT 1 FROM receipts later
        WHERE later.guild = r.guild AND later.asked_at > r.asked_at
        AND lower(later.question) = lower(r.question)
        AND json_extract(later.answer, '$.status') = 'answered'
    )
    ORDER BY r.asked_at DESC LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that the documents did not answer, or not well."""

    receipt: str
    question: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions alike; the newest of them stands for all."""

    newest: Unanswered
    times: int


class Gaps:
    """The store's view of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, guild: int, *, since: float) -> tuple[Unanswered, ...]:
        """A guild's unanswered questions since a moment, newest first."""
        rows = self._database.named(_OPEN, guild=guild, since=since, most=MOST)
        return tuple(Unanswered(row["receipt"], row["question"]) for row in rows)


def grouped(
    found: Sequence[Unanswered], vectors: Vectors, *, likeness: float = LIKENESS
) -> tuple[Gap, ...]:
    """Questions alike as one, the most frequent first; a row of `vectors` for each."""
    groups: list[list[int]] = []
    for index in range(len(found)):
        home = next(
            (group for group in groups if float(vectors[group[0]] @ vectors[index]) >= likeness),
            None,
        )
        if home is None:
            groups.append([index])
        else:
            home.append(index)
    gaps = [Gap(found[group[0]], len(group)) for group in groups]
    return tuple(sorted(gaps, key=lambda gap: -gap.times))
