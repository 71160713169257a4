"""Which evidence supports a sentence, if any. Pure: no model, no store.

A sentence may be shown as fact when its words are covered by a few evidence sentences, each of its
names stands in them, and each of its numbers stands in one that speaks of the same subject. Names
and numbers are what small models invent: 'GPT-4 has 175 billion parameters' drawn from 'GPT-3,
with 175 billion parameters' fails on the name, 'Joseph Weizenbaum, 1966' from nowhere on both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.sentences import split_sentences
from knowledge.types import Evidence, Passage, Verdict
from knowledge.words import content_stems, names, numbers, plain

# Words of a draft that speak about the passages rather than about the subject.
_ABOUT_PASSAGES = content_stems(
    "passage passages text document mentioned mentions stated states provided describes described"
    " according information context question answer explains"
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|cannot|neither|nor|without|lacks?|lacking|fails?|unable|unlike)\b|n['’]t\b",
    re.IGNORECASE,
)
_MOST_SUPPORT = 3


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares of a sentence's weighted words that its evidence must cover."""

    supported: float = 0.62
    partly: float = 0.40
    # The share of a sentence's words that evidence with one of its numbers must speak of.
    same_subject: float = 0.34


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """A sentence of a passage with what it says, and what stands around it."""

    text: str
    passage: Passage
    start: int
    stems: frozenset[str]
    numbers: frozenset[float]
    plain: str
    around_stems: frozenset[str]
    around_plain: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """A sentence's verdict with the evidence for it, best first, and the reason in words."""

    verdict: Verdict
    support: tuple[EvidenceSentence, ...]
    coverage: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Claim:
    stems: frozenset[str]
    numbers: frozenset[float]
    names: frozenset[str]
    negated: bool


def evidence_sentences(evidence: Sequence[Evidence]) -> tuple[EvidenceSentence, ...]:
    """Every sentence of the passages. Title, headings and the sentence before lend it a subject."""
    found: list[EvidenceSentence] = []
    for each in evidence:
        place = " . ".join([each.passage.title, *each.passage.location.headings])
        before = ""
        for span in split_sentences(each.passage.text):
            around = f"{place} . {before}"
            found.append(
                EvidenceSentence(
                    text=span.text,
                    passage=each.passage,
                    start=span.start,
                    stems=content_stems(span.text),
                    numbers=numbers(span.text),
                    plain=plain(span.text),
                    around_stems=content_stems(around),
                    around_plain=plain(around),
                )
            )
            before = span.text
    return tuple(found)


def ground(
    sentence: str,
    evidence: Sequence[EvidenceSentence],
    *,
    thresholds: Thresholds = Thresholds(),
) -> Grounding:
    """The verdict on one sentence of a draft."""
    claim = _Claim(
        stems=content_stems(sentence) - _ABOUT_PASSAGES,
        numbers=numbers(sentence),
        names=names(sentence),
        negated=bool(_NEGATION.search(sentence)),
    )
    if not claim.stems:
        return Grounding(Verdict.UNSUPPORTED, (), 0.0, "it says nothing that can be checked")
    support = _best_support(claim, evidence)
    if not support:
        return Grounding(Verdict.UNSUPPORTED, (), 0.0, "no evidence shares its words")
    verdict, reason = _judged(claim, support, thresholds)
    return Grounding(verdict, support, _coverage(claim, support), reason)


def _judged(
    claim: _Claim, support: Sequence[EvidenceSentence], thresholds: Thresholds
) -> tuple[Verdict, str]:
    problem = _problem(claim, support, thresholds)
    if problem is not None:
        return Verdict.UNSUPPORTED, problem
    coverage = _coverage(claim, support)
    share = f"{coverage:.0%} of its words stand in the evidence"
    if coverage < thresholds.partly:
        return Verdict.UNSUPPORTED, share
    if coverage < thresholds.supported:
        return Verdict.PARTLY, share
    if len(support) == 1 and claim.negated != bool(_NEGATION.search(support[0].text)):
        return Verdict.CONTRADICTED, "one of the two is negated, the other is not"
    return Verdict.SUPPORTED, share


def _best_support(
    claim: _Claim, evidence: Sequence[EvidenceSentence]
) -> tuple[EvidenceSentence, ...]:
    """Greedily the sentence that covers most, then those that add to it."""
    chosen: list[EvidenceSentence] = []
    gained = 0.0
    while len(chosen) < _MOST_SUPPORT:
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
    named = sum(any(name in each.plain for each in support) for name in claim.names)
    counted = sum(any(number in each.numbers for each in support) for number in claim.numbers)
    details = len(claim.names) + len(claim.numbers)
    return _coverage(claim, support) + 0.5 * (named + counted) / max(1, details)


def _coverage(claim: _Claim, support: Sequence[EvidenceSentence]) -> float:
    """The share of the claim's stems that stand in its support; around it counts half."""
    direct = frozenset().union(*(each.stems for each in support))
    around = frozenset().union(*(each.around_stems for each in support))
    half = len((claim.stems & around) - direct) / 2
    return (len(claim.stems & direct) + half) / len(claim.stems)


def _problem(
    claim: _Claim, support: Sequence[EvidenceSentence], thresholds: Thresholds
) -> str | None:
    """The first name or number of the claim that its support does not vouch for."""
    for name in sorted(claim.names):
        if not any(name in each.plain or name in each.around_plain for each in support):
            return f"'{name.strip()}' does not stand in the evidence"
    for number in sorted(claim.numbers):
        holders = [each for each in support if number in each.numbers]
        if not holders:
            return f"the number {number:g} does not stand in the evidence"
        if not any(_same_subject(claim, each, thresholds) for each in holders):
            return f"the number {number:g} stands there about something else"
    return None


def _same_subject(claim: _Claim, holder: EvidenceSentence, thresholds: Thresholds) -> bool:
    """Whether evidence that holds a number speaks of what the claim speaks of."""
    if claim.names and not any(
        name in holder.plain or name in holder.around_plain for name in claim.names
    ):
        return False
    return _coverage(claim, [holder]) >= thresholds.same_subject
