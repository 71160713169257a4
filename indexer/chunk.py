"""A document's blocks to passages, along its headings and sentences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.document import Block, BlockKind, Document
from knowledge.sentences import split_sentences

# Part of every revision's digest: a change here re-indexes everything.
CHUNKER = "sentences-2"

# Words in a passage. The reranker and the model read whole passages, and on two cores the length
# of the prompt is most of the waiting; MiniLM reads no more than 256 tokens, about 180 words.
TARGET_WORDS = 90
LIMIT_WORDS = 130
# Unbroken text (a language without spaces, base64) counts as words of this many characters.
_LONG_WORD = 12


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage before it has an id: its text and where that text begins."""

    text: str
    headings: tuple[str, ...]
    page: int | None
    line: int | None


@dataclass(frozen=True, slots=True)
class _Unit:
    """A piece that is never broken: a sentence, a table row or a code line."""

    text: str
    words: int
    separator: str
    page: int | None
    line: int | None


def chunk(
    document: Document, *, target: int = TARGET_WORDS, limit: int = LIMIT_WORDS
) -> tuple[Chunk, ...]:
    """Cut `document` into passages of about `target` and at most `limit` words.

    A passage never crosses a heading. A single sentence longer than `limit` is cut at words, and a
    word only where it alone is longer than a passage.
    """
    chunks: list[Chunk] = []
    for headings, blocks in itertools.groupby(document.blocks, key=lambda block: block.headings):
        units = [unit for block in blocks for unit in _units(block, limit=limit)]
        groups = _packed(units, target=target, limit=limit)
        chunks.extend(_joined(group, headings) for group in groups)
    # Nothing but empty code lines may be left over.
    return tuple(each for each in chunks if each.text)


def _units(block: Block, *, limit: int) -> Iterator[_Unit]:
    separator = "\n\n"
    for gap, text in _pieces(block):
        for number, piece in enumerate(_cut(text, limit=limit)):
            yield _Unit(
                piece, count_words(piece), " " if number else separator, block.page, block.line
            )
        separator = gap


def _pieces(block: Block) -> Iterator[tuple[str, str]]:
    """Sentences, rows or code lines, each with the white space that parts it from the next."""
    if block.kind in (BlockKind.TABLE, BlockKind.CODE):
        yield from (("\n", line) for line in block.text.splitlines())
        return
    # What stands between two sentences, such as a list marker, belongs to the later one.
    ends = [span.end for span in split_sentences(block.text)]
    starts = [0, *ends]
    for start, end in itertools.zip_longest(starts, ends, fillvalue=len(block.text)):
        text = block.text[start:end].strip()
        after = block.text[end:]
        gap = after[: len(after) - len(after.lstrip())]
        if text:
            yield ("\n" if "\n" in gap else gap[:1]), text


def count_words(text: str) -> int:
    """The words of a text, unbroken text counted by its length."""
    return max(len(text.split()), math.ceil(len(text) / _LONG_WORD))


def _cut(text: str, *, limit: int) -> Iterator[str]:
    if count_words(text) <= limit:
        yield text
        return
    room = limit * _LONG_WORD
    piece: list[str] = []
    length = 0
    for word in text.split():
        for start in range(0, len(word), room):
            part = word[start : start + room]
            if piece and (len(piece) == limit or length + len(part) > room):
                yield " ".join(piece)
                piece, length = [], 0
            piece.append(part)
            length += len(part) + 1
    yield " ".join(piece)


def _packed(units: list[_Unit], *, target: int, limit: int) -> Iterator[list[_Unit]]:
    """Group units so that the groups of a section are about equally long."""
    total = sum(unit.words for unit in units)
    parts = max(1, round(total / target))
    aim = total / parts
    group: list[_Unit] = []
    size = 0
    for unit in units:
        too_long = size + unit.words > limit
        full = size >= aim or size + unit.words / 2 > aim
        if group and (too_long or full):
            yield group
            group, size = [], 0
        group.append(unit)
        size += unit.words
    if group:
        yield group


def _joined(group: list[_Unit], headings: tuple[str, ...]) -> Chunk:
    text = group[0].text + "".join(unit.separator + unit.text for unit in group[1:])
    return Chunk(text.strip(), headings, group[0].page, group[0].line)
