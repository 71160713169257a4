"""Evidence as sentences, each with what it says and what stands around it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.planted import readable
from knowledge.types import Evidence, Passage
from knowledge.words import content_stems, names, numbers, plain


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """A sentence of a passage with what it says, and what stands around it."""

    text: str
    place: str
    passage: Passage
    start: int
    stems: frozenset[str]
    numbers: frozenset[float]
    plain: str
    around_stems: frozenset[str]
    around_plain: str


def evidence_sentences(evidence: Sequence[Evidence]) -> tuple[EvidenceSentence, ...]:
    """Every sentence of the passages; title, headings or the sentence before lend it a subject."""
    found: list[EvidenceSentence] = []
    for each in evidence:
        place = " . ".join([each.passage.title, *each.passage.location.headings])
        before = ""
        for span in readable(each.passage.text, under=each.passage.location.headings):
            # 'The model was trained on …': without a name of its own it speaks of what came before.
            around = place if names(span.text) else f"{place} . {before}"
            found.append(
                EvidenceSentence(
                    text=span.text,
                    place=place,
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
