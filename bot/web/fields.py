"""What a browser sent, as values; whatever it is (pure)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs

_LONGEST_FORM = 20_000
_MOST_DAYS = 730
_MOST_DIGITS = 6


async def fields(body: AsyncIterator[bytes]) -> dict[str, str]:
    """A submitted form's fields, the first of each name; none where it is too long."""
    read = b""
    async for piece in body:
        read += piece
        if len(read) > _LONGEST_FORM:
            return {}
    found = parse_qs(read.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in found.items()}


def number(text: str) -> int:
    """A count; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0


def days_back(text: str) -> int:
    """How many days, between one and two years."""
    return max(1, min(_MOST_DAYS, number(text)))
