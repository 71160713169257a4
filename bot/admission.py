"""Whether a question is taken now: one place for each person, limits, a bounded queue."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from bot.config import BotSettings
from bot.faults import NotNowError
from bot.permissions import Limits, Member, refusal
from bot.vitals.figures import Figures
from bot.worker import Worker
from knowledge.said import said


class Admission:
    """Holds the places of those whose questions are on their way."""

    def __init__(self, settings: BotSettings, *, worker: Worker, figures: Figures) -> None:
        self._settings = settings
        self._worker = worker
        self._figures = figures
        self._limits = Limits(settings)
        self._held: dict[int, object] = {}
        self.closed = False

    @contextlib.contextmanager
    def admitted(self, member: Member, text: str) -> Iterator[str]:
        """Hold the member's one place while their question is answered; yields it trimmed.

        Raises NotNowError with the sentence to tell them where they may not ask now.
        """
        question = " ".join(text.split())
        for why, sentence in self._reasons(member, question):
            self._figures.declined(why)
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

    def _reasons(self, member: Member, question: str) -> Iterator[tuple[str, str]]:
        """Why this question is not taken now, in a word and a sentence; nothing where it is.

        The first is the one that is told; the limits come last, since to ask them is to count.
        """
        settings = self._settings
        if self.closed:
            yield "stopping", said("I am being restarted. Ask again in a minute.")
        if sentence := refusal(settings, member):
            yield "not allowed", sentence
        if not question:
            yield "empty", said("Ask me something: what would you like to know?")
        if len(question) > (longest := settings.question_length):
            told = said(f"Please ask in at most {longest} characters; that was {len(question)}.")
            yield "too long", told
        if member.id in self._held:
            told = said(
                "I am still answering your last question. Wait for it, or stop it with its button."
            )
            yield "still answering", told
        if self._worker.full:
            told = said(
                "Many people are asking right now and the queue is full. Ask again in a minute."
            )
            yield "queue full", told
        if sentence := self._limits.refusal(member, now=time.monotonic()):
            yield "limit", sentence
