"""Lines with their places on pages → paragraphs and lists, as their writer had them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mode

from indexer.document import Block, BlockKind
from indexer.formats.lists import marked


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text and its box in points, from the page's lower left corner."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        """The height of its letters' boxes: about 1.2 times the font's size."""
        return max(self.top - self.bottom, 1.0)


# How many lines at a page's top and bottom may be running heads or page numbers.
_EDGE = 2
_FEWEST_PAGES = 3
# Left and right pages often differ, so a running head stands on less than half the pages.
_SHARE = 0.4
# A line whose letters differ in height by this share is no part of the paragraph above it.
_OTHER_SIZE = 0.15
# A paragraph begins where lines are this much further apart than they mostly are.
_APART = 1.3
# A line that leaves this share of its column free may be a paragraph's last.
_SHORT = 0.25
# So many distances between lines tell how far apart they mostly are.
_ENOUGH = 8
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:page|p\.|seite|página)?\s*(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:of|/|von|de)\s*\d{1,4})?[\W_]*",
    re.IGNORECASE,
)
# A line of a table of contents: "Naming . . . . . 12".
_CONTENTS = re.compile(r"(?:\. ?){5} ?[\divxlc]+$", re.IGNORECASE)
_COLUMN_WIDTH = 36.0
_DIGITS = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"""[.!?:;…]["'”’»)\]]*$""")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CONJUNCTIONS = frozenset({"and", "or", "to", "und", "oder", "y", "et", "ou"})


def blocks(pages: Sequence[Sequence[Line]]) -> list[Block]:
    """The paragraphs and lists of a document's pages.

    Running heads, page numbers and the lines of a table of contents are left out. A paragraph
    that runs over a page's end belongs to the page where it begins.
    """
    kept = _without_running_lines(pages)
    words = Counter(word.casefold() for page in kept for line in page for word in _words(line))
    falls = [fall for page in kept for fall in _falls(page)]
    paragraphs: list[tuple[int, list[Line]]] = []
    for number, page in enumerate(kept, 1):
        for position, group in enumerate(_groups(page, pitch=_pitch(page, falls))):
            if position == 0 and paragraphs and _runs_on(paragraphs[-1][1][-1], group[0]):
                paragraphs[-1][1].extend(group)
            else:
                paragraphs.append((number, group))
    return _merged_lists(
        _block(_joined([line.text for line in group], words), number)
        for number, group in paragraphs
    )


def _without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    edges = [_edge(page) for page in pages]
    seen = Counter(shape for edge in edges for shape in {_shape(line) for line in edge})
    often = max(_FEWEST_PAGES, _SHARE * sum(map(bool, pages)))
    kept = []
    for page, edge in zip(pages, edges, strict=True):
        dropped = {line for line in edge if seen[_shape(line)] >= often}
        left = [line for line in page if line not in dropped]
        numbers = {line for line in _edge(left, 1) if _PAGE_NUMBER.fullmatch(line.text)}
        kept.append(
            [line for line in left if line not in numbers and not _CONTENTS.search(line.text)]
        )
    return kept


def _edge(page: Sequence[Line], size: int = _EDGE) -> set[Line]:
    by_height = sorted(page, key=lambda line: line.top)
    return {*by_height[:size], *by_height[-size:]}


def _shape(line: Line) -> str:
    return _DIGITS.sub("#", line.text.casefold())


def _falls(page: Sequence[Line]) -> list[float]:
    """How far each line stands below the one before it, in the same column."""
    falls = (round(above.bottom - line.bottom) for above, line in pairwise(page))
    return [fall for fall in falls if fall > 0]


def _pitch(page: Sequence[Line], falls: Sequence[float]) -> float:
    """How far apart the lines of a paragraph are, by the page or else the document's `falls`."""
    own = _falls(page)
    usual = own if len(own) >= _ENOUGH else falls
    if len(usual) >= _ENOUGH:
        return mode(usual)
    return min([_APART * line.height for line in page], default=0.0)


def _groups(page: Sequence[Line], *, pitch: float) -> Iterator[list[Line]]:
    """The page's lines, those of one paragraph together."""
    margins = _margins(page)
    group: list[Line] = []
    for line in page:
        if group and _begins_paragraph(group, line, margins=margins, pitch=pitch):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _begins_paragraph(
    group: Sequence[Line], line: Line, *, margins: dict[int, float], pitch: float
) -> bool:
    above = group[-1]
    fall = above.bottom - line.bottom
    other_size = abs(line.height - above.height) > _OTHER_SIZE * above.height
    if fall <= 0 or other_size:  # another column or cell, a heading, or only another font
        return not _runs_on(above, line)
    if fall > _APART * pitch + 1 or marked(line.text):
        return True
    if marked(group[0].text):
        return line.left < group[0].left + 1  # under the marker, not under the item's text
    margin = max(margins.get(_column(above) + step, above.right) for step in (-1, 0, 1))
    ends_short = above.right < margin - _SHORT * (margin - above.left)
    ended = _SENTENCE_END.search(above.text) is not None
    indented = line.left > above.left + above.height / 2
    return (ends_short and (ended or not line.text[:1].islower())) or (ended and indented)


def _margins(page: Sequence[Line]) -> dict[int, float]:
    """How far to the right the lines go that begin at about the same place."""
    margins: dict[int, float] = {}
    for line in page:
        margins[_column(line)] = max(margins.get(_column(line), 0.0), line.right)
    return margins


def _column(line: Line) -> int:
    return round(line.left / _COLUMN_WIDTH)


def _runs_on(above: Line, line: Line) -> bool:
    """Whether a sentence goes on after a page's or a column's end."""
    return not _SENTENCE_END.search(above.text) and line.text[:1].islower()


def _joined(texts: Sequence[str], words: Counter[str]) -> str:
    text = texts[0]
    for following in texts[1:]:
        if text.endswith("-") and len(text) > 1 and text[-2].isalnum():
            text = _mended(text, following, words)
        else:
            text += " " + following
    return text


def _mended(text: str, following: str, words: Counter[str]) -> str:
    """Two lines joined at a hyphen, which goes where it only parted a word.

    The document's other words decide; where they do not know, a small letter after the hyphen
    means a parted word.
    """
    before, after = _WORD.findall(text), _WORD.match(following)
    if after is None or not after[0][0].islower() or not before or not text[-2].isalpha():
        return text + following
    if after[0].casefold() in _CONJUNCTIONS:
        return f"{text} {following}"
    left, right = before[-1].casefold(), after[0].casefold()
    whole, compound = words[left + right], words[f"{left}-{right}"]
    if compound > whole or ("-" in left and not whole):
        return text + following
    return text[:-1] + following


def _words(line: Line) -> list[str]:
    return _WORD.findall(line.text)


def _block(text: str, page: int) -> Block:
    item = marked(text)
    if item is None:
        return Block(text, page=page)
    return Block("".join(item), BlockKind.LIST, page=page)


def _merged_lists(found: Iterable[Block]) -> list[Block]:
    """The blocks, with neighbouring items of a page as one list."""
    merged: list[Block] = []
    for block in found:
        last = merged[-1] if merged else None
        if (
            last is not None
            and last.kind is block.kind is BlockKind.LIST
            and last.page == block.page
        ):
            merged[-1] = Block(f"{last.text}\n{block.text}", BlockKind.LIST, page=last.page)
        else:
            merged.append(block)
    return merged
