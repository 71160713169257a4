"""The systemd unit, read here and judged by systemd's own tool where there is one."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from tests.pages import REPOSITORY
from tests.test_env_example import NAMES

UNIT = REPOSITORY / "docs" / "deploy" / "footnote.service"
# systemd's own measure, from 0 (confined) to 10 (may do all); it calls up to 2 'OK'.
MOST_EXPOSED = 2.0


class Repeated(dict[str, str]):
    """An option that stands there again goes on where it was."""

    def __setitem__(self, key: str, value: str) -> None:
        before = self.get(key)
        if isinstance(value, list) and isinstance(before, list):
            value = [*before, *value]
        super().__setitem__(key, value)


def service() -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=False, dict_type=Repeated)
    parser.optionxform = str  # type: ignore[method-assign, assignment]
    parser.read(UNIT)
    return parser["Service"]


def test_it_starts_a_command_that_is_there() -> None:
    program, command, *options = shlex.split(service()["ExecStart"])
    assert Path(program).name == "footnote"
    told = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
    assert told.exit_code == 0
    assert all(option in told.output for option in options if option.startswith("--"))


def test_it_names_settings_that_are_there_and_writes_to_one_folder() -> None:
    text = UNIT.read_text("utf-8")
    named = dict(re.findall(r"\b(FOOTNOTE_\w+)=(\S+)", text))
    assert named.keys() == {"FOOTNOTE_HOME", "FOOTNOTE_MODELS_DIR"}
    assert named.keys() <= NAMES.keys()
    assert all(value.startswith("%S/footnote/") for value in named.values())
    assert service()["StateDirectory"] == "footnote"
    assert service()["ProtectSystem"] == "strict"
    assert "DISCORD_TOKEN" not in text


def test_it_starts_again_what_fell_and_not_what_is_set_wrongly() -> None:
    assert service()["Restart"] == "on-failure"
    assert service()["RestartPreventExitStatus"] == "2"
    # Longer than running answers get, and their last words.
    assert float(service()["TimeoutStopSec"]) > 20 + 15


def test_systemd_finds_nothing_wrong_and_little_exposed(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("there is no systemd-analyze here to judge the unit")
    unit = tmp_path / "footnote.service"
    # The program is not installed here: one that is stands in for it.
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text("utf-8")))

    def judged(*how: str) -> str:
        done = subprocess.run([tool, *how, str(unit)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert judged("verify", "--man=no").strip() == ""
    told = judged("security", "--offline=true", "--no-pager")
    exposed = re.search(r"exposure level for footnote\.service: ([\d.]+)", told)
    assert exposed is not None
    sys.stdout.write(f"systemd-analyze security: {exposed[1]}\n")
    assert float(exposed[1]) <= MOST_EXPOSED
