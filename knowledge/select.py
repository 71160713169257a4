"""Evidence to the few sentences that the model reads: a short prompt is a quick answer.

On two cores the model reads about 260 tokens a second, so that every passage that is left out of
the prompt is a third of a second less to wait. The cross-encoder's scores of the single sentences
choose what stays; a list stays whole, since half a list is a wrong answer to whoever asks for it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.planted import planted_in
from knowledge.quote import Scored
from knowledge.sentences import split_sentences
from knowledge.types import Evidence, Passage

_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])\s")
# A list longer than this is cut like other text.
_WHOLE_LIST_WORDS = 80
# What a unit's neighbours lend it: an answer seldom stands in one sentence alone.
_NEIGHBOUR = 0.25
# What is so much less likely to answer than the best is left out, though there be room for it. On
# the development questions (tests/evals/development.jsonl) 129 words are read rather than 230, and
# none of the 252 sentences that answer is lost; a margin of 6 loses 1 of them, one of 4 loses 5.
_MARGIN = 8.0
# What each passage's rank takes from its units' logits: the ranking has read the whole passage.
_RANK = 0.5


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What the model reads of one passage: whole sentences, in their order."""

    evidence: Evidence
    text: str


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence or a whole list: what is taken or left."""

    passage: int
    start: int
    end: int
    words: int


def select(
    evidence: Sequence[Evidence], sentences: Sequence[Scored], *, words: int
) -> tuple[Excerpt, ...]:
    """Excerpts of together at most about `words` words, in the order of the evidence."""
    units = [
        unit for index, each in enumerate(evidence) for unit in _units(each.passage, passage=index)
    ]
    if units:
        units = _best(evidence, sentences, units, words=words)
    excerpts = []
    for index, each in enumerate(evidence):
        mine = [unit for unit in units if unit.passage == index]
        if mine:
            excerpts.append(Excerpt(each, _joined(each.passage.text, mine)))
    return tuple(excerpts)


def _units(read: Passage, *, passage: int) -> list[_Unit]:
    text = read.text
    units: list[_Unit] = []
    run: list[_Unit] = []
    asks = False
    orders = {span.start for span in planted_in(text, under=read.location.headings)}
    for span in split_sentences(text):
        if span.start in orders:
            units.extend(_whole(run))
            run, asks = [], False
            continue
        line = text.rfind("\n", 0, span.start) + 1
        item = bool(_ITEM.match(text[line : span.end]))
        # An item's marker stands before its first sentence and belongs to it.
        marked = item and not text[line : span.start].strip(" \t-*•.)0123456789")
        unit = _Unit(passage, line if marked else span.start, span.end, len(span.text.split()))
        if not (asks or (item and run)):
            units.extend(_whole(run))
            run = []
        # A colon introduces the list after it, a question the answer after it.
        introduces = span.text.endswith((":", "?"))
        if item or introduces or asks:
            run.append(unit)
        else:
            units.append(unit)
        asks = span.text.endswith("?")
    units.extend(_whole(run))
    return units


def _whole(run: list[_Unit]) -> list[_Unit]:
    """A list as one unit where it is short, else its items."""
    words = sum(unit.words for unit in run)
    if not run or words > _WHOLE_LIST_WORDS:
        return run
    return [_Unit(run[0].passage, run[0].start, run[-1].end, words)]


def _best(
    evidence: Sequence[Evidence],
    sentences: Sequence[Scored],
    units: Sequence[_Unit],
    *,
    words: int,
) -> list[_Unit]:
    score = {(each.sentence.passage.id, each.sentence.start): each.score for each in sentences}
    lowest = min(score.values(), default=0.0)

    def value(unit: _Unit) -> float:
        passage = evidence[unit.passage].passage.id
        inside = [
            found
            for (holder, start), found in score.items()
            if holder == passage and unit.start <= start < unit.end
        ]
        return max(inside, default=lowest)

    values = _smoothed(np.array([value(unit) for unit in units], dtype=np.float32), units)
    chosen: set[int] = set()
    left = words
    for index in np.argsort(-values, kind="stable"):
        if values[index] < values.max() - _MARGIN:
            break
        if units[index].words <= left or not chosen:
            chosen.add(int(index))
            left -= units[index].words
        if left < 10:
            break
    return [unit for index, unit in enumerate(units) if index in chosen]


def _smoothed(likeness: NDArray[np.float32], units: Sequence[_Unit]) -> NDArray[np.float32]:
    value = likeness.copy()
    for index, unit in enumerate(units):
        near = [
            likeness[other]
            for other in (index - 1, index + 1)
            if 0 <= other < len(units) and units[other].passage == unit.passage
        ]
        if near:
            value[index] += _NEIGHBOUR * (max(near) - likeness[index])
        value[index] -= _RANK * unit.passage
    return np.asarray(value, dtype=np.float32)


def _joined(text: str, units: Sequence[_Unit]) -> str:
    """The units' text; an ellipsis stands for what is left out between them."""
    parts = [text[units[0].start : units[0].end]]
    for before, unit in itertools.pairwise(units):
        gap = text[before.end : unit.start]
        parts.append((gap if not gap.strip(" \n-*•") else " … ") + text[unit.start : unit.end])
    return "".join(parts)
