"""reStructuredText (.rst) → a document: headings, lists, code and tables; directives are parted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.clean import clean_lines
from indexer.document import Block, BlockKind, Document
from indexer.formats.decode import decode
from indexer.formats.lists import INDENT, marked, row_line
from indexer.formats.outline import Heading, Item, assemble, first_heading, title_from

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}")
_DIRECTIVE = re.compile(r"\.\. +([\w:.-]+?)::(?: +(.*))?")
_FOOTNOTE = re.compile(r"\.\. +(\[[^\]]{1,80}\]) +(.*)")
_OPTION = re.compile(r":[\w-]+:(?: .*)?")
_FIELD = re.compile(r":([\w -]{1,60}): +(.+)")
_CODES = frozenset({"code", "code-block", "sourcecode", "literalinclude", "parsed-literal", "math"})
# Directives whose content is prose; of any other, a picture or a table of contents, none is.
_PROSE_NAMES = (
    "admonition attention caution danger error hint important note tip warning seealso topic "
    "sidebar versionadded versionchanged deprecated epigraph container rubric function class "
    "method attribute data module exception option describe py:function py:class py:method"
)
_PROSE = frozenset(_PROSE_NAMES.split())
_GRID = re.compile(r"\+[-=+]+\+")
_COLUMNS = re.compile(r"=+(?: +=+)+")
_INLINE = (
    (re.compile(r"``(.+?)``"), r"`\1`"),
    (re.compile(r":[\w:.+-]{1,40}:`([^`<]+?) *<[^`<>]*>`"), r"\1"),
    (re.compile(r":[\w:.+-]{1,40}:`[~!]?([^`]+)`"), r"\1"),
    (re.compile(r"`([^`<]+?) *<[^`<>]*>`__?"), r"\1"),
    (re.compile(r"`([^`]+)`__?(?!\w)"), r"\1"),
    (re.compile(r"(?<![\w*])\*\*([^*\n]+)\*\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])"), r"\1"),
)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Lines that no blank line parts, with the number of the first and its indentation."""

    lines: tuple[str, ...]
    number: int
    indent: int


def read(data: bytes, *, name: str) -> Document:
    """The document of an .rst file; raises DocumentError where it holds no text."""
    items = list(_Reading(_paragraphs(clean_lines(decode(data, name=name)))).items())
    title = first_heading(items, deepest=1) or title_from(name)
    return assemble(items, name=name, title=title, lone_heading_is_title=True)


def _paragraphs(lines: Sequence[str]) -> list[_Paragraph]:
    found: list[_Paragraph] = []
    run: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            run.append(line.rstrip())
        elif run:
            indent = len(run[0]) - len(run[0].lstrip())
            found.append(_Paragraph(tuple(run), number - len(run), indent))
            run = []
    return found


class _Reading:
    """A walk over the paragraphs; the order in which adornments come gives their levels."""

    def __init__(self, paragraphs: list[_Paragraph]) -> None:
        self._paragraphs = paragraphs
        self._levels: dict[str, int] = {}

    def items(self) -> Iterator[Item]:
        """The headings and blocks in reading order."""
        at = 0
        while at < len(self._paragraphs):
            each = self._paragraphs[at]
            within = self._within(at)
            directive = _DIRECTIVE.match(each.lines[0].strip())
            if directive:
                yield from self._directive(directive, each, within)
            elif each.lines[0].lstrip().startswith((".. ", "__ ")) or each.lines[0].strip() == "..":
                within = []
                yield from _footnote(each)
            elif each.lines[-1].endswith("::"):
                yield from self._plain(_introducing(each))
                yield from _code(within)
            else:
                within = []
                yield from self._plain(each)
            at += 1 + len(within)

    def _within(self, at: int) -> list[_Paragraph]:
        """What stands indented under a paragraph."""
        outer = self._paragraphs[at].indent
        end = at + 1
        while end < len(self._paragraphs) and self._paragraphs[end].indent > outer:
            end += 1
        return self._paragraphs[at + 1 : end]

    def _directive(
        self, match: re.Match[str], paragraph: _Paragraph, within: Sequence[_Paragraph]
    ) -> Iterator[Item]:
        kind, argument = match[1], match[2] or ""
        under = [line for line in paragraph.lines[1:] if not _OPTION.fullmatch(line.strip())]
        inner = list(within)
        if under:
            indent = len(under[0]) - len(under[0].lstrip())
            inner.insert(0, _Paragraph(tuple(under), paragraph.number + 1, indent))
        if kind in _CODES:
            yield from _code(inner)
        elif kind in _PROSE:
            if argument:
                yield Block(_inline(" ".join(argument.split())), line=paragraph.number)
            yield from _Reading(inner).items()

    def _plain(self, paragraph: _Paragraph) -> Iterator[Item]:
        lines = list(paragraph.lines)
        number = paragraph.number
        while len(lines) > 1 and paragraph.indent == 0:
            over = bool(_ADORNMENT.fullmatch(lines[0])) and len(lines) > 2
            rule = lines[2] if over else lines[1]
            if not _ADORNMENT.fullmatch(rule):
                break
            style = f"{rule[0]}{over}"
            level = self._levels.setdefault(style, len(self._levels) + 1)
            yield Heading(_inline(" ".join(lines[over].split())), min(level, 6))
            number += 2 + over
            lines = lines[2 + over :]
        if lines and not _ADORNMENT.fullmatch(lines[0].strip()):
            yield _block(lines, number)
        elif len(lines) > 1:
            yield _block(lines[1:], number + 1)


def _introducing(paragraph: _Paragraph) -> _Paragraph:
    """A paragraph without the second colon that says that code follows."""
    last = paragraph.lines[-1].removesuffix(":")
    last = "" if last.strip() == ":" else last
    return _Paragraph((*paragraph.lines[:-1], last), paragraph.number, paragraph.indent)


def _code(paragraphs: Sequence[_Paragraph]) -> Iterator[Block]:
    if not paragraphs:
        return
    indent = min(each.indent for each in paragraphs)
    parts = ("\n".join(line[indent:] for line in each.lines) for each in paragraphs)
    yield Block("\n\n".join(parts), BlockKind.CODE, line=paragraphs[0].number)


def _footnote(paragraph: _Paragraph) -> Iterator[Block]:
    match = _FOOTNOTE.match(" ".join(" ".join(paragraph.lines).split()))
    if match:
        yield Block(_inline(f"{match[1]} {match[2]}"), line=paragraph.number)


def _block(lines: Sequence[str], number: int) -> Block:
    first = lines[0].strip()
    if _GRID.fullmatch(first):
        rows = [row_line(line.strip("|").split("|")) for line in lines if "|" in line]
    elif _COLUMNS.fullmatch(first):
        rows = [
            row_line(re.split(r" {2,}", line.strip()))
            for line in lines
            if not _COLUMNS.fullmatch(line.strip())
        ]
    else:
        return _prose(lines, number)
    return Block(_inline("\n".join(row for row in rows if row)), BlockKind.TABLE, line=number)


def _prose(lines: Sequence[str], number: int) -> Block:
    tight = [" ".join(line.split()) for line in lines]
    if marked(tight[0]) is None:
        fields = all(_FIELD.fullmatch(line) for line in tight)
        text = ("\n" if fields else " ").join(line.lstrip("| ") for line in tight)
        return Block(_inline(text), line=number)
    items: list[str] = []
    outer = len(lines[0]) - len(lines[0].lstrip())
    for line, words in zip(lines, tight, strict=True):
        item = marked(words)
        if item is None:
            items[-1] += f" {words}"
        else:
            deeper = len(line) - len(line.lstrip()) > outer
            items.append((INDENT if deeper else "") + "".join(item))
    return Block(_inline("\n".join(items)), BlockKind.LIST, line=number)


def _inline(text: str) -> str:
    for pattern, plain in _INLINE:
        text = pattern.sub(plain, text)
    return text
