"""Text of documents, models and people made safe to show, on Discord and in a terminal (pure).

It may neither ping, link, format, nor steer what it is shown on.
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urlsplit

# Controls of both halves (a terminal obeys U+009B as it does ESC [), zero-width, direction and
# annotation marks, line separators, and the tag characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_META = re.compile(r"([\\*_~`|\[\]<>])")
_LINE_START = re.compile(r"(?m)^(\s*)([#+-](?=\s|#)|-(?=#))")
_NUMBERED = re.compile(r"(?m)^(\s*\d{1,9})([.)])(?=\s)")
_PING = re.compile(r"@(?=everyone|here|[!&]?\d)", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?=//(?:[^\s.]|\.\S))", re.IGNORECASE)
_INVITE = re.compile(r"(discord(?:app)?\.(?:gg|com|me|io|li)|dsc\.gg)/(?=\S)", re.IGNORECASE)
# Where Discord sees code, as far as its order of rules goes: an escaped mark opens nothing.
_CODE = re.compile(
    r"\\[^0-9A-Za-z\s]|(?P<code>```(?:[\w+.#-]+?\n)?\n*[^\n].*?```|(`+)\s*.*?[^`]\s*\2(?!`))",
    re.DOTALL,
)
_HEADING = re.compile(r"(?m)^(\s*)(#{1,3}|-#|>>>|>)(?=\s)")
_FENCE = "```"
_ADDRESS_LIMIT = 512
# Where Discord turns an address into an offer to join; other addresses of it are messages.
_INVITING = re.compile(
    r"//(?:[\w-]+\.)?(?:discord\.(?:gg|me|io|li)|dsc\.gg|discord(?:app)?\.com/+(?:invite|oauth2))(?:/|$)",
    re.IGNORECASE,
)


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
    parts: list[str] = []
    last = 0
    for match in _CODE.finditer(text):
        if match["code"] is not None:
            parts += [_prose(text[last : match.start()]), match.group()]
            last = match.end()
    return "".join([*parts, _prose(text[last:])])


_ROLE = re.compile(r"<@\u200b&(\d{1,20})>", re.ASCII)


def remark(text: str) -> str:
    """A sentence of our own that may hold somebody's name: our marks stay, theirs do nothing.

    A role is shown by its name; nobody is pinged by it, since every message of ours forbids that.
    """
    return _ROLE.sub(r"<@&\1>", _unlinked(_visible(text)))


def link(url: str | None) -> str | None:
    """The address of a document if it may be followed: http or https, with nothing to break out.

    An invitation to a server is none: a document has its home elsewhere.
    """
    if url is None:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        return None
    safe = quote(parts.geturl(), safe=":/?#&=%+,;@!$~.-_")
    if len(safe) > _ADDRESS_LIMIT or _INVITING.search(safe):
        return None
    return safe


def typed(text: str) -> str:
    """The text for a terminal, where it may not move the cursor, change colours or reorder."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n"))


def encoded(json_text: str) -> str:
    """The same JSON with what a terminal could obey written as escapes."""
    return _INVISIBLE.sub(lambda match: json.dumps(match.group())[1:-1], json_text)


def _prose(text: str) -> str:
    # With the marks before it, which would escape each other instead.
    text = re.sub(r"\\*<", r"\\<", text)
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
    return typed(text).replace("\t", " ")
