"""Golden questions asked again of a library as it would be: what would be worse than it is.

An answer that can still be proved, sentence by sentence, from what is found for its question is
as good as before, whatever words the documents now use.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.golden import Golden
from bot.permissions import reach_of
from bot.pipeline import Model, Pipeline
from bot.trial import Tried, quoted, tried
from knowledge.basis import evidence_sentences
from knowledge.errors import FootnoteError
from knowledge.ground import ground
from knowledge.said import said
from knowledge.types import Evidence, Verdict
from knowledge.words import content_stems, names, numbers

_PASSAGES = 5
# Seconds that the model may take for one question, and for all of a change.
_ONE_S, _ALL_S = 30.0, 120.0
# Of a golden answer's words, the share that a new one must hold to say the same.
_SAME = 0.6

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Regression:
    """A golden question with its answer, and what would be said after the change."""

    question: str
    was: str
    now: str
    why: str


class GoldenError(FootnoteError):
    """A change would make golden answers worse; to be confirmed."""

    def __init__(self, found: Sequence[Regression]) -> None:
        questions = "; ".join(each.question for each in found)
        super().__init__(
            said(
                f"Golden answers would become worse: {questions}. Do it anyway, or change the"
                " document first."
            )
        )
        self.found = tuple(found)


@dataclass(frozen=True, slots=True)
class Replay:
    """The library as it is and as it would be, and the model."""

    before: Pipeline
    after: Pipeline
    model: Model

    def regressions(self, golden: Sequence[Golden], *, step: Step) -> tuple[Regression, ...]:
        """Golden questions that would be answered worse; `step` is told how many are done."""
        return tuple(self._each(golden, step))

    def _each(self, golden: Sequence[Golden], step: Step) -> Iterator[Regression]:
        left = _ALL_S
        for number, one in enumerate(golden):
            step(number, len(golden))
            reach = reach_of(one.scope)
            was = self.before.retriever.retrieve(one.question, k=_PASSAGES, scopes=reach)
            now = self.after.retriever.retrieve(one.question, k=_PASSAGES, scopes=reach)
            if _texts(was) == _texts(now):
                continue
            begun = time.monotonic()
            new = self._said(one, now, seconds=min(_ONE_S, left))
            left = max(0.0, left - (time.monotonic() - begun))
            why = worse(one, proved(one, was), proved(one, now), new)
            if why:
                yield Regression(one.question, one.answer, new.text, why)
        step(len(golden), len(golden))

    def _said(self, one: Golden, now: Sequence[Evidence], *, seconds: float) -> Tried:
        if seconds <= 0:
            return quoted(one.question, now, self.after)
        reach = reach_of(one.scope)
        return tried(one.question, self.after, scopes=reach, model=self.model, seconds=seconds)


def proved(golden: Golden, evidence: Sequence[Evidence]) -> frozenset[str]:
    """The sentences of a golden answer that evidence supports."""
    basis = evidence_sentences(evidence)
    return frozenset(
        each
        for each in golden.sentences
        if basis and ground(each, basis, question=golden.question).verdict is Verdict.SUPPORTED
    )


def worse(golden: Golden, was: frozenset[str], now: frozenset[str], new: Tried) -> str:
    """Why a golden answer would be worse than it is, in words; '' where it would not."""
    if not was or same(golden, new):
        return ""
    if new.by_model and not new.answered:
        return said("It would not be answered any more.")
    lost = was - now
    if not lost:
        return ""
    first = min(lost, key=golden.sentences.index)
    return said(f"The documents would no longer say: {first}")


def same(golden: Golden, new: Tried) -> bool:
    """Whether an answer has the golden one's numbers and names, and most of its words."""
    wanted, found = content_stems(golden.answer), content_stems(new.text)
    return (
        numbers(golden.answer) <= numbers(new.text)
        and set(names(golden.answer)) <= set(names(new.text))
        and len(wanted & found) >= _SAME * len(wanted)
    )


def _texts(evidence: Sequence[Evidence]) -> list[tuple[str, str]]:
    return [(each.passage.title, each.passage.text) for each in evidence]
