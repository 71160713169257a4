"""An HTML tree, or trafilatura's reading of one → headings and blocks in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import lxml.etree
import lxml.html

from indexer.clean import clean, normalise
from indexer.document import Block, BlockKind
from indexer.formats.lists import BULLET, INDENT, item_lines, row_line
from indexer.formats.outline import Heading, Item

# lxml's elements, which have no types of their own.
Element = Any

# Trafilatura writes head, list, item, row, cell, quote and lb for HTML's own names.
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_LISTS = frozenset({"ul", "ol", "dl", "list", "menu"})
_ITEMS = frozenset({"li", "item", "dt", "dd"})
_ROWS = frozenset({"tr", "row"})
_CELLS = frozenset({"td", "th", "cell"})
_BREAKS = frozenset({"br", "lb"})
_BLOCK_NAMES = (
    "address article aside blockquote body caption center details dialog div fieldset "
    "figcaption figure footer form header hgroup hr html legend main nav p quote section "
    "summary tbody tfoot thead"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split()) | (_ITEMS | _ROWS | _CELLS)
_UNSEEN_NAMES = (
    "audio button canvas datalist embed iframe input link math meta noscript object option "
    "script select style svg template textarea title video"
)
_UNSEEN = frozenset(_UNSEEN_NAMES.split())
_WHITE = re.compile(r"\s+")
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class TooDeepError(ValueError):
    """The tree is nested deeper, or a text in it is longer, than the parser goes: text is lost."""

    def __init__(self) -> None:
        super().__init__("its HTML is nested too deeply")


def parse(text: str) -> Element | None:
    """The tree of an HTML document or fragment, without what a browser hides; None for nothing.

    Raises TooDeepError where libxml2 gave up part of it (256 levels, 10 MB in one text).
    """
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "ignore"), parser=parser)
    except lxml.etree.ParserError:  # nothing in it
        return None
    if any(entry.type == lxml.etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise TooDeepError
    for element in [*tree.iter(lxml.etree.Element)]:
        hidden = element.get("hidden") is not None or _HIDING.search(element.get("style", ""))
        if hidden and element.getparent() is not None:
            element.drop_tree()
    return tree


def items(root: Element) -> list[Item]:
    """The headings and blocks of a tree's body, in reading order."""
    body = root.find("body")
    reading = _Reading()
    reading.enter(root if body is None else body)
    reading.end_paragraph()
    return reading.items


class _Reading:
    """A walk through a tree: finished items, and the inline text since the last of them."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._inline: list[str] = []

    def enter(self, element: Element) -> None:
        """Read an element's text and children, but not what follows it."""
        self._inline.append(_WHITE.sub(" ", element.text or ""))
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _UNSEEN:
                self._child(child)
            self._inline.append(_WHITE.sub(" ", child.tail or ""))

    def end_paragraph(self) -> None:
        """Make a paragraph of the inline text so far, if there is any."""
        text = clean("".join(self._inline)).strip()
        self._inline.clear()
        if text:
            self.items.append(Block(text))

    def _child(self, child: Element) -> None:
        level = _heading_level(child)
        if child.tag in _BREAKS:
            self._inline.append("\n")
        elif level is not None:
            self._finished(Heading(" ".join(_text(child).split()), level))
        elif child.tag in _LISTS:
            self._finished(Block("\n".join(_list_lines(child)), BlockKind.LIST))
        elif child.tag == "table" and _is_data(child):
            self._finished(Block("\n".join(_table_lines(child)), BlockKind.TABLE))
        elif child.tag == "pre" or (child.tag == "code" and "\n" in "".join(child.itertext())):
            self._finished(Block(_code(child), BlockKind.CODE))
        elif child.tag in _BLOCKS or child.tag == "table":
            self.end_paragraph()
            self.enter(child)
            self.end_paragraph()
        else:
            self.enter(child)

    def _finished(self, item: Item) -> None:
        self.end_paragraph()
        if item.text:
            self.items.append(item)


def _heading_level(element: Element) -> int | None:
    name = element.get("rend", "") if element.tag == "head" else element.tag
    return _HEADINGS.get(name)


def _text(element: Element) -> str:
    """All of an element's text, in one paragraph."""
    return " ".join(item.text for item in items(element))


def _code(element: Element) -> str:
    return normalise("".join(element.itertext()).expandtabs(4)).strip("\n").rstrip()


def _list_lines(element: Element) -> list[str]:
    ordered = "ol" in (element.tag, element.get("rend"))
    lines: list[str] = []
    number = 0
    for child in element:
        if child.tag in _LISTS:  # a nested list that forgot its item
            lines.extend(INDENT + line for line in _list_lines(child))
        if child.tag not in _ITEMS:
            continue
        number += 1
        parts = [item for item in items(child) if isinstance(item, Block)]
        explained = child.tag == "dd" or child.get("rend", "").startswith("dd")
        marker = INDENT if explained else f"{number}. " if ordered else BULLET
        lines.extend(item_lines(marker, parts))
    return lines


def _own_rows(table: Element) -> Iterator[Element]:
    """The table's rows, not those of a table within."""
    for child in table:
        if child.tag in _ROWS:
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from _own_rows(child)


def _table_lines(table: Element) -> list[str]:
    rows = (row_line(_text(cell) for cell in row if cell.tag in _CELLS) for row in _own_rows(table))
    return [row for row in rows if row]


def _is_data(table: Element) -> bool:
    """Whether a table holds data: one that only lays out a page has one column or a table in it."""
    columns = max((sum(cell.tag in _CELLS for cell in row) for row in _own_rows(table)), default=0)
    return columns > 1 and table.find(".//table") is None
