"""How nearly a sentence says what another one says, word for word. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from knowledge.words import ordered_stems


def closeness(sentence: str, evidence: str, *, lent: AbstractSet[str] = frozenset()) -> float:
    """The share of a sentence's content words that stand in evidence in the same order.

    Stems that the place of the evidence lends it ('GANs › Mode collapse') do not count. The same
    words in another order may say something else: 'in a language developed by Weizenbaum' of
    'Weizenbaum developed ELIZA … in a language called MAD-SLIP'.
    """
    wanted = [each for each in ordered_stems(sentence) if each not in lent]
    if not wanted:
        return 0.0
    return _longest_common(wanted, ordered_stems(evidence)) / len(wanted)


def _longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for each in one:
        before = 0
        for place, found in enumerate(other, start=1):
            above = row[place]
            row[place] = before + 1 if each == found else max(above, row[place - 1])
            before = above
    return row[-1]
