"""Whether the clock can be believed before anything is deleted for its age."""

from __future__ import annotations

from bot.receipts import Receipts

_SEEN = "clock"
_LONGEST_GAP_S = 30 * 86_400.0


def plausible(receipts: Receipts, *, now: float) -> bool:
    """Whether the clock went on from where it was last seen, by no more than a month.

    After a jump, or a month in which the bot did not run, the next look decides, a day later: a
    clock that was wrong at start has been put right by then, and nothing was deleted meanwhile.
    """
    seen = receipts.recall(_SEEN)
    receipts.remember(_SEEN, str(now))
    return seen is None or abs(now - float(seen)) <= _LONGEST_GAP_S
