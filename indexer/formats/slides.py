"""PowerPoint slides (.pptx) → a document; a slide's number is its page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pptx
from pptx.enum.shapes import PP_PLACEHOLDER

from indexer.clean import clean
from indexer.document import Block, BlockKind, Document
from indexer.formats import archive
from indexer.formats.lists import BULLET, INDENT, row_line
from indexer.formats.outline import Heading, Item, assemble, first_heading, title_from
from knowledge.said import said

# The library's objects, of which its own types say too little.
Shape = Any
Slide = Any

_TITLES = frozenset(
    {PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE}
)
# What repeats on every slide.
_RUNNING = frozenset(
    {
        PP_PLACEHOLDER.DATE,
        PP_PLACEHOLDER.FOOTER,
        PP_PLACEHOLDER.HEADER,
        PP_PLACEHOLDER.SLIDE_NUMBER,
        PP_PLACEHOLDER.SLIDE_IMAGE,
    }
)
# Placeholders whose paragraphs are bullets.
_BULLETED = frozenset({PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY})
# Titles that programs leave behind instead of a document's own.
_NO_TITLE = re.compile(r"(?:power ?point|presentation|slide|untitled).{0,20}", re.IGNORECASE)
_SPOKEN = "Notes"
_DEEPEST = 20


def read(data: bytes, *, name: str) -> Document:
    """The document of a .pptx file; raises DocumentError for a locked, damaged or huge one."""
    archive.opened(data, name=name, what="PowerPoint slides (.pptx)").close()
    presentation = pptx.Presentation(io.BytesIO(data))
    items: list[Item] = []
    hidden: list[int] = []
    empty: list[int] = []
    slides = list(presentation.slides)
    for number, slide in enumerate(slides, 1):
        if slide.element.get("show") in ("0", "false"):
            hidden.append(number)
            continue
        found = list(_slide(slide, page=number))
        if not any(item.text for item in found):
            empty.append(number)
        items.extend(found)
    stated = clean(presentation.core_properties.title or "").strip()
    title = "" if _NO_TITLE.fullmatch(stated) else stated
    return assemble(
        items,
        name=name,
        title=title or first_heading(items) or title_from(name),
        pages=len(slides),
        notes=tuple(_notes(hidden, empty)),
    )


def _notes(hidden: Sequence[int], empty: Sequence[int]) -> Iterator[str]:
    if hidden:
        numbers = ", ".join(map(str, hidden))
        yield said(f"Slide {numbers}: hidden, and not read.")
    if empty:
        numbers = ", ".join(map(str, empty))
        yield said(f"Slide {numbers}: no text; what its pictures show is not read.")


def _slide(slide: Slide, *, page: int) -> Iterator[Item]:
    title = slide.shapes.title
    text = "" if title is None else " ".join(clean(title.text_frame.text).split())
    # Also without text: what stood over the slide before does not stand over this one.
    yield Heading(text, 1)
    for shape in _flat(slide.shapes):
        if _placeholder(shape) not in _TITLES | _RUNNING:
            yield from _shape(shape, page=page)
    spoken = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if spoken is not None and spoken.text.strip():
        yield Heading(_SPOKEN, 2)
        yield from _paragraphs(spoken, page=page)


def _flat(shapes: Iterable[Shape], depth: int = 0) -> Iterator[Shape]:
    """The shapes with those inside groups, in the order in which they are read out."""
    for shape in shapes:
        inner = getattr(shape, "shapes", None)
        if inner is not None and depth < _DEEPEST:
            yield from _flat(inner, depth + 1)
        else:
            yield shape


def _placeholder(shape: Shape) -> Any:
    return shape.placeholder_format.type if shape.is_placeholder else None


def _shape(shape: Shape, *, page: int) -> Iterator[Block]:
    if getattr(shape, "has_table", False):
        rows = (row_line(clean(cell.text) for cell in row.cells) for row in shape.table.rows)
        yield Block("\n".join(row for row in rows if row), BlockKind.TABLE, page=page)
    elif getattr(shape, "has_chart", False):
        yield Block("\n".join(_chart(shape.chart)), BlockKind.TABLE, page=page)
    elif shape.has_text_frame and _placeholder(shape) in _BULLETED:
        lines = [
            INDENT * paragraph.level + BULLET + " ".join(clean(paragraph.text).split())
            for paragraph in shape.text_frame.paragraphs
            if paragraph.text.strip()
        ]
        alone = len(lines) == 1
        text = lines[0].removeprefix(BULLET) if alone else "\n".join(lines)
        yield Block(text, BlockKind.PARAGRAPH if alone else BlockKind.LIST, page=page)
    elif shape.has_text_frame:
        yield from _paragraphs(shape.text_frame, page=page)


def _paragraphs(frame: Any, *, page: int) -> Iterator[Block]:
    for paragraph in frame.paragraphs:
        yield Block(clean(paragraph.text).strip(), page=page)


def _chart(chart: Any) -> Iterator[str]:
    """The numbers behind a chart, a row for each category."""
    for plot in chart.plots:
        series = list(plot.series)
        yield row_line(["", *(clean(each.name) for each in series)]) or ""
        values = [list(each.values) for each in series]
        for index, category in enumerate(plot.categories):
            row = (each[index] if index < len(each) else None for each in values)
            shown = (f"{value:g}" if value is not None else "" for value in row)
            yield row_line([clean(str(category)), *shown]) or ""
