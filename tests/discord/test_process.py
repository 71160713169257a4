"""run() as a separate process: names by the operating system, trust by SSL_CERT_FILE."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

NAMESPACES = ["unshare", "--user", "--map-root-user", "--mount", "--net"]
ROOT = Path(__file__).parents[2]


def isolable() -> bool:
    """Whether this system lets us have namespaces of our own."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.skipif(not isolable(), reason="no namespaces of our own here")
def test_an_unmodified_process_answers_with_streaming_and_stops_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.discord.child"]
    done = subprocess.run(
        [*NAMESPACES, sys.executable, "-m", "tests.discord.isolated", str(tmp_path), *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout[done.stdout.index("{\n") :])

    assert seen["acknowledged_s"] < 1.0
    assert seen["exit_code"] == 0
    assert seen["violations"] == []
    assert "[2]" in seen["text"]
    states = seen["states"]
    assert any("▍" in state["content"] for state in states)
    assert all(b["after_s"] - a["after_s"] >= 1.0 for a, b in pairwise(states[1:]))
