"""A statement held against the library: each sentence with what the documents say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.cite import Citations
from knowledge.errors import UsageError
from knowledge.ground import EvidenceSentence, Grounding, evidence_sentences, ground
from knowledge.library import SHARED
from knowledge.retrieve import Retriever
from knowledge.sentences import split_sentences
from knowledge.types import Citation, Evidence, Sentence, Verdict

MAX_SENTENCES = 40
_PASSAGES = 8


@dataclass(frozen=True, slots=True)
class Checked:
    """One sentence with its verdict and the evidence for or against it."""

    text: str
    grounding: Grounding

    @property
    def score(self) -> float:
        """How far the evidence covers the sentence, from 0 to 1; 0 where it speaks against it."""
        if self.grounding.verdict is Verdict.CONTRADICTED:
            return 0.0
        return min(1.0, self.grounding.coverage)


class Checker:
    """Checks statements against a library."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

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
        if document_id is None:
            return tuple(
                self._one(
                    span.text, self._retriever.retrieve(span.text, k=_PASSAGES, scopes=scopes)
                )
                for span in spans
            )
        evidence = self._retriever.document(document_id, scopes=scopes)
        return tuple(self._one(span.text, evidence) for span in spans)

    def _one(self, sentence: str, evidence: Sequence[Evidence]) -> Checked:
        basis: tuple[EvidenceSentence, ...] = evidence_sentences(evidence)
        return Checked(sentence, ground(sentence, basis))


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
