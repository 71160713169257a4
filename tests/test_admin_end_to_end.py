"""Admins and members over a loopback Discord, with the default models and stores: nothing is fake.

A document of every format is added, reviewed, approved and cited; one is changed, rolled back and
removed, and never answered from again.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.config import BotSettings
from bot.desk import desk_for
from bot.serving import Shelves
from indexer.load import KNOWN, SUFFIXES
from tests.bot.hall import EVERYBODY, MANAGE_SERVER
from tests.discord.play import unescaped
from tests.discord.server import TOKEN
from tests.discord.stage import Stage
from tests.discord.world import Message
from tests.indexer.formats.files import CODE, book, new_word, pdf, slide, word

# Fetching the models, where they are missing, takes as long as the network does.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]


def told(subject: str, number: int) -> str:
    """A sentence of which each document has its own."""
    return f"The {subject} of Harbour Street was built in {number} by Edith Marlow."


def a_word_document(text: str) -> bytes:
    made = new_word()
    made.add_heading("The buildings", 1)
    made.add_paragraph(text)
    return word(made)


def a_table(text: str) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([["place", "what is known"], ["Harbour Street", text]])
    return file.getvalue().encode()


def a_notebook(text: str) -> bytes:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": [f"# Notes\n\n{text}"]}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def a_record(text: str) -> bytes:
    return json.dumps({"id": "record", "title": "A record", "text": text}).encode()


def a_web_subtitle(text: str) -> bytes:
    return f"WEBVTT\n\n{SUBTITLE.format(text)}".replace(",", ".").encode()


def a_program(text: str) -> bytes:
    return f'"""Foundries.\n\n{text}\n"""\n\n\ndef cast() -> None:\n    """Pour."""\n'.encode()


SUBTITLE = "1\n00:00:01,000 --> 00:00:05,000\n{}\n"
WRITERS: dict[str, tuple[str, int, Callable[[str], bytes]]] = {
    ".md": ("lighthouse", 1841, lambda text: f"# The lighthouse\n\n{text}".encode()),
    ".txt": ("bakery", 1852, str.encode),
    ".html": ("theatre", 1863, lambda text: f"<html><body><p>{text}</p></body></html>".encode()),
    ".pdf": ("brewery", 1874, lambda text: pdf([[text]])),
    ".docx": ("library", 1885, a_word_document),
    ".pptx": ("station", 1896, slide),
    ".csv": ("chapel", 1907, a_table),
    ".jsonl": ("school", 1918, a_record),
    ".srt": ("hospital", 1929, lambda text: SUBTITLE.format(text).encode()),
    ".vtt": ("museum", 1931, a_web_subtitle),
    ".epub": ("windmill", 1942, lambda text: book(f"<h1>Mills</h1><p>{text}</p>")),
    ".ipynb": ("aquarium", 1953, a_notebook),
    ".rst": ("tannery", 1964, lambda text: f"Tanning\n=======\n\n{text}\n".encode()),
    ".py": ("foundry", 1975, a_program),
}
# Other endings of the same formats.
SAME = {".htm": ".html", ".markdown": ".md", ".tsv": ".csv"}


def test_every_format_that_is_read_is_tried() -> None:
    assert {SAME.get(each, each) for each in SUFFIXES - CODE} | {".jsonl"} == WRITERS.keys() - {
        ".py"
    }
    assert ".pptx" in KNOWN


class Town(Stage):
    """The stage before a real library."""

    async def added(self, who: Any, name: str, data: bytes) -> Message:
        """The receipt of a file that somebody adds, reads about, and approves."""
        sent = await who.slash("knowledge add file", file=(name, data))
        review = await self.until(
            lambda: sent.message if sent.message and "Approve" in sent.message.labels else None,
            seconds=60,
        )
        await who.press(review, "Approve")
        await self.until(lambda: "Approved" in review.text, seconds=60)
        return review

    async def asked(self, who: Any, question: str) -> str:
        """The whole answer to a question, as it looks."""
        sent = await who.slash("ask", question=question)
        message = await self.until(
            lambda: sent.message if sent.message and "Delete" in sent.message.labels else None,
            seconds=120,
        )
        return unescaped(message.text)


def test_the_whole_life_of_documents_of_every_format(tmp_path: Path) -> None:
    settings = BotSettings(
        _env_file=None,
        home=tmp_path / "home",
        discord_token=TOKEN,
        edit_interval_s=1.0,
        user_questions=0,
        guild_questions=0,
    )
    app = App(settings)
    app.embedder.load()
    try:
        asyncio.run(_lived(app))
    finally:
        app.library.close()


async def _lived(app: App) -> None:
    town = Town(
        app.settings.home,
        app.settings.model_copy(update={"edit_interval_s": 0.05}),
        answerer=app.answerer,  # type: ignore[arg-type]
        library=Shelves(app),  # type: ignore[arg-type]
        desk=lambda: desk_for(app.jobs, app.settings),
    )
    app.answerer.gate = asyncio.Event()  # type: ignore[attr-defined]  # what a stage lets go of
    async with town, asyncio.timeout(600):
        ada = town.person("ada", permissions=EVERYBODY | MANAGE_SERVER)
        bob = town.person("bob")
        for suffix, (subject, year, written) in WRITERS.items():
            receipt = await town.added(ada, f"paper{suffix}", written(told(subject, year)))
            assert "Added: 1" in receipt.text, suffix
        for suffix, (subject, year, _) in WRITERS.items():
            said = await town.asked(bob, f"When was the {subject} of Harbour Street built?")
            assert str(year) in said, (suffix, said)
            assert "[1]" in said, (suffix, said)

        changed = await town.added(
            ada, "paper.md", b"# The lighthouse\n\n" + told("lighthouse", 1799).encode()
        )
        assert "Changed: 1" in changed.text
        question = "When was the lighthouse of Harbour Street built, {}?"
        assert "1799" in await town.asked(bob, question.format("in which year"))
        (choice,) = await ada.autocomplete("knowledge rollback", document="paper.md")
        back = await town.told(await ada.slash("knowledge rollback", document=choice["value"]))
        await town.until(lambda: "Rolled back" in back.text, seconds=60)
        said = await town.asked(bob, question.format("which year"))
        assert "1841" in said
        assert "1799" not in said
        gone = await town.told(await ada.slash("knowledge remove", document=choice["value"]))
        await town.until(lambda: "Removed: 1" in gone.text, seconds=60)
        for asked in ("at last", "once more"):
            said = await town.asked(bob, question.format(asked))
            assert "1841" not in said
            assert "1799" not in said
        await town.stop()
        assert not town.server.violations, "\n".join(town.server.violations)
