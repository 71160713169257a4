"""Evidence to the few sentences that the model reads: a short prompt is a quick answer.

On two cores the model reads 140 to 190 tokens a second, so that every passage that is left out of
the prompt is half a second less to wait. Sentences are chosen by what they mean, not by shared
words alone ('Which ethical problems …' is answered by 'Bias: …'); a list stays whole, since half a
list is a wrong answer to the question that asks for it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.embed import Embedder
from knowledge.sentences import split_sentences
from knowledge.types import Evidence
from knowledge.words import content_stems

_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])\s")
# A list longer than this is cut like other text.
_WHOLE_LIST_WORDS = 80
# What holding all of the question's words is worth in cosine.
_SHARED = 0.2
# What a unit's neighbours lend it: an answer seldom stands in one sentence alone.
_NEIGHBOUR = 0.25
# What the best passage is ahead of the second in cosine, and so on: the ranking read more.
_RANK = 0.06


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
    question: str, evidence: Sequence[Evidence], *, embedder: Embedder, words: int
) -> tuple[Excerpt, ...]:
    """Excerpts of together about `words` words, in the order of the evidence."""
    units = [
        unit
        for index, each in enumerate(evidence)
        for unit in _units(each.passage.text, passage=index)
    ]
    if sum(unit.words for unit in units) > words:
        units = _best(question, evidence, units, embedder=embedder, words=words)
    excerpts = []
    for index, each in enumerate(evidence):
        mine = [unit for unit in units if unit.passage == index]
        if mine:
            excerpts.append(Excerpt(each, _joined(each.passage.text, mine)))
    return tuple(excerpts)


def _units(text: str, *, passage: int) -> list[_Unit]:
    units: list[_Unit] = []
    run: list[_Unit] = []
    for span in split_sentences(text):
        line = text.rfind("\n", 0, span.start) + 1
        item = bool(_ITEM.match(text[line : span.end]))
        # An item's marker stands before its first sentence and belongs to it.
        marked = item and not text[line : span.start].strip(" \t-*•.)0123456789")
        unit = _Unit(passage, line if marked else span.start, span.end, len(span.text.split()))
        if not (item and run):
            units.extend(_whole(run))
            run = []
        # A line that ends in a colon introduces the list after it.
        if item or span.text.endswith(":"):
            run.append(unit)
        else:
            units.append(unit)
    units.extend(_whole(run))
    return units


def _whole(run: list[_Unit]) -> list[_Unit]:
    """A list as one unit where it is short, else its items."""
    words = sum(unit.words for unit in run)
    if not run or words > _WHOLE_LIST_WORDS:
        return run
    return [_Unit(run[0].passage, run[0].start, run[-1].end, words)]


def _best(
    question: str,
    evidence: Sequence[Evidence],
    units: Sequence[_Unit],
    *,
    embedder: Embedder,
    words: int,
) -> list[_Unit]:
    texts = [evidence[unit.passage].passage.text[unit.start : unit.end] for unit in units]
    likeness = embedder.embed_documents(texts) @ embedder.embed_query(question)
    value = _smoothed(likeness + _SHARED * _shared(question, texts), units)
    chosen: set[int] = set()
    left = words
    for index in np.argsort(-value, kind="stable"):
        if units[index].words <= left or not chosen:
            chosen.add(int(index))
            left -= units[index].words
        if left < 10:
            break
    return [unit for index, unit in enumerate(units) if index in chosen]


def _shared(question: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """The share of the question's content words that each text holds."""
    wanted = content_stems(question)
    shares = [len(wanted & content_stems(text)) / max(1, len(wanted)) for text in texts]
    return np.array(shares, dtype=np.float32)


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
