"""Answers that must stay possible: the quotes they rest on are looked for before a switch."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.database import Database
from bot.receipts import Receipt
from knowledge.errors import FootnoteError
from knowledge.types import Passage


@dataclass(frozen=True, slots=True)
class Golden:
    """A question with the quotes of its right answer, as (document id, quote)."""

    receipt: str
    question: str
    quotes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """A quote of a golden answer that a new version does not hold."""

    question: str
    quote: str


class GoldenError(FootnoteError):
    """A change would take the ground from golden answers; to be confirmed."""

    def __init__(self, lost: Sequence[Loss]) -> None:
        questions = "; ".join(dict.fromkeys(each.question for each in lost))
        super().__init__(
            f"Golden answers would lose what they quote: {questions}. Do it anyway, or change the "
            "document first."
        )
        self.lost = tuple(lost)


class GoldenAnswers:
    """The store, a list for each scope."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def mark(self, receipt: Receipt, *, scope: str) -> bool:
        """Keep an answer's question and quotes; False where it quotes nothing."""
        quotes = [(each.document_id, each.quote) for each in receipt.answer.citations]
        if quotes:
            self._database.write(
                "INSERT OR REPLACE INTO golden VALUES (?, ?, ?, ?, ?)",
                *(receipt.id, scope, receipt.question, json.dumps(quotes), time.time()),
            )
        return bool(quotes)

    def unmark(self, receipt: str, *, scope: str) -> None:
        """Forget one."""
        self._database.write("DELETE FROM golden WHERE receipt = ? AND scope = ?", receipt, scope)

    def erase(self, scope: str) -> None:
        """Forget a scope's."""
        self._database.write("DELETE FROM golden WHERE scope = ?", scope)

    def all(self, *, scope: str) -> tuple[Golden, ...]:
        """A scope's, newest first."""
        rows = self._database.rows(
            "SELECT receipt, question, quotes FROM golden WHERE scope = ? ORDER BY at DESC", scope
        )
        return tuple(
            Golden(
                row["receipt"],
                row["question"],
                tuple((document, quote) for document, quote in json.loads(row["quotes"])),
            )
            for row in rows
        )


def losses(
    golden: Sequence[Golden],
    document_id: str,
    *,
    before: Sequence[Passage],
    after: Sequence[Passage],
) -> tuple[Loss, ...]:
    """Quotes from a document that stand in it now and will not any more."""
    return tuple(
        Loss(each.question, quote)
        for each in golden
        for document, quote in each.quotes
        if document == document_id and _stands(quote, before) and not _stands(quote, after)
    )


def _stands(quote: str, passages: Sequence[Passage]) -> bool:
    return any(quote in passage.text for passage in passages)
