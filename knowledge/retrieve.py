"""A question to evidence: vectors and keywords, fused, reranked, near-duplicates folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.acronyms import expanded
from knowledge.duplicates import without_duplicates
from knowledge.embed import Embedder
from knowledge.errors import UsageError
from knowledge.language import language, without_small_words
from knowledge.library import SHARED, Library
from knowledge.rerank import Reranker
from knowledge.sides import Side, sides
from knowledge.types import Evidence, Passage
from knowledge.words import plain

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """How candidates are found and scored; chosen on several development sets.

    A weighted sum of scores beats reciprocal-rank fusion on every set tried (Bruch et al. 2023,
    arXiv:2210.11934, find the same). Cosine and BM25 are summed as they are: scaling each to unit
    variance per question throws away how sure they are. A reranker that replaces the first stage
    hurts where text is unlike the web passages it was trained on, and blended it helps.
    """

    candidates: int = 50
    # Of a cosine (0 to 1), of a passage's and its whole document's BM25 (0 to about 40), and of
    # the reranker's logits, centred and scaled, of the first `reranked` passages; with none of
    # them, every passage's relevance is 0.
    vector: float = 5.0
    keyword: float = 1 / 30
    document: float = 1 / 30
    reranked: int = 16
    reranker: float = 0.8


# The reranker learnt from questions: what is stated rather than asked is better found by its words
# and its meaning (scientific claims gain .01 nDCG@10 by it).
STATEMENT = Weights(vector=8.0, document=1 / 20, reranked=24, reranker=0.4)
# An acronym's definition is looked for in as many passages that have it.
_DEFINING = 100
# With fewer passages than these, none gives way.
_ENOUGH = 3
_REQUESTS = frozenset(
    """
    are can compare could define describe did do does explain find give has have how is list may
    name please should show summarise summarize tell was were what when where which who whom whose
    why will would write
    """.split()
)


class Retriever:
    """Finds the passages that may answer a question."""

    def __init__(
        self,
        library: Library,
        *,
        embedder: Embedder,
        reranker: Reranker,
        weights: Weights,
        statement: Weights | None = None,
    ) -> None:
        """Take the weights for questions, and those for statements where they differ."""
        self._library = library
        self._embedder = embedder
        self._reranker = reranker
        self._weights = weights
        self._statement = statement or weights

    def retrieve(
        self, question: str, *, k: int, scopes: Sequence[str] = (SHARED,), fold: bool = True
    ) -> tuple[Evidence, ...]:
        """The `k` best passages, best first; () for an empty library.

        `fold` leaves out passages that say nearly the same as a better one.
        """
        weights = self._statement if states(question) else self._weights
        passages, similarity, first = self._candidates(question, weights, scopes=scopes)
        if not passages:
            return ()
        order = np.argsort(-first, kind="stable")
        head = order[: weights.reranked]
        logits = self._reranker.score(question, [reading(passages[index]) for index in head])
        score = first.copy()
        score[head] += weights.reranker * standardised(logits)
        # What was not reranked stays behind what was, in its own order.
        tail = order[weights.reranked :]
        if len(head) and len(tail):
            score[tail] += min(0.0, float(score[head].min() - first[tail].max()))
        lowest = float(logits.min()) if len(logits) else 0.0
        relevance = np.full(len(passages), lowest, dtype=np.float32)
        relevance[head] = logits
        ranked = [
            Evidence(
                passages[index],
                score=float(score[index]),
                relevance=float(relevance[index]),
                similarity=float(similarity[index]),
            )
            for index in np.argsort(-score, kind="stable")
        ]
        found = without_duplicates(ranked, k=k) if fold else ranked[:k]
        return tuple(self._both_sides(question, found, weights, scopes=scopes))

    def _widened(self, question: str, *, scopes: Sequence[str]) -> str:
        """The question's words to look up: acronyms spelt out as the documents of its scopes do.

        Of another language the small words are left out: 'die' and 'des' are names in English.
        A statement stays as it is: long forms cost scientific claims .02 nDCG@10 by their words.
        """
        if states(question):
            return question
        catalog = self._library.catalog
        telling = without_small_words(question, language(question))
        return expanded(
            telling, texts=lambda phrase: catalog.quoting(phrase, scopes=scopes, limit=_DEFINING)
        )

    def _both_sides(
        self, question: str, found: list[Evidence], weights: Weights, *, scopes: Sequence[str]
    ) -> list[Evidence]:
        """The passages; of a comparison, the last give way to a side's best where it has none."""
        both = () if states(question) else sides(question)
        for number, side in enumerate(both):
            if len(found) < _ENOUGH or any(tells_of(side.name, each.passage) for each in found):
                continue
            best = self._best_of(side, question, weights, scopes=scopes)
            others = [each.name for each in both[:number] + both[number + 1 :]]
            place = _last_to_spare(found, others)
            if best is not None and place is not None:
                # Behind the others, also by its score.
                best = replace(best, score=min(best.score, found[-1].score))
                found = [*found[:place], *found[place + 1 :], best]
        return found

    def _best_of(
        self, side: Side, question: str, weights: Weights, *, scopes: Sequence[str]
    ) -> Evidence | None:
        """The best passage about one side of a comparison."""
        passages, similarity, first = self._candidates(side.question, weights, scopes=scopes)
        for index in np.argsort(-first, kind="stable"):
            if tells_of(side.name, passages[index]):
                (relevance,) = self._reranker.score(question, [reading(passages[index])])
                return Evidence(
                    passages[index],
                    score=float(first[index]),
                    relevance=float(relevance),
                    similarity=float(similarity[index]),
                )
        return None

    def document(
        self, document_id: str, *, scopes: Sequence[str] = (SHARED,)
    ) -> tuple[Evidence, ...]:
        """All passages of one live document, in order; UsageError where there is no such one."""
        for scope in scopes:
            passages = self._library.passages(document_id, scope=scope)
            if passages:
                return tuple(Evidence(each, 0.0, 0.0, 0.0) for each in passages)
        raise UsageError(f"There is no document {document_id!r}. 'footnote status' lists them.")

    def best(self, text: str, evidence: Sequence[Evidence], *, k: int) -> tuple[Evidence, ...]:
        """The `k` passages of the evidence that speak most to a text, in the evidence's order."""
        if len(evidence) <= k:
            return tuple(evidence)
        scores = self._reranker.score(text, [reading(each.passage) for each in evidence])
        return tuple(evidence[index] for index in sorted(np.argsort(-scores)[:k]))

    def _candidates(
        self, question: str, weights: Weights, *, scopes: Sequence[str]
    ) -> tuple[list[Passage], Floats, Floats]:
        vector = self._embedder.embed_query(question)
        near = self._library.nearest(vector, k=weights.candidates, scopes=scopes)
        # By their words only: long forms would lead the vector away from all else that is asked.
        wide = self._widened(question, scopes=scopes)
        worded = self._library.keyword(wide, k=weights.candidates, scopes=scopes)
        # More than passages: a passage that was found may be of a document further down.
        whole = self._library.catalog.keyword_documents(
            wide, k=2 * weights.candidates, scopes=scopes
        )
        passages = list({passage.id: passage for passage, _ in [*near, *worded]}.values())
        cosine = {passage.id: value for passage, value in near}
        bm25 = {passage.id: value for passage, value in worded}
        # A passage found by its words alone has a stored vector: its cosine is exact too.
        unknown = [passage.id for passage in passages if passage.id not in cosine]
        for chunk_id, stored in self._library.catalog.vectors(unknown).items():
            cosine[chunk_id] = float(stored @ vector)
        similarity = np.array([cosine.get(each.id, 0.0) for each in passages], dtype=np.float32)
        keyword = np.array([bm25.get(each.id, 0.0) for each in passages], dtype=np.float32)
        document = np.array(
            [whole.get((each.scope, each.document_id), 0.0) for each in passages], dtype=np.float32
        )
        fused = (
            weights.vector * similarity + weights.keyword * keyword + weights.document * document
        )
        return passages, similarity, np.asarray(fused, dtype=np.float32)


def states(text: str) -> bool:
    """Whether a text is a statement: a sentence with a full stop that asks for nothing."""
    words = text.split()
    return text.endswith(".") and len(words) > 3 and words[0].lower() not in _REQUESTS


def tells_of(name: str, passage: Passage) -> bool:
    """Whether a passage names something, in its place or in its text."""
    return plain(name).rstrip() + " " in plain(reading(passage))


def _last_to_spare(found: Sequence[Evidence], names: Sequence[str]) -> int | None:
    """The last place whose passage is not the only one about any of the names."""
    for place in range(len(found) - 1, 0, -1):
        rest = [each for index, each in enumerate(found) if index != place]
        needed = (name for name in names if tells_of(name, found[place].passage))
        if all(any(tells_of(name, each.passage) for each in rest) for name in needed):
            return place
    return None


def reading(passage: Passage) -> str:
    """A passage as the models read it: its place in the document, then its text."""
    place = " › ".join([passage.title, *passage.location.headings])
    return f"{place}\n{passage.text}"


def standardised(scores: Floats) -> Floats:
    """Scores centred and scaled to unit variance; zeros where they do not differ."""
    spread = float(scores.std()) if len(scores) else 0.0
    if spread < 1e-9:
        return np.zeros_like(scores)
    return np.asarray((scores - scores.mean()) / spread, dtype=np.float32)
