"""`.env.example` lists every setting once, with its default and what it is for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr

from bot.config import BotSettings
from bot.reference import environment_name, settings_page

EXAMPLE = Path(__file__).parents[1] / ".env.example"
LINE = re.compile(r"(?P<off># )?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")
FIELDS = BotSettings.model_fields


NAMES = {environment_name(field): field for field in FIELDS}
LINES = EXAMPLE.read_text("utf-8").splitlines()
SETTINGS = [match for line in LINES if (match := LINE.fullmatch(line))]


def is_secret(field: str) -> bool:
    return "SecretStr" in str(FIELDS[field].annotation)


def test_every_setting_has_one_line_and_every_line_is_a_setting() -> None:
    assert sorted(match["name"] for match in SETTINGS) == sorted(NAMES)


def test_every_line_is_a_setting_or_a_comment() -> None:
    for line in LINES:
        assert not line or line.startswith("# ") or LINE.fullmatch(line), line


@pytest.mark.parametrize("match", SETTINGS, ids=lambda match: match["name"])
def test_a_line_stands_under_what_it_is_for(match: re.Match[str]) -> None:
    field = NAMES[match["name"]]
    above = LINES[LINES.index(match.string) - 1]
    assert above == f"# {FIELDS[field].description}"


def test_the_example_changes_nothing() -> None:
    assert BotSettings(_env_file=EXAMPLE) == BotSettings(_env_file=None)


@pytest.mark.parametrize("match", SETTINGS, ids=lambda match: match["name"])
def test_a_line_shows_the_default(
    match: re.Match[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = NAMES[match["name"]]
    default = FIELDS[field].default
    if isinstance(default, Path):
        assert match["off"], "where folders are depends on the machine"
        assert match["value"].startswith("~/")
        return
    assert not match["off"]
    if is_secret(field) or default in (None, frozenset()):
        assert match["value"] == ""
    else:
        monkeypatch.setenv(match["name"], match["value"])
        assert getattr(BotSettings(_env_file=None), field) == default


def test_the_page_of_settings_is_current() -> None:
    page = EXAMPLE.with_name("docs") / "settings.md"

    assert page.read_text("utf-8") == settings_page(), "run 'make docs'"


def another(field: str) -> str:
    """A value that is not the default."""
    match FIELDS[field].default:
        case bool() as default:
            return str(not default).lower()
        case int() | float() as default:
            return str(default + 1)
        case Path():
            return "~/other"
        case frozenset():
            return "71, 72"
        case _ if field.endswith("_url"):
            return "http://other:1234/v1"
        case _:
            values = get_args(FIELDS[field].annotation)
            if values and all(isinstance(each, str) for each in values):
                return str(values[-1])
            return "7" if field == "admin_role" else "other"


def test_every_line_is_read_when_it_is_filled_in(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("\n".join(f"{name}={another(field)}" for name, field in NAMES.items()))
    read, default = BotSettings(_env_file=file), BotSettings(_env_file=None)
    assert [each for each in FIELDS if getattr(read, each) == getattr(default, each)] == []
    assert read.home == Path.home() / "other"
    assert read.allowed_channels == frozenset({71, 72})
    assert isinstance(read.discord_token, SecretStr)
    assert "other" not in repr(read.discord_token)
