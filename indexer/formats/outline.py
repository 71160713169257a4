"""Headings and blocks in reading order → a document whose blocks know their headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePath

from indexer.clean import clean
from indexer.document import Block, Document
from knowledge.errors import DocumentError

_SEPARATORS = re.compile(r"[\s_]+|(?<=\w)-(?=\w)|%20")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's text and its level, 1 for the outermost."""

    text: str
    level: int


_WORD = re.compile(r"(?<!\w)[^\W\d_]{3,}(?!\w)")
_TITLE_WORDS = 10

Item = Heading | Block


def assemble(
    items: Sequence[Item],
    *,
    name: str,
    title: str,
    lone_heading_is_title: bool = False,
    updated: str | None = None,
    pages: int | None = None,
    notes: tuple[str, ...] = (),
    summary: str | None = None,
    source: str | None = None,
) -> Document:
    """The document of `items`; raises DocumentError where they hold no text."""
    blocks = _placed(items, title=title, lone_heading_is_title=lone_heading_is_title)
    if not blocks:
        raise DocumentError(f"{name} has no text: add some, or leave the file out.")
    if title == title_from(name) and not _WORD.search(title):
        # A file named by a digest or a number: its first words say more.
        title = " ".join(blocks[0].text.split()[:_TITLE_WORDS])
    return Document(
        title=title,
        blocks=blocks,
        updated=updated,
        source=source,
        pages=pages,
        notes=notes,
        summary=summary,
    )


def _placed(
    items: Sequence[Item], *, title: str, lone_heading_is_title: bool = False
) -> tuple[Block, ...]:
    """The blocks, each with the path of headings it stands under.

    The title is no part of a path: neither an outermost or first heading that repeats it nor, where
    `lone_heading_is_title`, the only outermost heading if the document begins with it.
    """
    lone = lone_heading_is_title and _begins_with_its_only_outermost(items)
    path: list[Heading] = []
    placed: list[Block] = []
    opening = next((item for item in items if isinstance(item, Heading)), None)
    for item in items:
        if isinstance(item, Block):
            if item.text.strip():
                placed.append(replace(item, headings=tuple(heading.text for heading in path)))
            continue
        path = [heading for heading in path if heading.level < item.level]
        outermost = item.level == 1
        repeats = (outermost or item is opening) and same(item.text, title)
        stands_for_title = repeats or (outermost and lone)
        if item.text and not stands_for_title:
            path.append(item)
    return tuple(placed)


def first_heading(items: Iterable[Item], *, deepest: int = 6) -> str | None:
    """The text of the first heading at a level up to `deepest`, if there is one."""
    return next(
        (
            item.text
            for item in items
            if isinstance(item, Heading) and item.level <= deepest and item.text
        ),
        None,
    )


def title_from(name: str) -> str:
    """A file's name made readable: "embeddings_and-search.md" → "Embeddings and search"."""
    words = _SEPARATORS.sub(" ", clean(PurePath(name).stem)).strip()
    return words[:1].upper() + words[1:] if words else name


def iso_date(value: object) -> str | None:
    """A date or an ISO date string as "YYYY-MM-DD"; None where it is no date."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.strip()).date().isoformat()
    except ValueError:
        return None


def _begins_with_its_only_outermost(items: Sequence[Item]) -> bool:
    outermost = [item for item in items if isinstance(item, Heading) and item.level == 1]
    return len(outermost) == 1 and items[0] is outermost[0]


def same(one: str, other: str) -> bool:
    """Whether two headings differ in no more than case and white space."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
