"""Questions tried on a library as it would be, before anybody else is answered from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.pipeline import Model, Pipeline
from knowledge.basis import evidence_sentences
from knowledge.quote import scored, surest
from knowledge.said import said
from knowledge.types import Answer, Evidence

_PASSAGES = 4


@dataclass(frozen=True, slots=True)
class Tried:
    """A question with what would be said; `by_model` is False where a document is quoted as it is.

    `text` is empty where nothing would be said; `reason` then says why.
    """

    question: str
    text: str
    reason: str
    documents: tuple[str, ...]
    by_model: bool

    @property
    def answered(self) -> bool:
        """Whether anything would be said."""
        return bool(self.text)


def tried(
    question: str, pipeline: Pipeline, *, scopes: Sequence[str], model: Model, seconds: float
) -> Tried:
    """What would be said to a question: by the model where it has time, else as a quote."""
    answer = model(
        lambda stop: pipeline.answerer.answer(question, scopes=scopes, stop=stop), seconds=seconds
    )
    if answer is not None:
        return _composed(question, answer)
    evidence = pipeline.retriever.retrieve(question, k=_PASSAGES, scopes=scopes)
    return quoted(question, evidence, pipeline)


def quoted(question: str, evidence: Sequence[Evidence], pipeline: Pipeline) -> Tried:
    """The sentence of the evidence that answers by itself, or comes nearest to it."""
    sentences = evidence_sentences(evidence)
    if not sentences:
        return Tried(question, "", said("Nothing is found for it."), (), by_model=False)
    ranked = scored(question, sentences, reranker=pipeline.reranker)
    nearest = max(ranked, key=lambda each: each.score).sentence
    found = next(iter(surest(question, ranked)), nearest)
    return Tried(question, found.text, "", (found.passage.document_id,), by_model=False)


def _composed(question: str, answer: Answer) -> Tried:
    documents = dict.fromkeys(each.document_id for each in answer.citations)
    said = " ".join(each.text for each in answer.sentences if each.supported)
    return Tried(question, said, answer.reason, tuple(documents), by_model=True)
