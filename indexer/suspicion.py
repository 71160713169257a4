"""Text that speaks to a language model rather than to a reader (pure).

A reviewer's hint, no barrier: what gets in is quoted and fenced all the same, and every sentence
of an answer needs its evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.said import said
from knowledge.types import Passage

_FORGET = (
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}"
    r"\b(?:previous|prior|above|earlier|all|any|your|system|other)\b[^.\n]{0,30}"
    r"\b(?:instructions?|prompts?|rules?|guidelines?|context|passages?|documents?)"
)
_ROLE = r"\b(?:you are now|from now on,? you|act as if you)\b"
_ASSISTANT = (
    r"\b(?:as an? (?:ai|language model)|dear (?:ai|assistant)|"
    r"(?:ai|assistant|chatbot|language model)s? (?:must|should))"
)
_SYSTEM = r"\b(?:system prompt|developer message|hidden instructions?)\b"
_DEMAND = (
    r"\b(?:always|only|never) (?:answer|respond|reply|output)\b|"
    r"\bdo not (?:tell|reveal|mention|inform|cite)\b|"
    r"\b(?:respond|reply|answer) only with\b"
)
_FORMAT = r"<\|[a-z_]+\|>|\[/?INST\]|<<SYS>>|^\s*#*\s*(?:system|assistant)\s*:"
_PATTERNS = (
    (said("tells the reader to forget instructions"), _FORGET),
    (said("gives the reader another role"), _ROLE),
    (said("speaks to an assistant"), _ASSISTANT),
    (said("speaks of a system prompt"), _SYSTEM),
    (said("demands or forbids an answer"), _DEMAND),
    (said("uses the marks of a chat format"), _FORMAT),
)
_COMPILED = tuple((why, re.compile(text, re.IGNORECASE | re.MULTILINE)) for why, text in _PATTERNS)
_AROUND = 60


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A stretch of a document with why a person should look at it."""

    why: str
    quote: str
    position: int


def suspicions(passages: Sequence[Passage]) -> tuple[Suspicion, ...]:
    """What looks planted, in the order of the document; one for each passage and reason."""
    return tuple(found for passage in passages for found in _in(passage))


def _in(passage: Passage) -> Iterator[Suspicion]:
    text = "\n".join([*passage.location.headings, passage.text])
    for why, pattern in _COMPILED:
        match = pattern.search(text)
        if match is not None:
            quote = text[max(0, match.start() - _AROUND) : match.end() + _AROUND]
            yield Suspicion(why, " ".join(quote.split()), passage.position)
