"""Bytes of a text file → its text, whatever the encoding, or the reason why it is none."""

from __future__ import annotations

import codecs
import unicodedata

from charset_normalizer import CharsetMatches, from_bytes

from knowledge.errors import DocumentError

# UTF-32 first: its little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ["utf_16_be", "utf_16_le", "utf_32_be", "utf_32_le"]
_SAMPLE = 20_000
_RUBBISH_SHARE = 0.02
_RUBBISH = frozenset({"Cc", "Cn", "Co", "Cs"})


def decode(data: bytes, *, name: str, declared: str | None = None) -> str:
    """The text of `data`: by its byte order mark, UTF-8, the declared encoding, or a guess.

    Raises DocumentError where that gives no text.
    """
    text = _marked(data) or _strict(data, "utf-8-sig")
    if text is None and declared is not None:
        text = _strict(data, declared)
    if text is None or "\0" in text[:_SAMPLE]:
        text = _guessed(data)
    if text is None or _is_rubbish(text):
        raise DocumentError(
            f"{name} does not hold text in any known encoding: save it as UTF-8 text, "
            "or give it the ending of what it really is."
        )
    return text


def _marked(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding)
    return None


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _guessed(data: bytes) -> str | None:
    # Almost any even number of bytes reads as UTF-16, so that is only tried where zero bytes,
    # which no narrow encoding has, speak for it.
    matches = from_bytes(data, cp_exclusion=[] if b"\0" in data else _WIDE)
    best = matches.best()
    if best is None:
        return None
    return _strict(data, "cp1252") if _may_be_western(matches) else str(best)


def _may_be_western(matches: CharsetMatches) -> bool:
    """Whether cp1252, by far the commonest legacy encoding, fits as well as the best guess."""
    best = matches.best()
    return best is not None and any(
        match.encoding == "cp1252" and match.chaos <= best.chaos for match in matches
    )


def _is_rubbish(text: str) -> bool:
    sample = text[:_SAMPLE]
    rubbish = sum(
        character not in "\t\n\r\f\v\x1b\x85" and unicodedata.category(character) in _RUBBISH
        for character in sample
    )
    return rubbish > max(2, _RUBBISH_SHARE * len(sample))
