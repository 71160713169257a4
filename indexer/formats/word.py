"""Word documents (.docx) → a document, headings and lists by their styles."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.oxml.ns import qn

from indexer.clean import clean
from indexer.document import Block, BlockKind, Document
from indexer.formats import archive
from indexer.formats.lists import INDENT, row_line
from indexer.formats.outline import Heading, Item, assemble, first_heading, title_from
from indexer.formats.word_styles import RoleKind, Roles

# Elements of lxml, which has no types.
Element = Any

_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_WRITTEN = {
    qn("w:tab"): " ",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
}
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Deleted and moved-away text of tracked changes, the copy older programs read, and properties.
_UNREAD = frozenset(
    {qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), qn("w:rPr"), qn("w:sdtPr"), _ALTERNATIVE}
)


def read(data: bytes, *, name: str) -> Document:
    """The document of a .docx file; raises DocumentError for a locked, damaged or huge one."""
    archive.opened(data, name=name, what="a Word document (.docx)").close()
    document = docx.Document(io.BytesIO(data))
    roles = Roles(document)
    titles: list[str] = []
    items = list(_items(document.element.body, roles, titles))
    stated = clean(document.core_properties.title or "").strip()
    title = stated or next(iter(titles), None) or first_heading(items) or title_from(name)
    return assemble(items, name=name, title=title)


def _items(body: Element, roles: Roles, titles: list[str]) -> Iterator[Item]:
    """The body's headings and blocks; paragraphs in the title's style go to `titles` instead."""
    entries: list[str] = []
    for element in _content(body):
        role = roles.of(element) if element.tag == _PARAGRAPH else None
        if entries and (role is None or role.kind is not RoleKind.ITEM):
            yield Block("\n".join(entries), BlockKind.LIST)
            entries.clear()
        if role is None:
            yield Block("\n".join(_table_lines(element)), BlockKind.TABLE)
            continue
        text = clean("".join(_pieces(element))).strip()
        line = " ".join(text.split())
        if role.kind is RoleKind.ITEM and text:
            entries.append(INDENT * role.level + role.marker + line)
        elif role.kind is RoleKind.TITLE and text:
            titles.append(line)
        elif role.kind is RoleKind.HEADING:
            yield Heading(line, role.level)
        elif role.kind is RoleKind.BODY:
            yield Block(text)
    if entries:
        yield Block("\n".join(entries), BlockKind.LIST)


def _content(parent: Element) -> Iterator[Element]:
    """The paragraphs and tables under `parent`, also those in content controls and the like."""
    for child in parent:
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif isinstance(child.tag, str) and child.tag not in _UNREAD:
            yield from _content(child)


def _pieces(element: Element) -> Iterator[str]:
    """An element's text as it prints: with tracked insertions, without deletions."""
    for child in element:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _WRITTEN:
            yield _WRITTEN[child.tag]
        elif isinstance(child.tag, str) and child.tag not in _UNREAD:
            if child.tag == _PARAGRAPH:  # in a text box or a table's cell
                yield "\n"
            yield from _pieces(child)


def _table_lines(table: Element) -> list[str]:
    rows = (
        row_line("".join(_pieces(cell)) for cell in row.iter(_CELL)) for row in table.iter(_ROW)
    )
    return [clean(row) for row in rows if row]
