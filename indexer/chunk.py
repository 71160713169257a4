"""A document's blocks to passages, along its headings and sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from indexer.document import Block, BlockKind, Document
from knowledge.sentences import split_sentences

# Part of every revision's digest: a change here re-indexes everything.
CHUNKER = "sentences-1"

# Words in a passage. The reranker and the model read whole passages, and on two cores the length
# of the prompt is most of the waiting; MiniLM reads no more than 256 tokens, about 180 words.
TARGET_WORDS = 90
LIMIT_WORDS = 130


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

    A passage never crosses a heading. A single sentence longer than `limit` is cut at words.
    """
    chunks: list[Chunk] = []
    for headings, blocks in groupby(document.blocks, key=lambda block: block.headings):
        units = [unit for block in blocks for unit in _units(block, limit=limit)]
        chunks.extend(
            _joined(group, headings) for group in _packed(units, target=target, limit=limit)
        )
    return tuple(chunks)


def _units(block: Block, *, limit: int) -> Iterator[_Unit]:
    first = "\n\n"
    last_end = 0
    if block.kind in (BlockKind.TABLE, BlockKind.CODE):
        for number, line in enumerate(block.text.splitlines()):
            for piece in _cut(line, limit=limit):
                yield _unit(piece, "\n" if number else first, block)
        return
    for span in split_sentences(block.text):
        gap = block.text[last_end : span.start]
        # A list marker stands before the span; keep it with the sentence it introduces.
        lead = gap.rsplit("\n", 1)[-1] if "\n" in gap or last_end == 0 else ""
        separator = first if last_end == 0 else ("\n" if "\n" in gap else " ")
        last_end = span.end
        for number, piece in enumerate(_cut(lead + span.text, limit=limit)):
            yield _unit(piece, " " if number else separator, block)


def _unit(text: str, separator: str, block: Block) -> _Unit:
    return _Unit(text, len(text.split()), separator, block.page, block.line)


def _cut(text: str, *, limit: int) -> Iterator[str]:
    words = text.split()
    if len(words) <= limit:
        # Long unbroken text (base64, a language without spaces) is cut by characters.
        size = limit * 12
        for start in range(0, len(text), size):
            yield text[start : start + size]
        return
    for start in range(0, len(words), limit):
        yield " ".join(words[start : start + limit])


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
