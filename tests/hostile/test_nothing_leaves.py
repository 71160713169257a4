"""Asking, indexing and admins' work reach nobody but Discord."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from knowledge.quiet import be_quiet
from tests.picture import REPOSITORY

WORK = {"index", "ask", "search", "check", "status", "models", "knowledge", "backup", "stats"}


def watched(kind: str, folder: Path, **settings: str) -> dict[str, Any]:
    """What a process did, and whom it wanted to reach."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.watched", kind, str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **settings},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert set(seen["done"]) >= WORK, done.stderr[-3000:]
    return seen


def test_nothing_but_discord_is_looked_up_or_connected_to(tmp_path: Path) -> None:
    seen = watched("scripted", tmp_path)

    assert {"approved", "asked", "knowledge history", "privacy"} <= set(seen["done"])
    assert seen["reached"] == []


@pytest.mark.slow
def test_nor_with_the_real_models(real_app: App, tmp_path: Path) -> None:
    models = str(real_app.settings.models_dir)

    assert watched("real", tmp_path, FOOTNOTE_MODELS_DIR=models)["reached"] == []


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.getaddrinfo('telemetry.example', 443)",
        "import socket; socket.gethostbyname('telemetry.example')",
        "import socket; s = socket.socket(); s.settimeout(0.1); s.connect(('192.0.2.1', 443))",
        "import urllib.request; urllib.request.urlopen('https://telemetry.example', timeout=0.1)",
    ],
)
def test_whoever_reports_home_is_noticed(code: str) -> None:
    script = (
        "import sys\n"
        "from tests.hostile import watched\n"
        "sys.addaudithook(watched.note)\n"
        f"try:\n    {code}\n"
        "except OSError:\n    pass\n"
        "print(len(watched.reached))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(done.stdout) > 0


def test_libraries_are_told_to_be_quiet_before_they_are_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ANONYMIZED_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "0")
    be_quiet()
    assert os.environ["ANONYMIZED_TELEMETRY"] == "False"
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == os.environ["DO_NOT_TRACK"] == "1"
    text = (REPOSITORY / "bot" / "cli.py").read_text("utf-8")
    assert text.index("be_quiet()") < text.index("app()\n")
