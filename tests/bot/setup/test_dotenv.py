"""`.env` gets its settings, keeps what else it held, and is for its owner's eyes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.config import BotSettings
from bot.setup.dotenv import merged, read, write
from knowledge.errors import SettingsError

TOKEN = {"DISCORD_TOKEN": ("abc.def", "The bot's token.")}


def test_a_new_file_says_what_each_setting_is_for() -> None:
    assert merged("", TOKEN) == "# The bot's token.\nDISCORD_TOKEN=abc.def\n"


def test_a_setting_changes_in_its_place_and_all_else_stays() -> None:
    before = "# mine\nHTTP_PROXY=http://proxy\nexport DISCORD_TOKEN=old\n\nFOOTNOTE_THREADS=2\n"

    after = merged(before, {**TOKEN, "FOOTNOTE_LLM_MODEL": ("small", "Language model.")})

    assert after == (
        "# mine\nHTTP_PROXY=http://proxy\nDISCORD_TOKEN=abc.def\n\nFOOTNOTE_THREADS=2\n"
        "\n# Language model.\nFOOTNOTE_LLM_MODEL=small\n"
    )


def test_a_setting_that_stands_twice_is_left_once() -> None:
    assert merged("DISCORD_TOKEN=a\nDISCORD_TOKEN=b\n", TOKEN) == "DISCORD_TOKEN=abc.def\n"


def test_merging_again_changes_nothing() -> None:
    once = merged("A=1\n", TOKEN)

    assert merged(once, TOKEN) == once


@pytest.mark.parametrize("value", ["plain", "two words", "#hash", "$HOME", 'a"b', "ü"])
def test_what_is_written_is_what_the_settings_read(tmp_path: Path, value: str) -> None:
    file = tmp_path / ".env"
    write(file, merged("", {"FOOTNOTE_LLM_MODEL": (value, "x")}))

    assert BotSettings(_env_file=file).llm_model == value


@pytest.mark.parametrize("value", ["a\nDISCORD_TOKEN=evil", "it's"])
def test_a_value_cannot_break_out_of_its_line(value: str) -> None:
    with pytest.raises(SettingsError, match="FOOTNOTE_LLM_MODEL may hold neither"):
        merged("", {"FOOTNOTE_LLM_MODEL": (value, "x")})


def test_the_file_is_readable_by_its_owner_only_even_where_it_was_not(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\n")
    file.chmod(0o644)

    write(file, "A=2\n")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read(file) == "A=2\n"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--env"):
        write(tmp_path / "nowhere" / ".env", "A=1\n")


def test_no_file_is_an_empty_one(tmp_path: Path) -> None:
    assert read(tmp_path / ".env") == ""
