"""A question's misspelt words, put right by the words of the library itself.

A word that no document uses, but that is a slip of the hand away from one that some do, is read as
that one ('trasnformer'). Names nobody has written of stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from knowledge.chat import plain_words
from knowledge.compounds import compounded
from knowledge.language import language
from knowledge.variants import variants
from knowledge.words import stem

if TYPE_CHECKING:
    from knowledge.library import Library

_WORD = re.compile(r"[^\W\d_]+")
# Shorter words have too many neighbours.
_SHORTEST = 5
_LONG_WORD = 9
_LONG = 2
_TRIED = 5
# Names are put right only where they are long and a single slip away.
_NAME = 7
_FORMS = 5


def candidates(question: str) -> tuple[str, ...]:
    """The words that may be misspelt: long enough, and not written as a name is."""
    found = (match[0] for match in _WORD.finditer(question))
    plain = (word for word in found if word.islower() and word.isascii())
    return tuple(dict.fromkeys(word for word in plain if len(word) >= _SHORTEST))


def named_candidates(question: str) -> tuple[str, ...]:
    """The long words that are written as a name is: 'Goodfelow'."""
    found = (match[0] for match in _WORD.finditer(question))
    return tuple(dict.fromkeys(word for word in found if len(word) >= _NAME and word.istitle()))


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
        """The question as it was most likely meant; as it is where it is not in English."""
        plain = plain_words(question)
        if language(plain) != "English":
            return question
        question = compounded(
            plain,
            known=self._stems(),
            kept=lambda word: self._known_well(word, scopes),
            held=lambda phrase: self._library.catalog.quoting(phrase, scopes=scopes, limit=_FORMS),
        )
        right = {
            word: found for word in candidates(question) if (found := self._right(word, scopes))
        }
        right |= {
            word: found
            for word in named_candidates(question)
            if (found := self._name(word, scopes))
        }
        return corrected(question, right) if right else question

    def _known_well(self, word: str, scopes: Sequence[str]) -> bool:
        ordinary = self._ordinary(word) or self._ordinary(stem(word))
        return ordinary or self._library.catalog.uses(word, scopes=scopes)

    def _right(self, word: str, scopes: Sequence[str]) -> str:
        """What a word was meant to be; '' where it may stay."""
        if self._known_well(word, scopes):
            return ""
        if word.endswith("in") and self._known_well(f"{word}g", scopes):
            return f"{word}g"
        for words in self._near(word, scopes):
            near = {each.lower() for each in words if is_slip(word, each.lower())}
            if near:
                # Letters are left out more often than put in.
                return min(
                    sorted(near), key=lambda each: (distance(word, each, most=2), -len(each))
                )
        return ""

    def _name(self, word: str, scopes: Sequence[str]) -> str:
        """What a name was meant to be: one that is only ever written as one; '' for none."""
        if self._known_well(word.lower(), scopes):
            return ""
        for words in self._near(word.lower(), scopes):
            near = [each for each in words if distance(word, each, most=1) == 1]
            if near and not any(each.lower() in words for each in near):
                return near[0]
        return ""

    def _near(self, word: str, scopes: Sequence[str]) -> Iterator[list[str]]:
        """Words of a passage for each stem that may have been meant, likeliest first."""
        terms = [
            term
            for each in (word, *variants(word))
            for term in likely(each, self._stems())[:_TRIED]
        ]
        for term in dict.fromkeys(terms):
            # Of these scopes only: another guild's words must not show.
            text = self._library.catalog.holding(term, scopes=scopes)
            yield sorted(set(_WORD.findall(text)))

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
