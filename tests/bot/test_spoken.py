"""No word of the bot's own escapes the catalogue: in a language of marks, every one is marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from bot import language
from bot.catalogues import compile_into, template
from bot.language import catalogue_file
from tests.bot.hall import EVERYBODY, MANAGE_SERVER, Hall, hall_story
from tests.bot.scripted import PASSAGES
from tests.discord.play import Person
from tests.discord.stage import Stage, story
from tests.discord.world import Message

# Finnish is a locale that Discord has and the bot does not speak: here it speaks in marks.
MARKED = "fi"
_INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")
_WORD = re.compile(r"[A-Za-z]{3,}")
# Names of commands and menus stay English, and so does what the library is called by its admins.
_NAMES = {"knowledge", "list", "ask", "https", "example", "org", "scripted", "guild"}
GERMAN = {"Quellen", "Nachfragen", "Löschen"}

OPEN = "# Opening hours\n\nThe reading room opens at nine.\n\n## Sundays\n\nIt is closed."


@pytest.fixture
def _marks(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue in which every message is itself, between marks."""
    folder = tmp_path_factory.mktemp("locale")
    made = Catalog(locale=MARKED)
    for each in template():
        if each.id:
            said = f"⟦{each.id}⟧" if isinstance(each.id, str) else [f"⟦{one}⟧" for one in each.id]
            made.add(each.id, said, context=each.context)
    compile_into(catalogue_file(MARKED, folder), made)
    monkeypatch.setattr(language, "FOLDER", folder)


def escaped(text: str, known: str) -> set[str]:
    """The words of a text outside of all marks that nobody else wrote."""
    while (shorter := _INNERMOST.sub("", text)) != text:
        text = shorter
    theirs = {word.lower() for word in _WORD.findall(known)} | _NAMES
    return {word for word in _WORD.findall(text) if word.lower() not in theirs}


def texts(message: Message) -> Iterator[str]:
    """Everything that a message shows, with its buttons, menus and cards."""
    payload = message.payload()
    yield payload["content"]
    for card in payload["embeds"]:
        yield from (card.get("title") or "", card.get("description") or "")
        yield (card.get("footer") or {}).get("text") or ""
        for field in card.get("fields") or []:
            yield from (field["name"], field["value"])
    for control in message.controls:
        yield from (control.get("label") or "", control.get("placeholder") or "")
        for option in control.get("options") or []:
            yield from (option["label"], option.get("description") or "")


def words_of(form: dict[str, Any]) -> Iterator[str]:
    """Everything that a form shows."""
    yield form["title"]
    for field in form["components"]:
        yield from (field["label"], field.get("description") or "")
        inner = field["component"]
        yield inner.get("placeholder") or ""
        for option in inner.get("options") or []:
            yield from (option["label"], option.get("description") or "")


def marked(message: Message, known: str) -> None:
    """The bot said something, and every word of its own through the catalogue."""
    said = list(texts(message))
    assert any("⟦" in text for text in said), said
    for text in said:
        assert escaped(text, known) == set(), text


@pytest.mark.usefixtures("_marks")
@story(user_questions=4, window_minutes=10)
async def test_members_are_spoken_to_through_the_catalogue(stage: Stage) -> None:
    ada = stage.person("ada", locale=MARKED)
    held = (f"{p.text} {p.title} {p.location} {p.source}" for p in PASSAGES)
    known = f"What is mode collapse? {' '.join(held)} ada all its words stand in"
    known += " ".join(info.summary or "" for info in stage.library.documents(scopes=["shared"]))

    stage.answerer.gate.clear()
    sent = await ada.slash("ask", question="What is mode collapse?")
    marked(await stage.told(sent), known)
    twice = await ada.slash("ask", question="And another one?")
    marked(await stage.told(twice), known + "And another one?")
    stage.let_go()
    answer = await stage.until(lambda: _with(sent.message, "⟦Delete⟧"))
    await stage.until(lambda: stage.receipts.by_message(answer.id))
    marked(answer, known)
    assert "⟦Sources⟧" in answer.labels

    for label in ("⟦Sources⟧", "👍"):
        marked(await stage.told(await ada.press(answer, label)), known)
    for label in ("⟦Follow up⟧", "👎"):
        opened = await ada.press(answer, label)
        await stage.until(lambda opened=opened: opened.response)
        for text in words_of(opened.response["data"]):
            assert escaped(text, known) == set(), text
    for command in ("why", "help", "privacy", "sources"):
        marked(await stage.told(await ada.slash(command)), known)
    found = await ada.slash("sources", search="mode collapse")
    marked(await stage.told(found), known)
    marked(await stage.told(await ada.slash("sources", search="doc:nothing")), known)
    marked(await stage.told(await ada.menu("Fact-check", answer)), known + " Mode collapse is when")


@pytest.mark.usefixtures("_marks")
@hall_story()
async def test_admins_are_spoken_to_through_the_catalogue(hall: Hall) -> None:
    ada = hall.admin(locale=MARKED)
    eve = hall.person("eve", locale=MARKED)
    known = f"{OPEN} hours md What is said about does say"

    sent = await ada.slash("knowledge add file", file=("hours.md", OPEN.encode()))
    # The first file also starts the process that reads it.
    review = await hall.until(lambda: _with(sent.message, "⟦Approve⟧"), seconds=60)
    await hall.until(lambda: "asking" not in review.text)
    marked(review, known)
    for command in ("list", "status", "history", "gaps", "golden", "feedback"):
        marked(await hall.told(await ada.slash(f"knowledge {command}")), known)
    await ada.press(review, "⟦Approve⟧")
    await hall.until(lambda: "⟦Added⟧" in review.text)
    marked(review, known)
    for command in ("status", "history", "list"):
        marked(await hall.told(await ada.slash(f"knowledge {command}")), known)
    opened = await ada.slash("knowledge add text")
    await hall.until(lambda: opened.response)
    for text in words_of(opened.response["data"]):
        assert escaped(text, known) == set(), text

    empty = await ada.slash("knowledge add file", file=("empty.md", b" "))
    marked(await hall.until(lambda: _saying(empty.message, "empty.md")), "empty md")
    strange = await ada.slash("knowledge add file", file=("tea.xyz", b"tea"))
    marked(await hall.told(strange), "xyz " + _endings())
    marked(await hall.told(await eve.slash("knowledge list")), known)
    gone = await ada.slash("knowledge remove", document="hours.md")
    marked(await hall.until(lambda: _saying(gone.message, "⟦Removed⟧")), known)


@story()
async def test_each_member_is_answered_in_the_language_of_their_discord(stage: Stage) -> None:
    ada, bea = stage.person("ada", locale="de"), stage.person("bea", locale="en-GB")

    sent = await ada.slash("ask", question="What is mode collapse?")
    answer = await stage.until(lambda: _with(sent.message, "Löschen"))
    assert set(answer.labels) >= GERMAN
    # The documents' words stay as they are, and each reader is spoken to in their own language.
    assert "Mode collapse is when the generator" in answer.text
    assert "Seite 3" in (await stage.told(await ada.press(answer, "Quellen"))).text
    assert "page 3" in (await stage.told(await bea.press(answer, "Quellen"))).text


@pytest.mark.parametrize("locale", ["de", "fr", "es-ES", "pt-BR", "ja"])
def test_discord_s_limits_hold_in_every_language(locale: str, tmp_path: Path) -> None:
    @hall_story()
    async def told(hall: Hall) -> None:
        ada: Person = hall.person("ada", permissions=EVERYBODY | MANAGE_SERVER, locale=locale)
        sent = await ada.slash("knowledge add file", file=("hours.md", OPEN.encode()))
        await hall.until(
            lambda: sent.message is not None and len(sent.message.labels) == 2, seconds=60
        )
        for command in ("help", "privacy", "sources", "knowledge status", "knowledge history"):
            said = await hall.told(await ada.slash(command))
            assert "".join(texts(said)).strip()
        asked = await ada.slash("ask", question="When does the reading room open?")
        await hall.until(lambda: _labels(asked.message) == 5)

    # What Discord would not take is a violation, and those end a story.
    told(tmp_path)


def _labels(message: Message | None) -> int:
    return 0 if message is None else len(message.labels)


def _with(message: Message | None, label: str) -> Message | None:
    return message if message is not None and label in message.labels else None


def _saying(message: Message | None, text: str) -> Message | None:
    return message if message is not None and text in message.text else None


def _endings() -> str:
    from indexer.load import KNOWN

    return KNOWN.removesuffix(" and source code")
