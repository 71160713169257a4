"""Text to sentences with their places, so that a sentence can be quoted verbatim."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sentencex

# Abbreviations the general splitter breaks after, seen in technical prose.
_ABBREVIATION = re.compile(r"\b(?:approx|resp|incl|excl|max|min|ca|al|eds?|vol|ver)\.\s*$", re.I)
_MARKER = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence and where it stands: `text == whole[start:end]`."""

    text: str
    start: int
    end: int


def split_sentences(text: str) -> tuple[Span, ...]:
    """Split `text`; a line break always ends a sentence, and a list marker is not part of one.

    Offsets count characters. Spans are in order, do not overlap, are never empty and carry no
    white space at their ends.
    """
    spans: list[Span] = []
    offset = 0
    for line in text.splitlines(keepends=True):
        spans.extend(_split_line(line, offset))
        offset += len(line)
    return tuple(spans)


def _split_line(line: str, offset: int) -> list[Span]:
    marker = _MARKER.match(line)
    begin = marker.end() if marker else 0
    body = line[begin:]
    pieces: list[tuple[int, int]] = []
    place = 0
    for piece in sentencex.segment("en", body):
        found = body.find(piece, place)
        if found < 0:  # the splitter changed the text: keep the rest of the line whole
            break
        place = found + len(piece)
        if pieces and _goes_on(body[pieces[-1][0] : pieces[-1][1]], piece):
            pieces[-1] = (pieces[-1][0], place)
        else:
            pieces.append((found, place))
    if place < len(body):
        pieces.append((place, len(body)))
    spans = []
    for start, end in pieces:
        raw = body[start:end]
        clean = raw.strip()
        if clean:
            at = offset + begin + start + raw.index(clean)
            spans.append(Span(clean, at, at + len(clean)))
    return spans


def _goes_on(before: str, after: str) -> bool:
    """Whether the splitter broke where no sentence ends: 'approx. 3', 'NIST.AI.600-1'."""
    glued = before[-1:].isascii() and not before[-1:].isspace() and not after[:1].isspace()
    return glued or bool(_ABBREVIATION.search(before))
