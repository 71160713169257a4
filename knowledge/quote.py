"""The one evidence sentence that answers a question, for when the model's own words fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.ground import EvidenceSentence
from knowledge.rerank import Reranker
from knowledge.words import names

# A cross-encoder's logit above which a sentence by itself is taken to answer: about .88 as a
# probability. A quote is shown as the answer, so that nearly relevant is not enough.
_SURE = 2.0
_MOST = 32


@dataclass(frozen=True, slots=True)
class Quoter:
    """Picks the sentence to quote."""

    reranker: Reranker

    def best(self, question: str, evidence: Sequence[EvidenceSentence]) -> EvidenceSentence | None:
        """The sentence that answers best, or None where none surely does.

        It must hold, or stand under, every name that the question asks about.
        """
        asked = names(question)
        fit = [
            each
            for each in evidence[:_MOST]
            if all(name in each.plain or name in each.around_plain for name in asked)
        ]
        if not fit:
            return None
        scores = self.reranker.score(question, [f"{each.place}\n{each.text}" for each in fit])
        best = int(scores.argmax())
        return fit[best] if scores[best] >= _SURE else None
