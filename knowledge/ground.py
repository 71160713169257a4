"""Which evidence supports a sentence, if any. Pure: no model, no store.

A sentence may be shown as fact when its words are covered by a few evidence sentences, each of its
names stands in them, and each of its numbers stands in one that speaks of the same subject. Names
and numbers are what small models invent: 'GPT-4 has 175 billion parameters' drawn from 'GPT-3,
with 175 billion parameters' fails on the name, 'Joseph Weizenbaum, 1966' from nowhere on both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.basis import EvidenceSentence
from knowledge.closeness import closeness
from knowledge.said import said
from knowledge.types import Verdict
from knowledge.words import content_stems, names, numbers, written

# Words of a draft that speak about the passages rather than about the subject.
_ABOUT_PASSAGES = content_stems(
    "passage passages text document mentioned mentions stated states provided describes described"
    " according information context question answer explains"
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|cannot|neither|nor|without|lacks?|lacking|fails?|unable|unlike)\b|n['’]t\b",
    re.IGNORECASE,
)
# Where a sentence turns to another subject: 'VAEs …, while GANs …'.
_TURN = re.compile(r",?\s+(?:while|whereas|but|unlike)\s+|;\s+", re.IGNORECASE)
_MOST_SUPPORT = 3
# Names and numbers are what counts; words that the question brought along are the frame.
_DETAIL = 2.0
_ECHO = 0.4


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares of a sentence's weighted words that its evidence must cover."""

    supported: float = 0.62
    partly: float = 0.40
    # The share of a sentence's words that evidence with one of its numbers must speak of.
    same_subject: float = 0.34


@dataclass(frozen=True, slots=True)
class Grounding:
    """A sentence's verdict with the evidence for it, best first, and the reason in words."""

    verdict: Verdict
    support: tuple[EvidenceSentence, ...]
    coverage: float
    reason: str
    # The share of its content words that one sentence of the support has in the same order.
    close: float = 0.0


@dataclass(frozen=True, slots=True)
class _Clause:
    """A part of a claim with one subject: what its names and numbers are said of."""

    subject: str | None
    names: tuple[str, ...]
    numbers: frozenset[float]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A sentence of a draft: its stems with their weights, its clauses, whether it is negated."""

    weights: dict[str, float]
    clauses: tuple[_Clause, ...]
    negated: bool


def ground(
    sentence: str,
    evidence: Sequence[EvidenceSentence],
    *,
    question: str = "",
    thresholds: Thresholds = Thresholds(),
    most: int = _MOST_SUPPORT,
) -> Grounding:
    """The verdict on one sentence of a draft; words that only echo the question weigh little.

    At most `most` evidence sentences support it together.
    """
    claim = _claim(sentence, question)
    if not claim.weights:
        return Grounding(Verdict.UNSUPPORTED, (), 0.0, said("it says nothing that can be checked"))
    support = _best_support(claim, evidence, most=most)
    if not support:
        return Grounding(Verdict.UNSUPPORTED, (), 0.0, said("no evidence shares its words"))
    verdict, reason = _judged(claim, support, thresholds)
    # 'ChatGPT can count letters' is not near 'Counting letters is hard', whatever else speaks of
    # ChatGPT.
    near = (each for each in support if _about(claim.clauses[0], each))
    close = max(
        (closeness(sentence, each.text, lent=each.around_stems - each.stems) for each in near),
        default=0.0,
    )
    return Grounding(verdict, support, _coverage(claim, support), reason, close)


def _claim(sentence: str, question: str) -> _Claim:
    detailed = content_stems(" ".join(names(sentence))) | {
        each for each in content_stems(sentence) if each[0].isdigit()
    }
    echoed = content_stems(question) - detailed
    weights = {
        each: _DETAIL if each in detailed else _ECHO if each in echoed else 1.0
        for each in content_stems(sentence) - _ABOUT_PASSAGES
    }
    return _Claim(weights, tuple(_clauses(sentence)), bool(_NEGATION.search(sentence)))


def _clauses(sentence: str) -> Iterator[_Clause]:
    subject: str | None = None
    for part in _TURN.split(sentence):
        mentioned = names(part)
        subject = mentioned[0] if mentioned else subject
        yield _Clause(subject, mentioned, numbers(part))


def _judged(
    claim: _Claim, support: Sequence[EvidenceSentence], thresholds: Thresholds
) -> tuple[Verdict, str]:
    problem = _problem(claim, support, thresholds)
    if problem is not None:
        return Verdict.UNSUPPORTED, problem
    coverage = _coverage(claim, support)
    share = said(f"{coverage:.0%} of its words stand in the evidence")
    if coverage < thresholds.partly:
        return Verdict.UNSUPPORTED, share
    if coverage < thresholds.supported:
        return Verdict.PARTLY, share
    if len(support) == 1 and claim.negated != bool(_NEGATION.search(support[0].text)):
        return Verdict.CONTRADICTED, said("one of the two is negated, the other is not")
    return Verdict.SUPPORTED, share


def _best_support(
    claim: _Claim, evidence: Sequence[EvidenceSentence], *, most: int
) -> tuple[EvidenceSentence, ...]:
    """Greedily the sentence that covers most, then those that add to it."""
    chosen: list[EvidenceSentence] = []
    gained = 0.0
    while len(chosen) < most:
        best, gain = None, gained
        for each in evidence:
            if each in chosen:
                continue
            value = _value(claim, [*chosen, each])
            if value > gain + 1e-9:
                best, gain = each, value
        # A further citation must be worth reading: more than a stray word.
        if best is None or (chosen and gain - gained < 0.12):
            break
        chosen.append(best)
        gained = gain
    return tuple(chosen)


def _value(claim: _Claim, support: Sequence[EvidenceSentence]) -> float:
    """Coverage, with what names and numbers add; earlier (better) evidence wins ties."""
    wanted: list[str | float] = [
        *(name for clause in claim.clauses for name in clause.names),
        *(number for clause in claim.clauses for number in clause.numbers),
    ]
    held = sum(any(_holds(each, detail) for each in support) for detail in wanted)
    return _coverage(claim, support) + 0.5 * held / max(1, len(wanted))


def _coverage(claim: _Claim, support: Sequence[EvidenceSentence]) -> float:
    """The weighted share of the claim's stems that stand in its support; around it, half."""
    direct = frozenset().union(*(each.stems for each in support))
    around = frozenset().union(*(each.around_stems for each in support))
    covered = sum(
        weight * (1.0 if stem in direct else 0.5 if stem in around else 0.0)
        for stem, weight in claim.weights.items()
    )
    return covered / sum(claim.weights.values())


def _holds(evidence: EvidenceSentence, detail: str | float) -> bool:
    """Whether a name or a number stands in the sentence itself."""
    if isinstance(detail, str):
        return detail in evidence.plain
    return detail in evidence.numbers


def _problem(
    claim: _Claim, support: Sequence[EvidenceSentence], thresholds: Thresholds
) -> str | None:
    """The first name or number of the claim that its support does not vouch for."""
    for clause in claim.clauses:
        for name in clause.names:
            if not any(
                (name in each.plain or name in each.around_plain) and _about(clause, each)
                for each in support
            ):
                return said(f"'{name.strip()}' does not stand in the evidence in this connection")
        for number in sorted(clause.numbers):
            holders = [each for each in support if number in each.numbers]
            if not holders:
                return said(f"the number {written(number)} does not stand in the evidence")
            if not any(
                _about(clause, each) and _coverage(claim, [each]) >= thresholds.same_subject
                for each in holders
            ):
                return said(f"the number {written(number)} stands there about something else")
    return None


def _about(clause: _Clause, evidence: EvidenceSentence) -> bool:
    """Whether evidence speaks of the clause's subject, itself or by what stands around it."""
    subject = clause.subject
    return subject is None or subject in evidence.plain or subject in evidence.around_plain
