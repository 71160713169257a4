"""A receipt: one answer with all that stands behind it, and how it is stored."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from pydantic import TypeAdapter

from knowledge.types import Answer, Evidence

ANSWER = TypeAdapter(Answer)
EVIDENCE = TypeAdapter(tuple[Evidence, ...])


@dataclass(frozen=True, slots=True)
class Receipt:
    """One answer with all that stands behind it; `asked_at` in seconds since the epoch.

    `key` is equal for equal questions over the same evidence; it is empty where an answer must
    not be given again. `parent` is the receipt that this question followed up.
    """

    id: str
    key: str
    asked_at: float
    asker: int
    guild: int | None
    channel: int
    private: bool
    parent: str | None
    question: str
    answer: Answer
    evidence: tuple[Evidence, ...]


def stored(row: sqlite3.Row) -> Receipt:
    """The receipt in a row of the store."""
    fields = dict(row)
    fields["private"] = bool(fields["private"])
    fields["answer"] = ANSWER.validate_json(fields["answer"])
    fields["evidence"] = EVIDENCE.validate_json(fields["evidence"])
    return Receipt(**fields)
