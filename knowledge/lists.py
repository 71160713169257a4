"""Lists of the documents for questions that ask for one: half a list is a wrong answer."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from knowledge.basis import EvidenceSentence
from knowledge.rerank import Reranker

# A cross-encoder's logit from which a list with its heading is what was asked for.
_SURE = 2.0
_FEWEST, _MOST = 2, 10
_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])\s+")
_KINDS = (
    r"(?:steps|stages|phases|types|kinds|sorts|ways|signs|symptoms|reasons|causes|advantages|"
    r"disadvantages|benefits|drawbacks|limitations|limits|risks|examples|skills|tips|methods|"
    r"techniques|principles|components|parts|tools|applications|uses|rules|properties|options|"
    r"alternatives|problems|challenges|measures|remedies|requirements|features|criteria|tasks)"
)
_ASKS = re.compile(
    rf"^\W*(?:please\s+)?(?:list|name|enumerate|give)\b|^(?:what|which)\b.*\b{_KINDS}\b"
    rf"|\b{_KINDS} (?:of|for|to|in)\b.*\?|^(?:what|which) (?:\w+ ){{0,3}}\w+s (?:are|exist|do)\b",
    re.IGNORECASE,
)


def asks_for_list(question: str) -> bool:
    """Whether a question wants several things named (pure)."""
    return bool(_ASKS.search(question))


def lists_in(sentences: Sequence[EvidenceSentence]) -> tuple[tuple[EvidenceSentence, ...], ...]:
    """The lists of the evidence, each with all sentences of its items (pure)."""
    runs: list[list[EvidenceSentence]] = []
    for before, each in zip([None, *sentences], sentences, strict=False):
        inside = before is not None and before.passage.id == each.passage.id
        if _opens_item(each) or (inside and runs and runs[-1][-1] is before and _same_line(each)):
            follows = inside and bool(runs) and runs[-1][-1] is before
            runs[-1].append(each) if follows else runs.append([each])
    return tuple(tuple(run) for run in runs if sum(map(_opens_item, run)) >= _FEWEST)


def asked_list(
    question: str, sentences: Sequence[EvidenceSentence], *, reranker: Reranker
) -> tuple[EvidenceSentence, ...]:
    """The list that answers a question; () where it asks for none or none surely does."""
    found = lists_in(sentences) if asks_for_list(question) else ()
    if not found:
        return ()
    texts = [f"{run[0].place}\n{' '.join(each.text for each in run)}" for run in found]
    scores = reranker.score(question, texts)
    best = int(scores.argmax())
    items = itertools.accumulate(map(_opens_item, found[best]))
    whole = [each for each, count in zip(found[best], items, strict=True) if count <= _MOST]
    return tuple(whole) if float(scores[best]) >= _SURE else ()


def _opens_item(sentence: EvidenceSentence) -> bool:
    return bool(_ITEM.fullmatch(_line_before(sentence)))


def _same_line(sentence: EvidenceSentence) -> bool:
    return bool(_line_before(sentence).strip())


def _line_before(sentence: EvidenceSentence) -> str:
    text = sentence.passage.text
    return text[text.rfind("\n", 0, sentence.start) + 1 : sentence.start]
