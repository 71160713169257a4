"""The bot's own words in the reader's language: one value, chosen for each interaction, passed on.

The catalogues are gettext's. English is written in the code; a message that a catalogue lacks stays
English. What documents, models and people wrote is never translated.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.recognise import forms, recognised

if TYPE_CHECKING:
    import discord

FOLDER = Path(__file__).parent / "locale"
DOMAIN = "footnote"
# The context of sentences that are made where nobody knows who will read them.
SENTENCE = "sentence"

_DEEPEST = 3
_WEIGHT = re.compile(r"0\.[1-9]\d{0,2}|0\.0[1-9]|1(\.0{1,3})?", re.ASCII)


class Language:
    """Says messages in one language; `tag` is as Discord and browsers write it."""

    def __init__(
        self, tag: str, catalogue: gettext.NullTranslations, *, compiled: Path | None = None
    ) -> None:
        self.tag = tag
        self._catalogue = catalogue
        self._compiled = compiled

    def __call__(self, message: str, /, **values: object) -> str:
        """A message with its values in place."""
        found = self._catalogue.gettext(message)
        return found.format(**values) if values else found

    def counted(self, one: str, many: str, count: int, /, **values: object) -> str:
        """A message with a number of things, in the form that the number takes."""
        return self._catalogue.ngettext(one, many, count).format(count=count, **values)

    def again(self, sentence: object) -> str:
        """A finished English sentence (of an error, a record, a reason) said in this language."""
        return self._again(str(sentence), _DEEPEST)

    def _again(self, sentence: str, deep: int) -> str:
        if not (sentence and deep and self._compiled):
            return sentence
        found = recognised(sentence, forms(self._compiled, context=SENTENCE))
        if found is None:
            return sentence
        message, values = found
        said = {name: self._again(value, deep - 1) for name, value in values.items()}
        translated = self._catalogue.pgettext(SENTENCE, message)
        return translated.format(**said) if said else translated


ENGLISH = Language("en", gettext.NullTranslations())


def spoken(interaction: discord.Interaction) -> Language:
    """The language of the member behind an interaction."""
    return language_of(str(interaction.locale))


def language_of(tag: str | None) -> Language:
    """The language of a tag such as 'de', 'es-419' or 'pt-BR'; English where there is none."""
    return _language(tag or "", FOLDER)


def accepted(header: str) -> Language:
    """The best language of a browser's Accept-Language header."""
    for _, tag in sorted(_weighed(header), key=lambda each: -each[0]):
        found = language_of(tag)
        if found.tag != "en" or tag.lower().startswith("en"):
            return found
    return ENGLISH


def tags(folder: Path | None = None) -> tuple[str, ...]:
    """The languages there are, with English."""
    found = (each.parent.parent.name for each in (folder or FOLDER).glob("*/LC_MESSAGES/*.mo"))
    return ("en", *sorted(name.replace("_", "-") for name in found))


def catalogue_file(tag: str, folder: Path | None = None) -> Path:
    """Where a language's compiled catalogue is."""
    return (folder or FOLDER) / tag.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.mo"


@cache
def _language(tag: str, folder: Path) -> Language:
    chosen = _nearest(tag, tags(folder))
    if chosen == "en":
        return ENGLISH
    file = catalogue_file(chosen, folder)
    with file.open("rb") as opened:
        catalogue = gettext.GNUTranslations(opened)
    return Language(chosen, catalogue, compiled=file)


def _nearest(tag: str, known: Iterable[str]) -> str:
    """The same language in the same region, else in any: es-419 is es, pt is pt-BR."""
    wanted = tag.replace("_", "-").lower()
    language = wanted.partition("-")[0]
    by_case = {each.lower(): each for each in known}
    if wanted in by_case:
        return by_case[wanted]
    near = (each for key, each in by_case.items() if key.partition("-")[0] == language)
    return next(near, "en")


def _weighed(header: str) -> Iterator[tuple[float, str]]:
    for part in header.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        if _WEIGHT.fullmatch(weight or "1"):
            yield float(weight or "1"), tag
