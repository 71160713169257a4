"""Characters a reader cannot see, or sees as others, made plain; the words stay as written."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile(r"\r\n?|\n")
_TAB_WIDTH = 4

# Vertical tab, form feed, next line, line and paragraph separator all end a line.
_SEPARATORS = dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n")
_SPACES = dict.fromkeys((0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
# Controls, the noncharacters PDFs are littered with, and lone surrogates, which no database takes.
_UNPRINTABLE = dict.fromkeys(
    (
        *range(0x09),
        *range(0x0E, 0x20),
        *range(0x7F, 0x85),
        *range(0x86, 0xA0),
        *range(0xD800, 0xE000),
        0xFFFE,
        0xFFFF,
    )
)
# Soft hyphen, zero-width spaces, direction marks, byte order mark, annotation and object marks,
# and the tag characters, which can hide whole sentences from a reader but not from a model.
_INVISIBLE = dict.fromkeys(
    (
        0xAD,
        0x061C,
        0x180E,
        0x200B,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
        *range(0xFFF9, 0xFFFD),
        *range(0x1BCA0, 0x1BCA4),
        *range(0x1D173, 0x1D17B),
        *range(0xE0000, 0xE0080),
    )
)
_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_PRINTABLE = {**_SEPARATORS, **_SPACES, **_UNPRINTABLE}
_NORMAL = {**_PRINTABLE, **_INVISIBLE, **_LIGATURES}

# A zero-width (non-)joiner spells words in Arabic and Indic scripts and joins emoji; anywhere else
# it is noise.
_JOINED = "\u0600-\u109f\u1780-\u17ff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_STRAY_JOINER = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]+|[\u200c\u200d]+(?![{_JOINED}])")

_SPACE_RUN = re.compile(r"  +")
_SPACE_AT_LINE_END = re.compile(r" *\n *")


def printable(text: str) -> str:
    """The text without control characters, with plain line ends and plain spaces."""
    return _LINE_ENDS.sub("\n", text).translate(_PRINTABLE)


def normalise(text: str) -> str:
    """The text in NFC, printable, without invisible characters or ligatures; spacing is kept."""
    if text.isascii() and text.isprintable():
        return text
    visible = _LINE_ENDS.sub("\n", text).translate(_NORMAL)
    return unicodedata.normalize("NFC", _STRAY_JOINER.sub("", visible))


def squeeze(text: str) -> str:
    """The text with one space for a run of them, and none at the ends of lines."""
    return _SPACE_AT_LINE_END.sub("\n", _SPACE_RUN.sub(" ", text)).strip(" ")


def clean(text: str) -> str:
    """The text as a reader sees it: normalised and squeezed."""
    return squeeze(normalise(text))


def clean_lines(text: str) -> list[str]:
    """The normalised lines of a file, one for each of its own, with their indentation in spaces."""
    return [
        normalise(line.expandtabs(_TAB_WIDTH)).replace("\n", " ") for line in _LINE_ENDS.split(text)
    ]
