"""The catalogues are whole: every message of the code, in each language, with the same values."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
from babel.messages.catalog import Message as Entry
from babel.messages.mofile import read_mo

from bot.catalogues import catalogue_file, read, template
from bot.forms import follow_up_form, golden_form, reason_form, text_form
from bot.language import Language, language_of, tags
from bot.messages import messages
from tests.bot.hall import Hall, hall_story
from tests.discord import limits

TAGS = [tag for tag in tags() if tag != "en"]
LOCALES = {
    "de": "de",
    "fr": "fr",
    "es-ES": "es",
    "es-419": "es",
    "pt-BR": "pt-BR",
    "ja": "ja",
    "en-US": "en",
    "en-GB": "en",
    "fi": "en",
}
_PLACE = re.compile(r"\{\w*\}")
_BOLD = re.compile(r"\*\*")


def entries(tag: str) -> Iterator[tuple[Entry, list[str], list[str]]]:
    """Each message with its English forms and its translations."""
    for each in read(tag):
        if each.id:
            yield each, _forms(each.id), _forms(each.string)


def test_the_languages_are_these() -> None:
    assert tags() == ("en", "de", "es", "fr", "ja", "pt-BR")


def test_the_catalogues_have_every_message_of_the_code() -> None:
    wanted = {_key(each) for each in template() if each.id}

    assert len(wanted) > 400
    for tag in TAGS:
        # Otherwise run `make messages`, and translate what is new.
        assert wanted - {_key(each) for each, _, _ in entries(tag)} == set(), tag


@pytest.mark.parametrize("tag", TAGS)
def test_every_message_is_translated_with_the_same_values_and_marks(tag: str) -> None:
    for each, english, said in entries(tag):
        assert all(said), f"{tag}: {each.id} is not translated"
        assert not each.fuzzy, f"{tag}: {each.id} is only guessed at"
        for text in said:
            assert set(_PLACE.findall(text)) == set(_PLACE.findall(english[-1])), text
            assert len(_BOLD.findall(text)) % 2 == 0, text
            assert text.startswith(" ") is False or english[0].startswith(" "), text


@pytest.mark.parametrize("tag", TAGS)
def test_each_number_has_its_form(tag: str) -> None:
    forms = 1 if tag == "ja" else 2
    counted = [said for each, english, said in entries(tag) if len(english) == 2]

    assert len(counted) > 10
    assert {len(said) for said in counted} == {forms}


@pytest.mark.parametrize("tag", TAGS)
def test_what_is_compiled_is_what_is_written(tag: str) -> None:
    with catalogue_file(tag).open("rb") as file:
        compiled = {_key(each): _forms(each.string) for each in read_mo(file) if each.id}

    # Otherwise run `make messages`.
    assert compiled == {_key(each): said for each, _, said in entries(tag)}


def _key(entry: Entry) -> tuple[str | None, ...]:
    context = entry.context
    return (context.decode() if isinstance(context, bytes) else context, *_forms(entry.id))


def _forms(text: Any) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


@pytest.mark.parametrize(("locale", "tag"), LOCALES.items())
def test_discord_s_locales_find_the_nearest_language(locale: str, tag: str) -> None:
    assert locale in {str(each) for each in discord.Locale}
    assert language_of(locale).tag == tag


@pytest.mark.parametrize("tag", TAGS)
def test_an_error_made_deep_inside_is_said_in_the_reader_s_language(tag: str) -> None:
    say = language_of(tag)
    english = "tea.pdf is empty: add text, or leave the file out."

    told = say.again(english)

    assert told != english
    assert "tea.pdf" in told
    assert say.again("Nobody wrote this sentence.") == "Nobody wrote this sentence."


def test_a_sentence_inside_a_sentence_is_said_too() -> None:
    told = language_of("de").again("failed: tea.pdf is empty: add text, or leave the file out.")

    assert told.startswith("fehlgeschlagen: tea.pdf ist leer")


@pytest.mark.parametrize("tag", TAGS)
def test_forms_keep_discord_s_limits(tag: str) -> None:
    async def shown(say: Language) -> list[Any]:
        made = (
            follow_up_form("0" * 12, longest=500, say=say),
            reason_form("0" * 12, say=say),
            golden_form(500, say=say),
            text_form("Tea", say=say),
        )
        return [each.to_dict() for each in made]

    for form in asyncio.run(shown(language_of(tag))):
        assert list(limits.modal(form)) == []


@hall_story()
async def test_discord_is_told_every_command_in_every_language(hall: Hall) -> None:
    described = list(_described(hall.server.rest.commands))
    english = [text for _, text, _ in described]

    assert "Ask the documents a question; every sentence comes with its source." in english
    for where, text, localised in described:
        # A word may be the same in two languages: Discord is told the difference only.
        assert len(localised or {}) >= 3, f"{where}: {text}"
        assert all(1 <= len(each) <= 100 for each in (localised or {}).values()), where
    assert not [c for c in hall.server.rest.commands if c.get("name_localizations")]


def _described(commands: list[dict[str, Any]], path: str = "") -> Iterator[tuple[str, str, Any]]:
    for each in commands:
        name = f"{path} {each['name']}".strip()
        if each.get("description"):
            yield name, each["description"], each.get("description_localizations")
        for choice in each.get("choices", []):
            yield f"{name} {choice['name']}", choice["name"], choice.get("name_localizations")
        yield from _described(each.get("options", []), name)


def test_nothing_is_said_with_a_brace_that_is_no_value() -> None:
    for each in messages():
        for text in (each.text, each.many):
            assert re.sub(r"\{\w+\}", "", text).count("{") == 0, text


def test_the_catalogues_are_in_the_package() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")

    assert "locale/*/LC_MESSAGES/*.mo" in project
