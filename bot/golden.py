"""Answers that must stay possible: kept as sentences, to be asked for again before a switch."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from bot.database import Database
from bot.receipts import Receipt
from knowledge.errors import UsageError
from knowledge.sentences import split_sentences


@dataclass(frozen=True, slots=True)
class Golden:
    """A question with the sentences of its right answer."""

    id: str
    scope: str
    question: str
    sentences: tuple[str, ...]

    @property
    def answer(self) -> str:
        """The right answer."""
        return " ".join(self.sentences)


class GoldenAnswers:
    """The store, a list for each scope."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def mark(self, receipt: Receipt, *, scope: str) -> bool:
        """Keep an answer as it was given; False where it says nothing that is proved."""
        sentences = [each.text for each in receipt.answer.sentences if each.supported]
        if sentences:
            self._keep(receipt.id, scope, receipt.question, sentences)
        return bool(sentences)

    def write(self, question: str, answer: str, *, scope: str) -> None:
        """Keep a question with a written answer; raises UsageError where one of them is empty."""
        asked = " ".join(question.split())
        sentences = [span.text for span in split_sentences(answer)]
        if not asked or not sentences:
            raise UsageError("A golden answer needs a question and at least one sentence.")
        self._keep(secrets.token_hex(6), scope, asked, sentences)

    def unmark(self, name: str, *, scope: str) -> None:
        """Forget one."""
        self._database.write("DELETE FROM golden WHERE receipt = ? AND scope = ?", name, scope)

    def erase(self, scope: str) -> None:
        """Forget a scope's."""
        self._database.write("DELETE FROM golden WHERE scope = ?", scope)

    def all(self, *, scope: str | None) -> tuple[Golden, ...]:
        """A scope's, newest first; every scope's for None."""
        rows = self._database.rows(
            "SELECT receipt, scope, question, sentences FROM golden"
            " WHERE ? IS NULL OR scope = ? ORDER BY at DESC",
            *(scope, scope),
        )
        return tuple(
            Golden(
                row["receipt"], row["scope"], row["question"], tuple(json.loads(row["sentences"]))
            )
            for row in rows
        )

    def _keep(self, name: str, scope: str, question: str, sentences: list[str]) -> None:
        self._database.write(
            "INSERT OR REPLACE INTO golden VALUES (?, ?, ?, ?, ?)",
            *(name, scope, question, json.dumps(sentences), time.time()),
        )
