"""How sources, places, versions, times and counts are written, and the colours (pure)."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.escape import link, plain
from bot.language import ENGLISH, Language
from bot.page import shortened
from knowledge.types import Citation, Location, Passage

GREEN, AMBER, RED, GREY, BLUE = 0x3BA55D, 0xE0A03A, 0xD9534F, 0x80848E, 0x5B8DEF
VERSION_LIMIT = 12
MODEL_LIMIT = 80

_HEADING_LIMIT = 80
_MINUTE = 60


def where(location: Location, *, say: Language = ENGLISH) -> str:
    """A location as a reader wants it: the last two headings, then page or line."""
    headings = [shortened(heading, _HEADING_LIMIT) for heading in location.headings[-2:]]
    parts = [" › ".join(headings)] if headings else []
    if location.page is not None:
        parts.append(say("page {page}", page=location.page))
    elif location.line is not None and not location.headings:
        parts.append(say("line {line}", line=location.line))
    return plain(" · ".join(parts))


def source_line(source: Passage | Citation, *, say: Language = ENGLISH) -> str:
    """Title, linked where the document has an address, and the place in it."""
    title = plain(shortened(source.title, 120))
    address = link(source.source)
    head = f"**[{title}]({address})**" if address else f"**{title}**"
    place = where(source.location, say=say)
    return f"{head} › {place}" if place and source.location.headings else _dotted(head, place)


def version(library_version: str) -> str:
    """The index version, short enough for a footer."""
    return library_version[:VERSION_LIMIT]


def day(seconds: float) -> str:
    """A moment as a date."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def duration(seconds: float, *, say: Language = ENGLISH) -> str:
    """A stretch of time, rounded."""
    if seconds < _MINUTE:
        return say("{seconds} s", seconds=max(1, round(seconds)))
    return say("{minutes} min", minutes=round(seconds / _MINUTE))


def count(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def documents(number: int, *, say: Language = ENGLISH) -> str:
    """A number of documents."""
    return say.counted("{count} document", "{count} documents", number)


def passages(number: int, *, say: Language = ENGLISH) -> str:
    """A number of passages."""
    return say.counted("{count} passage", "{count} passages", number)


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
