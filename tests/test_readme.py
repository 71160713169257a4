"""What the README and the pages under docs/ tell people to type is there: command and option."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import discord
import pytest
import typer
from typer.main import get_command

from bot.cli import app
from bot.config import BotSettings
from bot.permissions import invitation, missing
from tests.pages import PAGES, README, REPOSITORY, documented
from tests.test_env_example import NAMES

TARGET = re.compile(r"^([a-z][\w-]*):(?!=)", re.MULTILINE)
LINK = re.compile(r"\]\((?!http|#)([^)]+)\)")
LINKS = [(page, link) for page in PAGES for link in LINK.findall(page.read_text("utf-8"))]

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def parts(words: list[str]) -> Iterator[tuple[typer.core.TyperCommand, list[str]]]:
    """The command that is named, and the words behind its name."""
    command = get_command(app)
    while isinstance(command, typer.core.TyperGroup) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    yield command, words  # type: ignore[misc]


def test_the_readme_shows_how_to_begin() -> None:
    assert documented(README, "make")
    assert len(documented(README, "footnote")) > 5


@every_page
def test_every_footnote_command_is_there(page: Path) -> None:
    for words in documented(page, "footnote"):
        for command, rest in parts(words):
            assert not isinstance(command, typer.core.TyperGroup) or not rest, words


@every_page
def test_every_documented_option_is_there(page: Path) -> None:
    for words in documented(page, "footnote"):
        for command, rest in parts(words):
            options = {name for each in command.params for name in each.opts} | {"--help"}
            used = {
                word.split("=")[0] for word in rest if re.fullmatch(r"--?[a-z][\w-]*(=.*)?", word)
            }
            assert used <= options, words


def test_every_command_is_documented() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = {words[0] for words in documented(README, "footnote") if words}
    assert commands.keys() <= named


@every_page
def test_every_make_target_is_there(page: Path) -> None:
    targets = set(TARGET.findall((REPOSITORY / "Makefile").read_text("utf-8")))
    for words in documented(page, "make"):
        assert set(words[:1]) <= targets, words


@every_page
def test_every_setting_that_is_named_is_there(page: Path) -> None:
    named = set(re.findall(r"\b(?:FOOTNOTE|LLM|DISCORD|CHROMA)_[A-Z_]+\b", page.read_text("utf-8")))
    assert named <= NAMES.keys()
    assert len(NAMES) == len(BotSettings.model_fields)


@pytest.mark.parametrize(("page", "link"), LINKS, ids=lambda value: getattr(value, "stem", value))
def test_every_file_that_is_linked_is_there(page: Path, link: str) -> None:
    assert (page.parent / link.partition("#")[0]).exists()


def test_the_invitation_asks_for_exactly_the_permissions_that_are_needed() -> None:
    text = README.read_text("utf-8")
    (link,) = re.findall(r"https://discord\.com/oauth2/authorize\S+", text)
    assert link == invitation(0).replace("client_id=0", "client_id=APPLICATION_ID")
    named = re.search(r"The link asks for\s+\*\*(.+?)\*\*, and", text, re.DOTALL)
    assert named is not None
    listed = re.split(r", | and ", " ".join(named[1].replace("*", "").split()))
    assert sorted(listed) == sorted(missing(discord.Permissions.none()))
