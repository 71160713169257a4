"""The wordings of orders to a language model, from `orders.toml`: read once, when first needed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.said import said

_FILE = Path(__file__).with_name("orders.toml")
# What a sentence does, by its kind.
_WHY = {
    "forget": said("asks to forget what was said"),
    "say": said("dictates what is answered"),
    "role": said("gives the model another role"),
    "secret": said("asks for a secret, or to keep one"),
    "elsewhere": said("sends the reader or what was said elsewhere"),
    "mention": said("asks to call people"),
    "source": said("forges a source"),
    "address": said("speaks to a language model"),
    "language": said("is an order to a model in another language"),
    "chat": said("uses the marks of a chat"),
    "change": said("asks to change the answer"),
    "spelt": said("spells an order letter by letter"),
}
_PART = re.compile(r"%(\w+)%")


@dataclass(frozen=True, slots=True)
class _Orders:
    """What may stand before an order, and each kind's reason with its wordings."""

    before: re.Pattern[str]
    begin: tuple[tuple[str, re.Pattern[str]], ...]
    anywhere: tuple[tuple[str, re.Pattern[str]], ...]


def order_in(text: str) -> str | None:
    """What a text in plain letters tells a language model to do, in words; None for nothing."""
    orders = _read()
    # Once, and not in every pattern: that was a hundred times slower.
    start = orders.before.match(text)
    place = start.end() if start else 0
    for why, pattern in orders.begin:
        if pattern.match(text, place):
            return why
    return next((why for why, pattern in orders.anywhere if pattern.search(text)), None)


@cache
def _read() -> _Orders:
    wordings = tomllib.loads(_FILE.read_text("utf-8"))
    parts: dict[str, str] = wordings["parts"]

    def compiled(pattern: str) -> re.Pattern[str]:
        whole = _PART.sub(lambda match: parts[match[1]], pattern)
        return re.compile(whole, re.IGNORECASE | re.DOTALL)

    def kinds(place: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
        return tuple(
            (_WHY[order["kind"]], compiled("|".join(f"(?:{each})" for each in order[place])))
            for order in wordings["orders"]
            if place in order
        )

    return _Orders(compiled(parts["before"]), kinds("begin"), kinds("anywhere"))
