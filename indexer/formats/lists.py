"""List items and table rows as lines of text: one way to write them for every format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from indexer.document import Block, BlockKind

INDENT = "  "
BULLET = "- "
_MARKED = re.compile(r"(?:[-*•‣◦▪●]\s+|•|(?P<number>\d{1,3})[.)]\s+)(?P<text>\S.*)", re.DOTALL)


def marked(text: str) -> tuple[str, str] | None:
    """A line that begins as a list item does: its marker as we write it and its text."""
    match = _MARKED.fullmatch(text)
    if match is None:
        return None
    number = match["number"]
    return (f"{number}. " if number else BULLET), match["text"]


def item_lines(marker: str, parts: Sequence[Block]) -> list[str]:
    """One item: its opening paragraphs on the marker's line, all else indented under it."""
    opening: list[str] = []
    rest: list[str] = []
    for part in parts:
        if part.kind is BlockKind.PARAGRAPH and not rest:
            opening.append(" ".join(part.text.split()))
        else:
            rest.extend(part.text.split("\n"))
    if not opening:
        return rest
    return [marker + " ".join(opening), *(INDENT + line for line in rest)]


def row_line(cells: Iterable[str]) -> str | None:
    """One table row as "| a | b |", or None where every cell is empty."""
    texts = [" ".join(cell.split()) for cell in cells]
    return f"| {' | '.join(texts)} |" if any(texts) else None
