"""Questions that are not answered yet, kept so that neither a stop nor a crash loses them."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from bot.database import Database
from bot.language import Language, language_of


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question not answered yet, kept so that a stop or a crash does not lose it.

    `token` is the interaction's, kept only where nothing else reaches the asker in private;
    `language` is a tag.
    """

    id: str
    text: str
    asked_at: float
    asker: int
    guild: int | None
    channel: int
    private: bool = False
    parent: str | None = None
    titled: bool = False
    reply_to: int | None = None
    messages: tuple[int, ...] = ()
    token: str | None = None
    language: str = "en"

    @property
    def title(self) -> str | None:
        """The question, where the answer has to repeat it."""
        return self.text if self.titled else None

    @property
    def say(self) -> Language:
        """The language in which its asker is spoken to."""
        return language_of(self.language)


_OPEN = TypeAdapter(OpenQuestion)


class Waiting:
    """The store of open questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, question: OpenQuestion) -> None:
        """Keep a question until it is answered; a second time replaces what is known of it."""
        self._database.write(
            "INSERT OR REPLACE INTO open_questions VALUES (?, ?, ?, ?)",
            *(question.id, question.asked_at, question.asker),
            _OPEN.dump_json(question).decode(),
        )

    def done(self, question: str) -> None:
        """Forget an open question: its asker has been told."""
        self._database.write("DELETE FROM open_questions WHERE id = ?", question)

    def all(self) -> tuple[OpenQuestion, ...]:
        """Every question that still waits for its answer, oldest first."""
        rows = self._database.rows("SELECT body FROM open_questions ORDER BY asked_at")
        return tuple(_OPEN.validate_json(row["body"]) for row in rows)
