"""Markdown → a document, with the lines of the file it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from markdown_it.tree import SyntaxTreeNode

from indexer.clean import clean_lines
from indexer.document import Block, BlockKind, Document
from indexer.formats import elements, inline, matter
from indexer.formats.decode import decode
from indexer.formats.lists import BULLET, item_lines, row_line
from indexer.formats.outline import Heading, Item, assemble, first_heading, title_from

_REFERENCES = "References"
_MDX = re.compile(
    r"import\s+(?:[\w{*][^'\"\n]*\sfrom\s+)?['\"][^'\"\n]+['\"];?"
    r"|export\s+(?:const|let|var|default|function|async|class|\*|\{).*"
)
# Anchors that site builders hang on a heading: "Setup {#setup}", "Setup[[setup]]".
_ANCHOR = re.compile(r"\s*(?:\{#[\w:.-]+\}|\[\[[\w:.-]+\]\])$")
# Tags of a site builder's own components, alone in their paragraph.
_ONLY_TAGS = re.compile(r"(?:</?[A-Za-z][^<>]*>\s*)+")
_ALERT = re.compile(r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*", re.IGNORECASE)


def read(data: bytes, *, name: str) -> Document:
    """The document of a Markdown file; raises DocumentError for broken front matter or no text."""
    text = "\n".join(clean_lines(decode(data, name=name)))
    stated, body = matter.split(text, name=name)
    root = SyntaxTreeNode(inline.parser().parse(body))
    items = [*_items(root.children, above=stated.lines)]
    title = stated.title or first_heading(items, deepest=1) or title_from(name)
    if stated.references is not None:
        items += [Heading(_REFERENCES, 1), stated.references]
    return assemble(
        items,
        name=name,
        title=title,
        lone_heading_is_title=True,
        updated=stated.updated,
        notes=stated.notes,
        summary=None if stated.summary is None else stated.summary.text,
    )


def _items(nodes: Iterable[SyntaxTreeNode], *, above: int) -> Iterator[Item]:
    for node in nodes:
        line = above + node.map[0] + 1 if node.map else None
        if node.type == "heading":
            level = int(node.tag.removeprefix("h"))
            yield Heading(_ANCHOR.sub("", _plain(node, hard_break=" ")), level)
        elif node.type == "html_block":
            yield from _html(node.content, line=line)
        else:
            yield from _blocks(node, line=line, above=above)


def _blocks(node: SyntaxTreeNode, *, line: int | None, above: int) -> Iterator[Block]:
    match node.type:
        case "paragraph":
            yield from _paragraph(node, line=line)
        case "bullet_list" | "ordered_list":
            lines = _list_lines(node, above=above)
            yield Block("\n".join(lines), BlockKind.LIST, line=line)
        case "table":
            yield Block("\n".join(_table_lines(node)), BlockKind.TABLE, line=line)
        case "fence" | "code_block":
            yield Block(node.content.strip("\n").rstrip(), BlockKind.CODE, line=line)
        case "blockquote":
            yield from _within(node, above=above)
        case _:  # rules and link definitions say nothing
            pass


def _within(node: SyntaxTreeNode, *, above: int) -> Iterator[Block]:
    """The blocks inside a quote or a list item, where a heading is only a paragraph."""
    for item in _items(node.children, above=above):
        yield Block(item.text) if isinstance(item, Heading) else item


def _paragraph(node: SyntaxTreeNode, *, line: int | None) -> Iterator[Block]:
    text = _ALERT.sub("", _plain(node), count=1)
    if text and not _MDX.match(text) and not _ONLY_TAGS.fullmatch(text):
        yield Block(text, line=line)


def _plain(node: SyntaxTreeNode, *, hard_break: str = "\n") -> str:
    tokens = [child.token for child in node.children if child.token is not None]
    children = [inner for token in tokens for inner in token.children or ()]
    return inline.plain(children, hard_break=hard_break)


def _list_lines(node: SyntaxTreeNode, *, above: int) -> list[str]:
    ordered = node.type == "ordered_list"
    first = int(node.attrs.get("start", 1)) if ordered else 0
    lines: list[str] = []
    for position, child in enumerate(node.children):
        marker = f"{first + position}. " if ordered else BULLET
        lines.extend(item_lines(marker, [*_within(child, above=above)]))
    return lines


def _table_lines(node: SyntaxTreeNode) -> list[str]:
    rows = (row for part in node.children for row in part.children)
    lines = (row_line(_plain(cell, hard_break=" ") for cell in row.children) for row in rows)
    return [line for line in lines if line]


def _html(content: str, *, line: int | None) -> Iterator[Item]:
    """The text in a block of HTML, read as a browser would."""
    tree = elements.parse(content)
    for item in [] if tree is None else elements.items(tree):
        yield replace(item, line=line) if isinstance(item, Block) else item
