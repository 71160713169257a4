"""Several texts written at once: the turns of all who ask are taken in one step of the model.

Writing one token reads every weight once, and reads them no less for eight texts than for one. So
whoever asks while a step is under way waits for its end, and one of those who wait then takes the
next step for all of them (flat combining, Hendler et al. 2010; texts that come and go between the
steps are what Yu et al. 2022, Orca, call iteration-level scheduling). There is no thread of its own
and no queue of what nobody reads yet: a text whose reader pauses takes no step, and one alone is
computed in the same way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from knowledge.decoder import Turn

if TYPE_CHECKING:
    import torch

    from knowledge.causal import Cache, Decoder

# So many tokens of prompts are read in one step: a whole one takes seconds, in which others could
# write, and what lies between the products of so many rows stays in the processor's cache.
CHUNK = 128
# So many tokens of texts are tried in one step: eight cost what one does (knowledge/quantise.py),
# and guesses far beyond that more than they are worth.
ROOM = 24
# What a reader does with a piece takes milliseconds; whoever comes later goes with the next step.
GRACE_S = 0.01


class Asked:
    """One thread's turn: what is left of it, and what came of it."""

    def __init__(self, turn: Turn) -> None:
        self.left = turn
        self.thread = threading.get_ident()
        self.logits: torch.Tensor | None = None
        self.error: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether its thread may go on."""
        return self.logits is not None or self.error is not None

    def took(self, turn: Turn, logits: torch.Tensor) -> None:
        """Note that a step has taken `turn`, all of what was left or its beginning."""
        rest = self.left.ids[len(turn.ids) :]
        if len(rest) > self.left.guessed:
            self.left = replace(self.left, ids=rest)
        else:
            self.logits = logits

    def result(self) -> torch.Tensor:
        """The logits; raises what the step raised."""
        if self.error is not None:
            raise self.error
        assert self.logits is not None
        return self.logits


class Together:
    """A decoder for several threads, whose turns it takes together.

    A turn's guesses may be left out where many write: its logits then have fewer rows than it
    wanted. An error in one turn is raised in its own thread only.
    """

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self._changed = threading.Condition()
        self._asked: list[Asked] = []
        self._stepping = False
        # Threads whose turns the last step finished: they are likely to ask again at once.
        self._away: set[int] = set()
        self._ended = 0.0

    def cache(self) -> Cache:
        """An empty cache for one text."""
        return self.decoder.cache()

    def forward(self, turns: Sequence[Turn]) -> list[torch.Tensor]:
        """Read each turn's tokens into its cache; logits of shape (keep, vocabulary) each."""
        mine = [Asked(turn) for turn in turns]
        with self._changed:
            self._asked.extend(mine)
            self._away.discard(threading.get_ident())
            self._changed.notify_all()
        try:
            while self._leads(mine):
                self._step()
        finally:
            with self._changed:
                self._asked = [each for each in self._asked if each not in mine]
        return [each.result() for each in mine]

    def felt(self, turn: Turn, *, layers: int) -> torch.Tensor:
        """What the first `layers` layers make of a turn's last token, between two steps."""
        with self._changed:
            self._away.discard(threading.get_ident())
            self._changed.wait_for(lambda: not self._stepping)
            self._stepping = True
        try:
            return self.decoder.felt(turn, layers=layers)
        finally:
            with self._changed:
                self._stepping = False
                self._changed.notify_all()

    def _leads(self, mine: Sequence[Asked]) -> bool:
        """Wait until this thread is to take the next step; False once it has what it asked for."""

        def done() -> bool:
            return all(each.done for each in mine)

        with self._changed:
            self._changed.wait_for(lambda: done() or not self._stepping)
            if done():
                return False
            self._stepping = True
            return True

    def _step(self) -> None:
        """Take one step for all who ask."""
        finished: list[Asked] = []
        try:
            with self._changed:
                patience = self._ended + GRACE_S - time.monotonic()
                self._changed.wait_for(lambda: not self._away, timeout=max(0.0, patience))
                chosen = portions(self._asked)
            self._take(chosen)
            finished = [each for each, _ in chosen if each.done]
        finally:
            with self._changed:
                self._asked = [each for each in self._asked if each not in finished]
                self._away = {each.thread for each in finished}
                self._ended = time.monotonic()
                self._stepping = False
                self._changed.notify_all()

    def _take(self, chosen: Sequence[tuple[Asked, Turn]]) -> None:
        """Take turns together, or one by one where that fails, to see whose fault it is."""
        turns = [turn for _, turn in chosen]
        lengths = [turn.cache.length for turn in turns]
        try:
            found = self.decoder.forward(turns)
        except Exception as error:  # noqa: BLE001 - raised where it belongs
            for turn, length in zip(turns, lengths, strict=True):
                turn.cache.keep(length)
            if len(chosen) == 1:
                chosen[0][0].error = error
                return
            for each in chosen:
                self._take([each])
            return
        for (asked, turn), logits in zip(chosen, found, strict=True):
            asked.took(turn, logits)


def portions(asked: Sequence[Asked]) -> list[tuple[Asked, Turn]]:
    """What of their turns those who ask get in the next step (pure).

    All who write get theirs, with as many guesses as there is room for. Of prompts `CHUNK` tokens
    are read, short ones first, since what is asked after a prompt stands between its asker and the
    first word, then in the order in which they came.
    """
    writing = [each for each in asked if writes(each.left)]
    reading = [each for each in asked if not writes(each.left)]
    reading.sort(key=lambda each: len(each.left.ids) > CHUNK)
    before = accumulate((len(each.left.ids) for each in reading), initial=0)
    read = [
        (each, beginning(each.left, CHUNK - taken))
        for each, taken in zip(reading, before, strict=False)
        if taken < CHUNK
    ]
    share = ROOM // max(1, len(writing))
    return [*((each, tried(each.left, share)) for each in writing), *read]


def tried(turn: Turn, count: int) -> Turn:
    """A turn without the guesses that are beyond its first `count` tokens."""
    beyond = min(turn.guessed, max(0, len(turn.ids) - count))
    left = len(turn.ids) - beyond
    return replace(
        turn, ids=turn.ids[:left], keep=turn.keep - beyond, guessed=turn.guessed - beyond
    )


def writes(turn: Turn) -> bool:
    """Whether a text goes on, rather than a prompt is read: each of its tokens is answered."""
    return turn.keep == len(turn.ids)


def beginning(turn: Turn, count: int) -> Turn:
    """The first `count` tokens of a prompt, whose logits nobody wants unless it ends there."""
    if len(turn.ids) <= count:
        return turn
    return replace(turn, ids=turn.ids[: min(count, len(turn.ids) - turn.keep)], keep=0)
