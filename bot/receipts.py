"""Receipts: what was asked, what was answered and on what grounds, and what people thought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.database import Database
from bot.gaps import Gaps
from bot.insight.activity import Activity
from bot.opinions import Opinions, opinions
from bot.receipt import ANSWER, EVIDENCE, Receipt, stored
from bot.retention import Retention
from bot.wishes import Wishes

__all__ = ["Feedback", "Receipt", "Receipts"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person thought of one answer."""

    receipt: str
    person: int
    helpful: bool
    reason: str
    comment: str
    given_at: float


class Receipts(Retention):
    """The store; each method is one transaction and may be called from any thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(Database(path))
        self.gaps = Gaps(self._database)
        self.activity = Activity(self._database)
        self.wishes = Wishes(self._database)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def save(self, receipt: Receipt) -> None:
        """Keep one receipt."""
        self._database.write(
            "INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(receipt.id, receipt.key, receipt.asked_at, receipt.asker, receipt.guild),
            *(receipt.channel, int(receipt.private), receipt.parent, receipt.question),
            ANSWER.dump_json(receipt.answer).decode(),
            EVIDENCE.dump_json(receipt.evidence).decode(),
        )

    def shown(self, receipt: str, channel: int, messages: Sequence[int]) -> None:
        """Remember which messages show a receipt; one that is gone meanwhile is left gone."""
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO messages SELECT ?, id, ? FROM receipts WHERE id = ?",
                [(message, channel, receipt) for message in messages],
            )

    def get(self, receipt: str) -> Receipt | None:
        """The receipt of that id, while it is kept."""
        return self._one("SELECT * FROM receipts WHERE id = ?", receipt)

    def by_message(self, message: int) -> Receipt | None:
        """The receipt that a message shows."""
        return self._one(
            "SELECT * FROM receipts WHERE id = (SELECT receipt FROM messages WHERE message = ?)",
            message,
        )

    def messages(self, receipt: str) -> tuple[tuple[int, int], ...]:
        """(channel, message) of each message that shows a receipt."""
        query = "SELECT channel, message FROM messages WHERE receipt = ?"
        return tuple((row[0], row[1]) for row in self._database.rows(query, receipt))

    def same(self, key: str) -> Receipt | None:
        """The newest receipt of the same question over the same evidence."""
        return self._one(
            "SELECT * FROM receipts WHERE key = ? AND key != '' ORDER BY asked_at DESC LIMIT 1",
            key,
        )

    def recent(self, asker: int, channel: int, limit: int = 25) -> tuple[Receipt, ...]:
        """What a person may look into from a channel, newest first: its answers and their own."""
        rows = self._database.rows(
            "SELECT * FROM receipts WHERE channel = ? AND (asker = ? OR private = 0)"
            " ORDER BY asked_at DESC LIMIT ?",
            *(channel, asker, limit),
        )
        return tuple(map(stored, rows))

    def answered(self, guild: int | None, *, since: float, limit: int = 500) -> tuple[Receipt, ...]:
        """A guild's public answers that cite something, newest first; of all guilds for None."""
        rows = self._database.rows(
            "SELECT * FROM receipts WHERE (? IS NULL OR guild = ?) AND private = 0"
            " AND asked_at >= ? AND json_array_length(answer, '$.citations') > 0"
            " ORDER BY asked_at DESC LIMIT ?",
            *(guild, guild, since, limit),
        )
        return tuple(map(stored, rows))

    def conversation(self, receipt: str | None, turns: int) -> tuple[Receipt, ...]:
        """The chain of follow-ups that ends in a receipt, oldest first, at most `turns` long."""
        chain: list[Receipt] = []
        while receipt is not None and len(chain) < turns:
            found = self.get(receipt)
            if found is None:
                break
            chain.append(found)
            receipt = found.parent
        return tuple(reversed(chain))

    def rate(self, feedback: Feedback) -> None:
        """Keep what a person thinks of an answer, in place of what they thought before.

        Nothing is kept of an answer that is gone by now.
        """
        self._database.write(
            "INSERT OR REPLACE INTO feedback SELECT ?, ?, ?, ?, ?, ?"
            " WHERE EXISTS (SELECT 1 FROM receipts WHERE id = ?)",
            *(feedback.receipt, feedback.person, int(feedback.helpful), feedback.reason),
            *(feedback.comment, feedback.given_at, feedback.receipt),
        )

    def feedback(self, receipt: str) -> tuple[Feedback, ...]:
        """Everybody's feedback on an answer."""
        rows = self._database.rows(
            "SELECT * FROM feedback WHERE receipt = ? ORDER BY given_at", receipt
        )
        return tuple(Feedback(r[0], r[1], bool(r[2]), r[3], r[4], r[5]) for r in rows)

    def opinions(self, guild: int | None, *, since: float) -> Opinions:
        """What a guild's members thought of its answers since a moment; everybody for None."""
        return opinions(self._database, guild, since=since)

    def remember(self, name: str, value: str) -> None:
        """Keep a fact about the bot itself."""
        self._database.write("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)

    def recall(self, name: str) -> str | None:
        """A fact kept before."""
        rows = self._database.rows("SELECT value FROM facts WHERE name = ?", name)
        return str(rows[0]["value"]) if rows else None

    def drop(self, receipt: str) -> None:
        """Delete one receipt with its feedback."""
        self._database.write("DELETE FROM receipts WHERE id = ?", receipt)

    def _one(self, query: str, value: object) -> Receipt | None:
        rows = self._database.rows(query, value)
        return stored(rows[0]) if rows else None
