"""A full disk: nothing committed is lost, a sentence asks for room, and room is all it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.stage import ALL, ROOT

APART = ["unshare", "--user", "--map-root-user", "--mount"]


def may_mount(folder: Path) -> bool:
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    try:
        return subprocess.run([*APART, *mount], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    "left", [0, 100, 1000, *range(15_000, 52_000, 4_000)] if ALL else [0, 51_000]
)
def test_a_disk_that_fills_up_loses_nothing_and_asks_for_room(tmp_path: Path, left: int) -> None:
    if not may_mount(tmp_path):
        pytest.skip("no disk may be mounted here")
    done = subprocess.run(
        [*APART, sys.executable, "-m", "tests.faults.full", str(tmp_path), str(left)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])

    first = [f"{number}.md" for number in range(4)]
    assert found["failed"] > 0, "the disk was never full"
    for sentence in found["told"]:
        assert "room" in sentence, sentence
        assert "\n" not in sentence
    assert set(first) <= set(found["live"]) == set(found["found"])
    assert set(found["live"]) == {each for each in found["done"] if int(each[:-3]) < 30}
    assert set(found["left"]) - {"a.backup"} == {"ballast", "home"}, "half a backup was left"
    assert set(found["after"]) == set(found["done"])
    assert {"30.md", "31.md", "32.md"} <= set(found["after"])
    assert found["whole"]
    assert found["remembered"] == "32.md"
