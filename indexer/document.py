"""A document as text with locations: what loading gives and chunking takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block is, as far as chunking and sentence splitting care."""

    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list, table or code listing and where it stands.

    `text` is verbatim up to white space: lines that only wrap a paragraph are joined by one space;
    list items, table rows and code lines keep a line each. `headings` runs from the outermost
    heading inwards (the document's own title is not repeated); `page` and `line` count from 1.
    """

    text: str
    kind: BlockKind = BlockKind.PARAGRAPH
    headings: tuple[str, ...] = ()
    page: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document: `updated` is an ISO date where the document states one."""

    title: str
    blocks: tuple[Block, ...]
    updated: str | None = None
    source: str | None = None
    pages: int | None = None
    notes: tuple[str, ...] = ()
    summary: str | None = None
