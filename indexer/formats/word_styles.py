"""What a paragraph of a Word document is: title, heading, list item, contents or body text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from indexer.formats.lists import BULLET

# Elements of lxml, which has no types.
Element = Any

_HEADING = re.compile(r"heading (\d)")
# Word's own styles for the deeper levels of a list: "List Bullet 2".
_LIST = re.compile(r"list (?:bullet|number) (\d)")
_DEEPEST = 9
_VALUE = qn("w:val")
_UNNUMBERED = frozenset({"bullet", "none", ""})


class RoleKind(StrEnum):
    """The kinds of paragraph that Word's styles tell apart."""

    TITLE = "title"
    HEADING = "heading"
    ITEM = "item"
    CONTENTS = "contents"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Role:
    """A paragraph's kind; a heading's level from 1, an item's from 0 and its marker."""

    kind: RoleKind
    level: int = 0
    marker: str = ""


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    parent: str | None
    properties: Element | None


class Roles:
    """The styles and numberings of one document. Numbers count up as paragraphs are asked for."""

    def __init__(self, document: WordDocument) -> None:
        styles = document.styles.element.findall(qn("w:style"))
        self._styles = {style.get(qn("w:styleId")): _style(style) for style in styles}
        self._formats = _number_formats(document)
        self._counts: dict[tuple[str, int], int] = {}

    def of(self, paragraph: Element) -> Role:
        """The role of a w:p element."""
        own = paragraph.find(qn("w:pPr"))
        styles = list(self._chain(_value(own, "w:pStyle")))
        names = [style.name for style in styles]
        if names and names[0].startswith("toc"):
            return Role(RoleKind.CONTENTS)
        if "title" in names:
            return Role(RoleKind.TITLE)
        properties = [own, *(style.properties for style in styles)]
        level = _heading_level(names, properties)
        if level is not None:
            return Role(RoleKind.HEADING, level)
        return self._item(names, properties) or Role(RoleKind.BODY)

    def _chain(self, style_id: str | None) -> Iterator[_Style]:
        """A style and those it is based on; a circle ends where it would begin again."""
        seen: set[str] = set()
        while style_id is not None and style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            style = self._styles[style_id]
            yield style
            style_id = style.parent

    def _item(self, names: list[str], properties: list[Element | None]) -> Role | None:
        numbering = next(
            (
                found
                for p in properties
                if p is not None and (found := p.find(qn("w:numPr"))) is not None
            ),
            None,
        )
        deeper = next((int(match[1]) - 1 for match in map(_LIST.fullmatch, names) if match), 0)
        if numbering is None:
            named = any(name.startswith("list") and name != "list paragraph" for name in names)
            return Role(RoleKind.ITEM, deeper, BULLET) if named else None
        list_id, level = _value(numbering, "w:numId"), int(_value(numbering, "w:ilvl") or 0)
        if list_id in (None, "0"):  # numbering taken away
            return None
        return Role(RoleKind.ITEM, level or deeper, self._marker(str(list_id), level))

    def _marker(self, list_id: str, level: int) -> str:
        kind, start = self._formats.get((list_id, level), ("", 1))
        if kind in _UNNUMBERED:
            return BULLET
        number = self._counts.get((list_id, level), start - 1) + 1
        deeper = [key for key in self._counts if key[0] == list_id and key[1] > level]
        for key in deeper:
            del self._counts[key]
        self._counts[list_id, level] = number
        return f"{number}. "


def _style(style: Element) -> _Style:
    name = _value(style, "w:name") or ""
    return _Style(name.casefold(), _value(style, "w:basedOn"), style.find(qn("w:pPr")))


def _value(parent: Element | None, tag: str) -> str | None:
    child = None if parent is None else parent.find(qn(tag))
    return None if child is None else child.get(_VALUE)


def _heading_level(names: list[str], properties: list[Element | None]) -> int | None:
    for name in names:
        if match := _HEADING.fullmatch(name):
            return int(match[1])
    for element in properties:
        outline = _value(element, "w:outlineLvl")
        if outline is not None:
            return int(outline) + 1 if int(outline) < _DEEPEST else None
    return None


def _number_formats(document: WordDocument) -> dict[tuple[str, int], tuple[str, int]]:
    """For each numbering and level: the number's format and where it starts."""
    try:
        part: Any = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING)
    except KeyError:  # a document without lists
        return {}
    root: Element = part.element
    patterns = {
        pattern.get(qn("w:abstractNumId")): pattern for pattern in root.iter(qn("w:abstractNum"))
    }
    formats: dict[tuple[str, int], tuple[str, int]] = {}
    for number in root.iter(qn("w:num")):
        pattern = patterns.get(_value(number, "w:abstractNumId"))
        for level in () if pattern is None else pattern.iter(qn("w:lvl")):
            key = (number.get(qn("w:numId")), int(level.get(qn("w:ilvl"), 0)))
            formats[key] = (_value(level, "w:numFmt") or "", int(_value(level, "w:start") or 1))
    return formats
