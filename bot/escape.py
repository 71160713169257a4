"""Text of documents and models made safe to show: it may neither ping, link, nor format (pure)."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
_META = re.compile(r"([\\*_~`|\[\]<>])")
_LINE_START = re.compile(r"(?m)^(\s*)([#+-](?=\s|#)|-(?=#))")
_NUMBERED = re.compile(r"(?m)^(\s*\d{1,9})([.)])(?=\s)")
_PING = re.compile(r"@(?=everyone|here|[!&]?\d)", re.IGNORECASE)
_SCHEME = re.compile(r"\b([a-z][a-z0-9+.-]*):(?=//)", re.IGNORECASE)
_INVITE = re.compile(r"\b(discord(?:app)?\.(?:gg|com|me|io|li)|dsc\.gg)/(?=\S)", re.IGNORECASE)
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_SPECIAL = re.compile(r"<(?=[@#/:!]|a:|t:|id:|https?:|[a-z]+:)", re.IGNORECASE)
_HEADING = re.compile(r"(?m)^(\s*)(#{1,3}|-#|>>>|>)(?=\s)")
_FENCE = "```"
_ADDRESS_LIMIT = 512


def plain(text: str) -> str:
    """The text as it stands: nothing in it formats, links or mentions (for quotes and titles)."""
    text = _META.sub(r"\\\1", _visible(text))
    text = _LINE_START.sub(r"\1\\\2", text)
    text = _NUMBERED.sub(r"\1\\\2", text)
    return _unlinked(text)


def prose(text: str) -> str:
    """A model's text: lists, bold and code stay; mentions, links, headings and spoilers do not."""
    text = _visible(text)
    if text.count(_FENCE) % 2:
        text = f"{text.rstrip()}\n{_FENCE}"
    parts = _CODE.split(text)
    return "".join(part if index % 2 else _prose(part) for index, part in enumerate(parts))


def link(url: str | None) -> str | None:
    """The address of a document if it may be followed: http or https, with nothing to break out."""
    if url is None:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        return None
    safe = quote(parts.geturl(), safe=":/?#&=%+,;@!$~.-_")
    return safe if len(safe) <= _ADDRESS_LIMIT else None


def _prose(text: str) -> str:
    text = _SPECIAL.sub(r"\\<", text)
    text = text.replace("](", "]\\(").replace("||", "\\|\\|")
    text = _HEADING.sub(r"\1\\\2", text)
    return _unlinked(text)


def _unlinked(text: str) -> str:
    text = _SCHEME.sub(r"\1\\:", text)
    text = _INVITE.sub(r"\1\\/", text)
    # The same zero-width space that discord.utils.escape_mentions uses.
    return _PING.sub("@\u200b", text)


def _visible(text: str) -> str:
    """Without control, zero-width and direction characters, which can hide or reorder text."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\t", " "))
