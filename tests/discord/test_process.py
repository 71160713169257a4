"""The bot as a separate process: names by the operating system, trust by SSL_CERT_FILE."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bot.app import App

NAMESPACES = ["unshare", "--user", "--map-root-user", "--mount", "--net"]
ROOT = Path(__file__).parents[2]
SCRIPTED = [sys.executable, "-m", "tests.discord.child"]
FOOTNOTE_RUN = [sys.executable, "-m", "bot", "run"]


def refused_namespaces() -> str | None:
    """Why this system lets us have no namespaces of our own; None where it does."""
    if shutil.which("unshare") is None:
        return "there is no unshare"
    tried = subprocess.run([*NAMESPACES, "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip() or "unshare fails" if tried.returncode else None


def watched(folder: Path, *, people: int, command: list[str], **settings: str) -> dict[str, Any]:
    """What people saw of a bot that was started by a command."""
    reason = refused_namespaces()
    if reason is not None:
        # A hosts file of our own needs a namespace; nothing else leads the names to loopback
        # without a change to the process. This is to be seen, not skipped.
        pytest.xfail(f"the kernel refuses namespaces of our own: {reason}")
    player = [sys.executable, "-m", "tests.discord.isolated", str(folder), str(people)]
    done = subprocess.run(
        [*NAMESPACES, *player, *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **settings},
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen["exit_code"] == 0, "\n".join(seen["log"])
    assert seen["violations"] == []
    return seen


def test_an_unmodified_process_answers_with_streaming_and_stops_on_sigterm(tmp_path: Path) -> None:
    seen = watched(tmp_path, people=0, command=SCRIPTED)

    alone = seen["alone"]
    assert alone["acknowledged_s"] < 1.0
    assert alone["shortest_gap_s"] >= 1.0
    assert "[2]" in alone["text"]
    assert any("▍" in state["content"] for state in alone["states"])


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_footnote_run_shows_evidence_at_once_to_all_who_ask_together(
    real_app: App, tmp_path: Path
) -> None:
    before_s = searching_s(real_app)
    seen = watched(
        tmp_path,
        people=5,
        command=FOOTNOTE_RUN,
        FOOTNOTE_HOME=str(real_app.settings.home),
        FOOTNOTE_MODELS_DIR=str(real_app.settings.models_dir),
    )

    for who in ("alone", "together"):
        mine = seen[who] if isinstance(seen[who], list) else [seen[who]]
        for name in ("acknowledged_s", "evidence_s", "shortest_gap_s"):
            print(who, name, *(each[name] for each in mine))  # noqa: T201 - shown by pytest -s

    # A machine that is busy with something else is given as much more time as it takes.
    patience = max(1.0, before_s / 0.4, searching_s(real_app) / 0.4)
    for each in [seen["alone"], *seen["together"]]:
        assert each["acknowledged_s"] <= 1.0 * patience
        assert each["evidence_s"] <= 1.5 * patience
        assert each["shortest_gap_s"] >= 1.0
    assert any("▍" in state["content"] for state in seen["alone"]["states"])
    assert "[1]" in seen["alone"]["text"]
    assert real_app.settings.llm_model in seen["alone"]["text"]
    waiting = [each for each in seen["together"] if "before yours" in str(each["states"])]
    assert len(waiting) == 1
    log = "\n".join(seen["log"])
    assert log.index("models loaded") < log.index("ready ")


def searching_s(app: App) -> float:
    """Seconds that one search takes with nothing else to do."""
    took = []
    for question in ("What is a token?", "What is a transformer?", "What is a GAN?"):
        started = time.perf_counter()
        app.search(question, k=4, scopes=("shared",))
        took.append(time.perf_counter() - started)
    return sorted(took)[1]
