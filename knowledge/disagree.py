"""Two documents that say different things about the same: both are shown. Pure.

Only figures are compared. Whether two sentences of words disagree needs reading; that one gives
175 billion parameters and the other 1.75 billion can be seen.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from knowledge.basis import EvidenceSentence
from knowledge.quote import Scored, tells
from knowledge.words import content_stems, names, numbers

# A cross-encoder's logit from which a sentence speaks to the question.
_SPEAKS = 0.0
# Of the words of the shorter one, figures aside, the share that both have.
_ALIKE = 0.55
# A figure, its scale, and the word after it, which says what it counts.
_FIGURE = re.compile(
    r"(?<![\w.,-])\d[\d,.]*(?:\s+(?:thousand|million|billion|trillion)\b)?"
    r"(?:\s*%|[\s-]+(?P<unit>[^\W\d_]+))?"
)


def rivals(
    question: str, sentences: Sequence[Scored]
) -> tuple[EvidenceSentence, EvidenceSentence] | None:
    """The best two sentences of different documents whose figures for the question differ."""
    wanted = names(question)
    speaking = sorted(
        (
            each
            for each in sentences
            if each.score >= _SPEAKS
            and tells(each.sentence)
            and all(
                name in each.sentence.plain or name in each.sentence.around_plain for name in wanted
            )
        ),
        key=lambda each: -each.score,
    )
    for one, other in itertools.combinations([each.sentence for each in speaking], 2):
        if one.passage.document_id != other.passage.document_id and _differ(one, other):
            return one, other
    return None


def _differ(one: EvidenceSentence, other: EvidenceSentence) -> bool:
    words, others = (
        {each for each in sentence.stems if not each[0].isdigit()} for sentence in (one, other)
    )
    if len(words & others) < _ALIKE * min(len(words), len(others)):
        return False
    mine, theirs = dict(_figures(one.text)), dict(_figures(other.text))
    return any(
        not mine[unit] & theirs[unit] for unit in mine.keys() & theirs.keys()
    ) and not _same_figures(one, other)


def _same_figures(one: EvidenceSentence, other: EvidenceSentence) -> bool:
    """Whether either has no figure of its own: it may only say less."""
    return not (one.numbers - other.numbers and other.numbers - one.numbers)


def _figures(text: str) -> Iterator[tuple[str, frozenset[float]]]:
    """What is counted, with the figures for it; the year of a date counts as 'year'."""
    found: dict[str, frozenset[float]] = {}
    for match in _FIGURE.finditer(text):
        figure = (
            match[0] if match["unit"] is None else match[0][: match.start("unit") - match.start()]
        )
        values = numbers(figure)
        unit = _unit(match, values)
        if values and unit:
            found[unit] = found.get(unit, frozenset()) | values
    return iter(found.items())


def _unit(match: re.Match[str], values: frozenset[float]) -> str:
    if "%" in match[0]:
        return "%"
    if match[0].strip()[:4].isdigit() and all(1900 <= each <= 2100 for each in values):
        return "year"
    stems = content_stems(match["unit"] or "")
    return next(iter(stems), "")
