"""Whether a question is taken now: one place for each person, limits, a bounded queue."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from bot.config import BotSettings
from bot.faults import NotNowError
from bot.permissions import Limits, Member, refusal
from bot.worker import Worker
from knowledge.said import said


class Admission:
    """Holds the places of those whose questions are on their way."""

    def __init__(self, settings: BotSettings, *, worker: Worker) -> None:
        self._settings = settings
        self._worker = worker
        self._limits = Limits(settings)
        self._held: dict[int, object] = {}
        self.closed = False

    @contextlib.contextmanager
    def admitted(self, member: Member, text: str) -> Iterator[str]:
        """Hold the member's one place while their question is answered; yields it trimmed.

        Raises NotNowError with the sentence to tell them where they may not ask now.
        """
        question = " ".join(text.split())
        sentence = self._sentence(member, question)
        if sentence is not None:
            raise NotNowError(sentence)
        place = object()
        self._held[member.id] = place
        try:
            yield question
        finally:
            if self._held.get(member.id) is place:
                del self._held[member.id]

    @contextlib.contextmanager
    def held(self, member: Member) -> Iterator[None]:
        """Hold the member's one place for something that is not a question, under its limits."""
        with self.admitted(member, "check"):
            yield

    def release(self, person: int) -> None:
        """Give a place back early: the answer is known, and its reader may ask on at once."""
        self._held.pop(person, None)

    def close(self) -> None:
        """Take nothing new."""
        self.closed = True

    def _sentence(self, member: Member, question: str) -> str | None:
        """Why this question is not taken now, or None where it is."""
        if self.closed:
            return said("I am being restarted. Ask again in a minute.")
        return (
            refusal(self._settings, member)
            or self._unfit(question)
            or self._busy(member)
            or self._limits.refusal(member, now=time.monotonic())
        )

    def _unfit(self, question: str) -> str | None:
        longest = self._settings.question_length
        if not question:
            return said("Ask me something: what would you like to know?")
        if len(question) > longest:
            return said(f"Please ask in at most {longest} characters; that was {len(question)}.")
        return None

    def _busy(self, member: Member) -> str | None:
        if member.id in self._held:
            return said(
                "I am still answering your last question. Wait for it, or stop it with its button."
            )
        if self._worker.full:
            return said(
                "Many people are asking right now and the queue is full. Ask again in a minute."
            )
        return None
