"""A web page → its main content as a document. Nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import trafilatura
from trafilatura.settings import Document as Extraction

from indexer.clean import clean
from indexer.document import Document
from indexer.formats import elements
from indexer.formats.decode import decode
from indexer.formats.outline import Item, assemble, first_heading, iso_date, same, title_from

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?([\w:.-]+)""", re.IGNORECASE
)
_HEAD = 4096
# Below this many characters trafilatura gives up on structure and glues the page's text together.
_SHORT = 250
# Above this many elements trafilatura goes without its second opinion, by jusText, whose time grows
# with their square: 10 s for 16,000 elements, two minutes for 80,000.
_MANY = 10_000
# What stands between a page's title and the name of its site: "Setup - The Manual".
_SITE = re.compile(r"\s+[-–—|·»:]\s+")


def read(data: bytes, *, name: str) -> Document:
    """The document of a web page; raises DocumentError where it holds no text.

    Trafilatura finds the main content; where it finds next to none, the whole body counts.
    """
    declared = _DECLARED.search(data[:_HEAD])
    encoding = declared[1].decode("ascii", "ignore") if declared else None
    tree = elements.parse(decode(data, name=name, declared=encoding))
    if tree is None:
        return assemble([], name=name, title=title_from(name))
    extraction = _extract(tree)
    items = [] if extraction is None else elements.items(extraction.body)
    if sum(len(item.text) for item in items) < _SHORT:
        items = elements.items(tree)
    return assemble(
        items,
        name=name,
        title=_title(tree, items) or title_from(name),
        lone_heading_is_title=True,
        updated=None if extraction is None else iso_date(extraction.date),
    )


def _title(tree: elements.Element, items: Sequence[Item]) -> str | None:
    """The title the page states, without the site's name where a heading tells it apart."""
    stated = (*tree.xpath("//meta[@property='og:title']/@content"), *tree.xpath("//title/text()"))
    title = next((text for text in map(_one_line, stated) if text), None)
    heading = first_heading(items)
    if title is None:
        return first_heading(items, deepest=1)
    own = _SITE.split(title, maxsplit=1)[0]
    return own if heading is not None and same(own, heading) else title


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _extract(tree: elements.Element) -> Extraction | None:
    """The main content with its metadata; a date only where the page states one outright."""
    dates = {
        "original_date": False,
        "extensive_search": False,
        "max_date": datetime.now(UTC).date().isoformat(),
    }
    found = trafilatura.bare_extraction(
        tree,
        fast=sum(1 for _ in tree.iter()) > _MANY,
        include_comments=False,
        favor_recall=True,
        with_metadata=True,
        date_extraction_params=dates,
    )
    return found if isinstance(found, Extraction) else None
