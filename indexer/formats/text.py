"""Plain text → a document: headings, lists and tables where the lines look like them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from indexer.clean import clean_lines, squeeze
from indexer.document import Block, BlockKind, Document
from indexer.formats.decode import decode
from indexer.formats.lists import INDENT, marked, row_line
from indexer.formats.outline import Heading, Item, assemble, title_from

_HEADING = re.compile(r"(?P<marks>#{1,6})\s*(?P<text>[^\s#!].*)")
_HEADING_LENGTH = 100
_PIPED = re.compile(r"(?:^|\s)\|(?:\s|$)|^\|.*\|$")
_RULE = " |:+-"
# "outputs = model(x)" or "print(x)": code, whose lines do not wrap.
_CODE = re.compile(r"[\w.\[\]]+(?: = |\()")
_WRAP_FROM, _WRAP_TO = 60, 100
# Below this share of lines that follow a blank one, blank lines do not part the paragraphs.
_SPACED_SHARE = 0.05


class _Kind(StrEnum):
    HEADING = "heading"
    ITEM = "item"
    ROW = "row"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    indent: int
    text: str
    kind: _Kind
    after_blank: bool
    level: int = 0


def read(data: bytes, *, name: str) -> Document:
    """The document of a plain text file; raises DocumentError where it holds no text."""
    lines = list(_lines(clean_lines(decode(data, name=name))))
    title = _title(lines)
    items = [_item(run) for run in _runs(lines[1:] if title else lines)]
    return assemble(items, name=name, title=title or title_from(name))


def _lines(texts: Sequence[str]) -> Iterator[_Line]:
    after_blank = True
    for index, raw in enumerate(texts):
        text = squeeze(raw)
        if not text:
            after_blank = True
            continue
        neighbours = (*texts[max(index - 1, 0) : index], *texts[index + 1 : index + 2])
        kind, level, text = _classify(text, neighbours)
        indent = len(raw) - len(raw.lstrip())
        yield _Line(index + 1, indent, text, kind, after_blank, level)
        after_blank = False


def _classify(text: str, neighbours: Iterable[str]) -> tuple[_Kind, int, str]:
    """What a line is, its level if it is a heading, and its text without the heading's marks."""
    heading = _HEADING.fullmatch(text)
    if heading and " #" not in text:
        short = len(heading["text"]) <= _HEADING_LENGTH and not heading["text"].endswith(".")
        # A whole paragraph behind a '#' has lost its line break; the mark is still none of it.
        return _Kind.HEADING if short else _Kind.PROSE, len(heading["marks"]), heading["text"]
    if marked(text):
        return _Kind.ITEM, 0, text
    if _is_row(text) and any(_is_row(other) for other in neighbours):
        return _Kind.ROW, 0, text
    return _Kind.PROSE, 0, text


def _is_row(text: str) -> bool:
    return "|" in text and bool(_PIPED.search(text) or _is_rule(text))


def _is_rule(text: str) -> bool:
    """Whether a line only draws the rule under a table's head."""
    return "-" in text and not text.strip(_RULE)


def _title(lines: Sequence[_Line]) -> str | None:
    """The first line, where it looks like a title and there is something under it."""
    if len(lines) <= 1 or lines[0].kind is not _Kind.PROSE or lines[0].level:
        return None
    first, second = lines[0], lines[1]
    if len(first.text) > _HEADING_LENGTH or first.text.endswith((".", ",", ";", ":")):
        return None
    flows_on = not second.after_blank and second.text[:1].islower()
    return None if flows_on else first.text


def _runs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """The lines that make a block or a heading together."""
    spaced = sum(line.after_blank for line in lines[1:]) >= _SPACED_SHARE * len(lines)
    run: list[_Line] = []
    for line in lines:
        if run and not _continues(run, line, spaced=spaced):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _continues(run: Sequence[_Line], line: _Line, *, spaced: bool) -> bool:
    kind = run[0].kind
    if kind is _Kind.HEADING or line.kind is _Kind.HEADING:
        return False
    if line.kind is not _Kind.PROSE:
        return line.kind is kind and (kind is _Kind.ITEM or not line.after_blank)
    if line.after_blank or kind is _Kind.ROW:
        return False
    if kind is _Kind.ITEM:
        return line.indent > run[-1].indent or _wraps(run[-1], line)
    return spaced or _wraps(run[-1], line)


def _wraps(line: _Line, following: _Line) -> bool:
    full = _WRAP_FROM <= len(line.text) <= _WRAP_TO
    return full and following.text[:1].islower() and not _CODE.match(following.text)


def _item(run: Sequence[_Line]) -> Item:
    first = run[0]
    match first.kind:
        case _Kind.HEADING:
            return Heading(first.text, first.level)
        case _Kind.ITEM:
            return Block(_list(run), BlockKind.LIST, line=first.number)
        case _Kind.ROW:
            return Block(_table(run), BlockKind.TABLE, line=first.number)
        case _Kind.PROSE:
            return Block(_paragraph(run), line=first.number)


def _paragraph(run: Sequence[_Line]) -> str:
    """The run's lines, joined where a line is only wrapped."""
    full = all(_WRAP_FROM <= len(line.text) <= _WRAP_TO for line in run[:-1])
    text = run[0].text
    for line, following in pairwise(run):
        text += (" " if full or _wraps(line, following) else "\n") + following.text
    return text


def _list(run: Sequence[_Line]) -> str:
    indents: list[int] = []
    lines: list[str] = []
    for line in run:
        item = marked(line.text)
        if line.kind is not _Kind.ITEM or item is None:
            lines[-1] += " " + line.text
            continue
        while indents and line.indent < indents[-1]:
            indents.pop()
        if not indents or line.indent > indents[-1]:
            indents.append(line.indent)
        lines.append(INDENT * (len(indents) - 1) + "".join(item))
    return "\n".join(lines)


def _table(run: Sequence[_Line]) -> str:
    rows = (
        row_line(line.text.removeprefix("|").removesuffix("|").split("|"))
        for line in run
        if not _is_rule(line.text)
    )
    return "\n".join(row for row in rows if row)
