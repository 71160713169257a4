"""The admins' list: questions that the documents did not answer, as their askers put them there."""

from __future__ import annotations

from dataclasses import dataclass

from bot.database import Database


@dataclass(frozen=True, slots=True)
class Wish:
    """A question the documents did not answer, put on the admins' list by its asker."""

    receipt: str
    question: str
    asker: int
    guild: int | None
    channel: int
    made_at: float


class Wishes:
    """The lists of all guilds, in the database of the receipts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, wish: Wish) -> bool:
        """Put a question on the admins' list; False where it is there already."""
        added = self._database.write(
            "INSERT OR IGNORE INTO wishes VALUES (?, ?, ?, ?, ?, ?, NULL)",
            *(wish.receipt, wish.question, wish.asker, wish.guild, wish.channel, wish.made_at),
        )
        return added == 1

    def of(self, guild: int | None) -> tuple[Wish, ...]:
        """The open questions on a guild's list, oldest first."""
        rows = self._database.rows(
            "SELECT receipt, question, asker, guild, channel, made_at FROM wishes"
            " WHERE guild IS ? AND settled_at IS NULL ORDER BY made_at",
            guild,
        )
        return tuple(Wish(*row) for row in rows)

    def guilds(self) -> tuple[int | None, ...]:
        """The guilds on whose lists questions are open; None for those asked directly."""
        rows = self._database.rows("SELECT DISTINCT guild FROM wishes WHERE settled_at IS NULL")
        return tuple(row["guild"] for row in rows)

    def settle(self, receipt: str, at: float) -> None:
        """Take a question off the admins' list."""
        self._database.write("UPDATE wishes SET settled_at = ? WHERE receipt = ?", at, receipt)
