"""Inline Markdown → the text a reader sees, otherwise as it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, html_block
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from indexer.clean import squeeze

_MATH = re.compile(r"\$\$[^$]+\$\$|\$(?=[^\s$])[^$\n]*[^\s$\\]\$(?!\d)|\$[^\s$\\]\$(?!\d)")
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)[\s/>]")
_BREAK = re.compile(r"<br[\s/>]", re.IGNORECASE)
# Elements a browser renders without showing their tags. Any other tag, such as <mask> or
# <reasoning> or a language model's <s>, is somebody's notation and part of the text.
_ELEMENT_NAMES = (
    "a abbr article aside b big blockquote body button center cite code dd del details dfn div "
    "dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i iframe img ins kbd li "
    "main mark nav ol p picture pre q samp script section small source span strike strong style "
    "sub summary sup table tbody td template textarea tfoot th thead time tr tt u ul var video "
    "wbr"
)
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())


def parser() -> MarkdownIt:
    """CommonMark with tables, strikethrough and dollar maths; a tag HTML does not know is text."""
    markdown = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
    markdown.inline.ruler.before("escape", "math", _math)
    markdown.block.ruler.at(
        "html_block", _element_block, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    return markdown


def _math(state: StateInline, silent: bool) -> bool:
    """An inline rule: $…$ and $$…$$ stay as written, their stars and underscores no emphasis.

    As in Pandoc, the opening dollar has no space after it and the closing one no space before it
    and no digit after it, so that prices are not formulas.
    """
    match = _MATH.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content = match.group()
    state.pos = match.end()
    return True


def _element_block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A block rule: as the parser's own for HTML, but only where a known element begins it."""
    start = state.bMarks[first] + state.tShift[first]
    return _is_markup(state.src[start : state.eMarks[first] + 1]) and html_block(
        state, first, last, silent
    )


def plain(children: Sequence[Token], *, hard_break: str = "\n") -> str:
    """What a reader sees of a paragraph's inline tokens.

    Emphasis marks, link targets, images, comments and the tags of HTML elements go; code keeps its
    backticks. A line that only wraps is joined; one broken on purpose ends with `hard_break`.
    """
    parts: list[str] = []
    for position, token in enumerate(children):
        match token.type:
            case "em_open" | "em_close" if _is_times(children, position):
                parts.append(token.markup)
            case "text" | "math":
                parts.append(" ".join(token.content.split("\n")))
            case "code_inline":
                parts.append(f"{token.markup}{token.content}{token.markup}")
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append(hard_break)
            case "html_inline":
                parts.append(_visible_tag(token.content, hard_break))
            case _:  # opening and closing marks, images
                pass
    return squeeze("".join(parts)).strip()


def _is_times(children: Sequence[Token], position: int) -> bool:
    """Whether an emphasis mark is a times sign: 2*3*4 must not read as 234."""
    before, after = children[max(position - 1, 0)], children[min(position + 1, len(children) - 1)]
    return before.content[-1:].isdigit() and after.content[:1].isdigit()


def _is_markup(tag: str) -> bool:
    """Whether `tag` is what a browser would not show: a comment or an HTML element's tag."""
    match = _TAG.match(tag)
    return tag.startswith(("<!", "<?")) or (match is not None and match[1].lower() in _ELEMENTS)


def _visible_tag(tag: str, hard_break: str) -> str:
    if _BREAK.match(tag):
        return hard_break
    return "" if _is_markup(tag) else tag
