"""Passages that say nearly the same as a better one. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.types import Evidence

_WORD = re.compile(r"\w+")


def without_duplicates(
    evidence: Sequence[Evidence], *, k: int, likeness: float = 0.85
) -> list[Evidence]:
    """The first `k` whose words are not nearly all those of a better one (Jaccard)."""
    kept: list[Evidence] = []
    words: list[frozenset[str]] = []
    for each in evidence:
        mine = frozenset(_WORD.findall(each.passage.text.lower()))
        if any(len(mine & other) >= likeness * max(1, len(mine | other)) for other in words):
            continue
        kept.append(each)
        words.append(mine)
        if len(kept) == k:
            break
    return kept
