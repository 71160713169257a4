"""A question's misspelt words, put right by the words of the library itself.

A word that no document uses, but that is a slip of the hand away from one that some do, is read as
that one ('trasnformer'). Names nobody has written of stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from knowledge.words import stem

if TYPE_CHECKING:
    from knowledge.library import Library

_WORD = re.compile(r"[^\W\d_]+")
# Shorter words have too many neighbours.
_SHORTEST = 5
_LONG_WORD = 9
_LONG = 2
_TRIED = 5
# Of chat's own spellings those that stand for one plain word.
_CHAT = {
    "bc": "because",
    "diff": "difference",
    "gonna": "going to",
    "pic": "picture",
    "pics": "pictures",
    "ppl": "people",
    "pls": "please",
    "plz": "please",
    "r": "are",
    "shud": "should",
    "thru": "through",
    "u": "you",
    "ur": "your",
    "vs": "versus",
    "wat": "what",
    "whats": "what is",
    "wht": "what",
    "y": "why",
}


def candidates(question: str) -> tuple[str, ...]:
    """The words that may be misspelt: long enough, and not written as a name is."""
    found = (match[0] for match in _WORD.finditer(question))
    return tuple(dict.fromkeys(word for word in found if len(word) >= _SHORTEST and word.islower()))


def plain_words(question: str) -> str:
    """The question with chat's spellings written out."""
    return _WORD.sub(lambda match: _CHAT.get(match[0], match[0]), question)


def corrected(question: str, right: Mapping[str, str]) -> str:
    """The question with each misspelt word replaced by the right one."""
    return _WORD.sub(lambda match: right.get(match[0], match[0]), question)


class Speller:
    """Puts questions right by what the live documents of their scopes say.

    Words that `ordinary` knows are meant as they stand, whether or not the documents use them.
    """

    def __init__(self, library: Library, *, ordinary: Callable[[str], bool]) -> None:
        self._library = library
        self._ordinary = ordinary
        self._known: tuple[str, Mapping[str, int]] = ("", {})

    def __call__(self, question: str, *, scopes: Sequence[str]) -> str:
        """The question as it was most likely meant."""
        question = plain_words(question)
        right = {
            word: found for word in candidates(question) if (found := self._right(word, scopes))
        }
        return corrected(question, right) if right else question

    def _right(self, word: str, scopes: Sequence[str]) -> str:
        """What a word was meant to be; '' where it may stay."""
        catalog = self._library.catalog
        if catalog.uses(word, scopes=scopes) or self._ordinary(stem(word)) or self._ordinary(word):
            return ""
        for term in likely(word, self._stems())[:_TRIED]:
            # Of these scopes only: another guild's words must not show.
            text = catalog.holding(term, scopes=scopes)
            words = sorted(set(_WORD.findall(text.lower())))
            near = [each for each in words if is_slip(word, each)]
            if near:
                # Letters are left out more often than put in.
                return str(min(near, key=lambda each: (distance(word, each, most=2), -len(each))))
        return ""

    def _stems(self) -> Mapping[str, int]:
        version = self._library.version
        if self._known[0] != version:
            self._known = version, self._library.catalog.words()
        return self._known[1]


def likely(word: str, known: Mapping[str, int]) -> list[str]:
    """The stems that `word` may be a slip of, the likeliest first: fewest slips, then most used.

    Wider than `is_slip`: a slip can change how a word is stemmed.
    """
    mine = stem(word)
    found = [
        (distance(mine, other, most=_LONG), -uses, other)
        for other, uses in known.items()
        if abs(len(other) - len(mine)) <= _LONG
        and other[:1] == mine[:1]
        and len(other) >= _SHORTEST - 1
        and distance(mine, other, most=_LONG) <= (_LONG if len(mine) > _SHORTEST else 1)
    ]
    return [other for _, _, other in sorted(found)]


def is_slip(word: str, other: str) -> bool:
    """Whether one word is a slip of the other: one letter, or two in a long word."""
    most = _LONG if len(word) >= _LONG_WORD else 1
    return len(other) >= _SHORTEST - 1 and 0 < distance(word, other, most=most) <= most


def distance(first: str, second: str, *, most: int) -> int:
    """Slips between two words: letters added, left out, changed, or two swapped.

    Optimal string alignment (Damerau 1964); anything above `most` is given as `most` + 1.
    """
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        before, last, row = row, before, [i]
        for j, b in enumerate(second, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
