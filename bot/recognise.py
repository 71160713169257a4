"""Finished English sentences recognised by their form, to be said in another language.

An error's sentence is made deep inside, where nobody knows who will read it; it crosses processes
and is kept in databases. What is translated is the form, with the same values put in again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_LEAST = 3
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Form:
    """A message of the catalogue, and what its sentences look like."""

    message: str
    pattern: re.Pattern[str]
    fixed: int


@cache
def forms(file: Path, *, context: str) -> tuple[Form, ...]:
    """The forms of a compiled catalogue that have this context, those that fix most first."""
    from babel.messages.mofile import read_mo

    with file.open("rb") as opened:
        # Babel gives the contexts of a compiled catalogue as bytes.
        wanted = (context, context.encode())
        found = [str(each.id) for each in read_mo(opened) if each.context in wanted]
    made = (form(each) for each in found)
    # What is hardly more than its values would be seen in every sentence.
    telling = (each for each in made if each.fixed >= _LEAST)
    return tuple(sorted(telling, key=lambda each: -each.fixed))


def form(message: str) -> Form:
    """The form of a message with values in braces."""
    seen: set[str] = set()

    def place(name: str) -> str:
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return f"(?P<{name}>.*?)"

    pieces = _PLACE.split(message)
    woven = [place(each) if n % 2 else re.escape(each) for n, each in enumerate(pieces)]
    fixed = sum(map(len, pieces[::2]))
    return Form(message, re.compile("".join(woven), re.DOTALL), fixed)


def recognised(sentence: str, known: Iterable[Form]) -> tuple[str, dict[str, str]] | None:
    """The message a sentence was made of, with its values; None for one that is not known."""
    for each in known:
        if match := each.pattern.fullmatch(sentence):
            return each.message, match.groupdict()
    return None
