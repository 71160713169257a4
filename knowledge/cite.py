"""Supported sentences to numbered, verbatim quotes: numbered by first use, only what is cited."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.basis import EvidenceSentence
from knowledge.types import Citation, Sentence

# Not the index of 'x[0]'.
_FOREIGN = re.compile(r"(?<![A-Za-z_\])])\[(\d{1,3})\]")


class Citations:
    """The quotes of one answer, in the order of their first use."""

    def __init__(self) -> None:
        self._listed: dict[tuple[str, int], Citation] = {}

    def number(self, evidence: EvidenceSentence) -> int:
        """The number of a quote; a new one when it is cited for the first time."""
        key = (evidence.passage.id, evidence.start)
        if key not in self._listed:
            passage = evidence.passage
            self._listed[key] = Citation(
                n=len(self._listed) + 1,
                document_id=passage.document_id,
                title=passage.title,
                location=passage.location,
                quote=evidence.text,
                passage_id=passage.id,
                updated=passage.updated,
                source=passage.source,
            )
        return self._listed[key].n

    def holds(self, evidence: EvidenceSentence) -> bool:
        """Whether a sentence is quoted already."""
        return (evidence.passage.id, evidence.start) in self._listed

    def listed(self) -> tuple[Citation, ...]:
        """The citations so far, by number."""
        return tuple(self._listed.values())


def shown_text(sentences: Sequence[Sentence]) -> str:
    """Sentences with their [n] before the closing punctuation's white space: 'Text. [1][2]'.

    A document's own [n] would pass for one of ours, so it is shown as (n).
    """
    return " ".join(
        _FOREIGN.sub(r"(\1)", sentence.text) + (" " + "".join(f"[{n}]" for n in sentence.citations))
        for sentence in sentences
    )
