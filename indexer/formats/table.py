"""Comma- and tab-separated values → a document whose rows say what each value is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from indexer.clean import clean
from indexer.document import Block, BlockKind, Document
from indexer.formats.decode import decode
from indexer.formats.lists import row_line
from indexer.formats.outline import Heading, Item, assemble, title_from

_SEPARATORS = ",;\t|"
_SAMPLE_LINES = 20
# Rows under one heading: about as many words as a passage takes.
_WORDS = 80
_NUMBER = re.compile(r"[-+]?[\d.,:/ %€$£-]*\d[\d.,:/ %€$£-]*")

Row = tuple[int, list[str]]


def read(data: bytes, *, name: str) -> Document:
    """The document of a .csv or .tsv file; places are rows as a spreadsheet counts them."""
    text = decode(data, name=name)
    separator = "\t" if name.lower().endswith(".tsv") else _separator(text)
    # Not strict: a stray quotation mark is a character like any other.
    rows = [
        (number, [" ".join(clean(cell).split()) for cell in cells])
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1)
        if any(cell.strip() for cell in cells)
    ]
    names = _names(rows)
    items = list(_items(rows[1:] if names else rows, names))
    if names and not items:
        items = [Block(row_line(names) or "", BlockKind.TABLE)]
    return assemble(items, name=name, title=title_from(name))


def _separator(text: str) -> str:
    """The character that parts the first lines into equally many, and most, columns."""
    lines = list(zip(range(_SAMPLE_LINES), io.StringIO(text), strict=False))
    sample = [line for _, line in lines if line.strip()]

    def fits(separator: str) -> tuple[int, int]:
        columns = [len(row) for row in csv.reader(sample, delimiter=separator) if row]
        usual = max(set(columns), key=columns.count, default=1)
        return (columns.count(usual) if usual > 1 else 0, usual)

    return max(_SEPARATORS, key=fits)


def _names(rows: Sequence[Row]) -> list[str]:
    """The columns' names: the first row, where it holds nothing but different words."""
    if len(rows) < 2:
        return []
    (_, first), (_, second) = rows[:2]
    words = all(cell and not _NUMBER.fullmatch(cell) for cell in first)
    differ = len(set(first)) == len(first) > 1
    return first if words and differ and len(second) <= len(first) else []


def _items(rows: Iterable[Row], names: Sequence[str]) -> Iterator[Item]:
    group: list[Row] = []
    size = 0
    for row in rows:
        words = sum(len(cell.split()) for cell in row[1])
        if group and size + words > _WORDS:
            yield from _group(group, names)
            group, size = [], 0
        group.append(row)
        size += words + len(names)
    if group:
        yield from _group(group, names)


def _group(rows: Sequence[Row], names: Sequence[str]) -> Iterator[Item]:
    first, last = rows[0][0], rows[-1][0]
    yield Heading(f"row {first}" if first == last else f"rows {first}–{last}", 1)
    lines = [_line(cells, names) for _, cells in rows]
    yield Block("\n".join(lines), BlockKind.TABLE)


def _line(cells: Sequence[str], names: Sequence[str]) -> str:
    if not names:
        return row_line(cells) or ""
    named = [f"{name}: {cell}" for name, cell in zip(names, cells, strict=False) if cell]
    return "; ".join([*named, *filter(None, cells[len(names) :])])
