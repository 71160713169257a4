"""What in a text would lead a reader elsewhere or call somebody: addresses, mentions. Pure.

A model that invents an address sends people there, and a planted order mostly asks for one. So a
sentence may only name what stands in the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# With a scheme, or a name with an ending such as 'example.org/path' or 'someone@example.org';
# 'end.Next' is two sentences, 'e.g.' and '3.5' are none.
_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]*://[^\s<>\"'`)\]]+"
    r"|(?:[\w.+-]+@)?(?<![\w.])(?:[^\W_][\w-]*\.)+(?:[a-z]{2,24}|[A-Z]{2,24})\b(?:/[^\s<>\"'`)\]]*)?"
)
_MENTION = re.compile(r"@(?:everyone|here)\b|<[@#][!&]?\d+>|</[^<>:]+:\d+>", re.IGNORECASE)
_END = ".,;:!?*_"


def pointers(text: str) -> tuple[str, ...]:
    """The addresses and mentions in a text, in their order."""
    found = [match.group().rstrip(_END) for match in _ADDRESS.finditer(text)]
    return (*found, *(match.group() for match in _MENTION.finditer(text)))


def astray(text: str, evidence: Iterable[str]) -> str | None:
    """The first address or mention of a text that does not stand in the evidence, if any."""
    named = pointers(text)
    if not named:
        return None
    whole = "\n".join(evidence).lower()
    return next((each for each in named if each.lower() not in whole), None)
