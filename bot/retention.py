"""How long is kept what was asked, and what a person may have or have deleted of it."""

from __future__ import annotations

import json
from dataclasses import asdict

from bot.database import Database
from bot.receipt import stored
from bot.waiting import Waiting


class Retention:
    """The side of the store that hands out and deletes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.waiting = Waiting(database)

    def export(self, person: int) -> str:
        """Everything kept about a person, as JSON."""
        rows = self._database.rows
        answers = rows("SELECT * FROM receipts WHERE asker = ? ORDER BY asked_at", person)
        feedback = rows("SELECT * FROM feedback WHERE person = ?", person)
        wishes = rows("SELECT * FROM wishes WHERE asker = ?", person)
        kept = {
            "person": str(person),
            "answers": [asdict(stored(row)) for row in answers],
            "feedback": [dict(row) for row in feedback],
            "admins_list": [dict(row) for row in wishes],
            "waiting": [
                {"asked_at": question.asked_at, "question": question.text}
                for question in self.waiting.all()
                if question.asker == person
            ],
        }
        return json.dumps(kept, ensure_ascii=False, indent=1)

    def forget(self, person: int) -> int:
        """Delete everything kept about a person; returns how many rows went."""
        with self._database.writing() as connection:
            return sum(
                connection.execute(statement, (person,)).rowcount
                for statement in (
                    "DELETE FROM feedback WHERE person = ?",
                    "DELETE FROM wishes WHERE asker = ?",
                    "DELETE FROM open_questions WHERE asker = ?",
                    "DELETE FROM receipts WHERE asker = ?",
                )
            )

    def erase(self, guild: int) -> None:
        """Delete everything that was asked in a guild."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM wishes WHERE guild = ?", (guild,))
            connection.execute("DELETE FROM receipts WHERE guild = ?", (guild,))

    def expire(self, before: float) -> int:
        """Delete what was asked before a time; returns how many receipts went."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM wishes WHERE made_at < ?", (before,))
            connection.execute("DELETE FROM open_questions WHERE asked_at < ?", (before,))
            done = connection.execute("DELETE FROM receipts WHERE asked_at < ?", (before,))
            return done.rowcount
