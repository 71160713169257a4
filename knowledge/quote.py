"""How well each evidence sentence by itself answers the question, and which one to quote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.basis import EvidenceSentence
from knowledge.rerank import Reranker
from knowledge.words import content_stems, names

# A cross-encoder's logit above which a sentence by itself is taken to answer: about .82 as a
# probability. A quote is shown as the answer, so that nearly relevant is not enough.
_SURE = 1.5
# Of a quote's words, the share that the answer may hold already before it is not worth adding.
_KNOWN = 0.6
_MOST = 48
_FEWEST_WORDS = 4
_MOST_QUOTES = 3


@dataclass(frozen=True, slots=True)
class Scored:
    """An evidence sentence with the cross-encoder's logit for the question."""

    sentence: EvidenceSentence
    score: float


def scored(
    question: str, evidence: Sequence[EvidenceSentence], *, reranker: Reranker
) -> tuple[Scored, ...]:
    """The sentences of the evidence, each read with its title and headings, in their order.

    What follows a question is read with it: an FAQ's answer seldom names its subject again.
    """
    some = evidence[:_MOST]
    texts = [
        f"{each.place}\n{asked(before, each)}{each.text}"
        for before, each in zip([None, *some], some, strict=False)
    ]
    scores = reranker.score(question, texts)
    return tuple(Scored(each, float(score)) for each, score in zip(some, scores, strict=True))


def asked(before: EvidenceSentence | None, sentence: EvidenceSentence) -> str:
    """The question that a sentence directly follows, with a space behind it; '' without one."""
    if before is None or before.passage.id != sentence.passage.id or not _asks(before):
        return ""
    return f"{before.text} "


def _asks(sentence: EvidenceSentence) -> bool:
    return sentence.text.endswith("?")


def tells(sentence: EvidenceSentence) -> bool:
    """Whether a sentence of the evidence says something by itself."""
    return not sentence.text.endswith(("?", ":")) and len(sentence.text.split()) >= _FEWEST_WORDS


def surest(question: str, sentences: Sequence[Scored]) -> tuple[EvidenceSentence, ...]:
    """The few sentences that surely answer, best first; () where none does.

    Each must hold, or stand under, every name that the question asks about.
    """
    wanted = names(question)
    fit = [
        each
        for each in sentences
        if each.score >= _SURE
        and tells(each.sentence)
        and all(
            name in each.sentence.plain or name in each.sentence.around_plain for name in wanted
        )
    ]
    best = sorted(fit, key=lambda each: -each.score)[:_MOST_QUOTES]
    return tuple(each.sentence for each in best)


def adds(sentence: EvidenceSentence, text: str) -> bool:
    """Whether a quote says something that the answer's text does not."""
    known = len(sentence.stems & content_stems(text))
    return known < _KNOWN * len(sentence.stems)
