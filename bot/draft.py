"""An answer while it is being written: what the events so far add up to (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from knowledge.types import (
    Answer,
    AnswerReady,
    Event,
    Evidence,
    EvidenceFound,
    Sentence,
    SentenceChecked,
    TextWritten,
)

_MARK = re.compile(r"\s*\[\d+\]")


@dataclass(frozen=True, slots=True)
class Draft:
    """The evidence, the sentences checked so far, and the text after them, not checked yet."""

    evidence: tuple[Evidence, ...] = ()
    checked: tuple[Sentence, ...] = ()
    unchecked: str = ""
    answer: Answer | None = None

    def after(self, event: Event) -> Draft:
        """The draft with one more event."""
        match event:
            case EvidenceFound(evidence=evidence):
                return replace(self, evidence=evidence)
            case TextWritten(text=text):
                return replace(self, unchecked=self.unchecked + text)
            case SentenceChecked(sentence=sentence):
                rest = _after(self.unchecked, sentence.text)
                return replace(self, checked=(*self.checked, sentence), unchecked=rest)
            case AnswerReady(answer=answer):
                return replace(self, answer=answer)

    @property
    def text(self) -> str:
        """Supported sentences with their numbers, then what is still being written."""
        shown = [marked(sentence) for sentence in self.checked if sentence.supported]
        return " ".join([*shown, self.unchecked.strip()]).strip()


def marked(sentence: Sentence) -> str:
    """A sentence with [n] for each of its citations."""
    marks = "".join(f"[{n}]" for n in sentence.citations)
    return f"{_MARK.sub('', sentence.text).strip()} {marks}".strip()


def _after(text: str, sentence: str) -> str:
    """What follows a sentence in the text; white space and marks may differ between the two."""
    words = _MARK.sub("", sentence).split()
    if not words:
        return text
    gap = r"(?:\s|\[\d+\])*"
    found = re.search(rf"{gap}".join(map(re.escape, words)) + r"(?:\s*\[\d+\])*", text)
    return text[found.end() :] if found else ""
