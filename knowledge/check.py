"""A statement held against the library: each sentence with what the documents say of it.

Where the model's state can be read (knowledge/stance.py) it decides, and the best sentences by the
cross-encoder are quoted; elsewhere the words alone do (knowledge/ground.py), which cannot tell a
statement from its opposite. A number that stands nowhere in the passages is not supported at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.basis import evidence_sentences
from knowledge.cite import Citations
from knowledge.errors import UsageError
from knowledge.ground import Grounding, ground
from knowledge.library import SHARED
from knowledge.retrieve import Retriever
from knowledge.said import said
from knowledge.sentences import split_sentences
from knowledge.stance import Stance, StanceReader
from knowledge.types import Citation, Evidence, Sentence, Verdict
from knowledge.words import numbers, written

MAX_SENTENCES = 40
_PASSAGES = 8
# Probabilities from which a statement counts as supported or as contradicted; chosen so that of the
# contradicted ones no more than 8 % pass for supported (tests/evals/claims.py).
_SUPPORTED = 0.65
_CONTRADICTED = 0.5
_QUOTED = 2
_REASONS = {
    Verdict.SUPPORTED: said("the passages say so"),
    Verdict.CONTRADICTED: said("the passages say otherwise"),
    Verdict.UNSUPPORTED: said("the passages do not say so"),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One sentence with its verdict and the evidence for or against it."""

    text: str
    grounding: Grounding
    stance: Stance | None = None

    @property
    def score(self) -> float:
        """How likely the evidence says so, else how far it covers the words: from 0 to 1."""
        if self.stance is not None:
            return self.stance.supported
        if self.grounding.verdict is Verdict.CONTRADICTED:
            return 0.0
        return min(1.0, self.grounding.coverage)


class Checker:
    """Checks statements against a library."""

    def __init__(self, retriever: Retriever, *, reader: StanceReader | None = None) -> None:
        """Take what lets the model read a statement; without it, words decide."""
        self._retriever = retriever
        self._reader = reader

    def check(
        self, text: str, *, scopes: Sequence[str] = (SHARED,), document_id: str | None = None
    ) -> tuple[Checked, ...]:
        """Each sentence's verdict, against one document or the best passages of all.

        Raises UsageError for an empty or overlong text, or a document that is not there.
        """
        spans = split_sentences(text)
        if not spans:
            raise UsageError("There is nothing to check. Give a sentence.")
        if len(spans) > MAX_SENTENCES:
            raise UsageError(
                f"The text has {len(spans)} sentences and {MAX_SENTENCES} are checked at once. "
                "Give a shorter one."
            )
        found = self._retriever
        if document_id is None:
            return tuple(
                self._one(span.text, found.retrieve(span.text, k=_PASSAGES, scopes=scopes))
                for span in spans
            )
        evidence = found.document(document_id, scopes=scopes)
        return tuple(
            self._one(span.text, found.best(span.text, evidence, k=_PASSAGES)) for span in spans
        )

    def _one(self, sentence: str, evidence: Sequence[Evidence]) -> Checked:
        basis = evidence_sentences(evidence)
        worded = ground(sentence, basis)
        if not basis or self._reader is None:
            return Checked(sentence, worded)
        stance, nearest = self._reader.read(sentence, evidence, basis)
        if stance is None:
            return Checked(sentence, worded)
        verdict = concluded(stance, worded=worded.verdict)
        absent = sorted(numbers(sentence) - frozenset().union(*(each.numbers for each in basis)))
        if verdict is Verdict.SUPPORTED and absent:
            number = absent[0]
            reason = said(f"the number {written(number)} does not stand in the evidence")
            return Checked(sentence, replace(worded, verdict=Verdict.PARTLY, reason=reason), stance)
        if verdict is worded.verdict:
            return Checked(sentence, worded, stance)
        grounding = replace(
            worded,
            verdict=verdict,
            support=nearest[:_QUOTED],
            reason=_REASONS.get(verdict, worded.reason),
        )
        return Checked(sentence, grounding, stance)


def concluded(stance: Stance, *, worded: Verdict) -> Verdict:
    """The verdict on a statement by what the model's state says of it and what its words do."""
    if stance.supported >= _SUPPORTED:
        return Verdict.SUPPORTED
    if stance.contradicted >= _CONTRADICTED:
        return Verdict.CONTRADICTED
    return Verdict.UNSUPPORTED if worded is Verdict.UNSUPPORTED else Verdict.PARTLY


def cited(checked: Sequence[Checked]) -> tuple[tuple[Sentence, tuple[Citation, ...]], ...]:
    """Checked sentences with numbered quotes, also of what speaks against them."""
    citations = Citations()
    found = []
    telling = (Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.PARTLY)
    for each in checked:
        support = each.grounding.support if each.grounding.verdict in telling else ()
        numbers = tuple(citations.number(evidence) for evidence in support)
        quotes = tuple(quote for quote in citations.listed() if quote.n in numbers)
        sentence = Sentence(each.text, numbers, each.grounding.verdict, each.grounding.reason)
        found.append((sentence, quotes))
    return tuple(found)
