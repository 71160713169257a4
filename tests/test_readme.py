"""What the README tells people to type works: each command, target and option is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from bot.cli import app
from bot.config import BotSettings
from tests.test_env_example import NAMES

REPOSITORY = Path(__file__).parents[1]
README = REPOSITORY / "README.md"
BLOCK = re.compile(r"^```(?:sh|bash|console)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:footnote|make)(?: [^`]+)?)`")
TARGET = re.compile(r"^([a-z][\w-]*):(?!=)", re.MULTILINE)


def readme() -> str:
    return README.read_text("utf-8")


def documented(program: str) -> list[list[str]]:
    """Every command line of `program` in code blocks and in running text, in words."""
    lines = [line for block in BLOCK.findall(readme()) for line in block.splitlines()]
    found = [shlex.split(line, comments=True) for line in [*lines, *INLINE.findall(readme())]]
    return [words[1:] for words in found if words[:1] == [program]]


def parts(words: list[str]) -> Iterator[tuple[typer.core.TyperCommand, list[str]]]:
    """The command that is named, and the words behind its name."""
    command = get_command(app)
    while isinstance(command, typer.core.TyperGroup) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    yield command, words  # type: ignore[misc]


def test_the_readme_shows_how_to_begin() -> None:
    assert documented("make")
    assert len(documented("footnote")) > 5


def test_every_footnote_command_is_there() -> None:
    for words in documented("footnote"):
        for command, rest in parts(words):
            assert not isinstance(command, typer.core.TyperGroup) or not rest, words


def test_every_documented_option_is_there() -> None:
    for words in documented("footnote"):
        for command, rest in parts(words):
            options = {name for each in command.params for name in each.opts} | {"--help"}
            used = {
                word.split("=")[0] for word in rest if re.fullmatch(r"--?[a-z][\w-]*(=.*)?", word)
            }
            assert used <= options, words


def test_every_command_is_documented() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = {words[0] for words in documented("footnote") if words}
    assert commands.keys() <= named


def test_every_make_target_is_there() -> None:
    targets = set(TARGET.findall((REPOSITORY / "Makefile").read_text("utf-8")))
    for words in documented("make"):
        assert set(words[:1]) <= targets, words


def test_every_setting_that_is_named_is_there() -> None:
    named = set(re.findall(r"\b(?:FOOTNOTE|LLM|DISCORD|CHROMA)_[A-Z_]+\b", readme()))
    assert named
    assert named <= NAMES.keys()
    assert len(NAMES) == len(BotSettings.model_fields)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http|#)([^)]+)\)", readme()))
def test_every_file_that_is_linked_is_there(link: str) -> None:
    assert (REPOSITORY / link.partition("#")[0]).exists()
