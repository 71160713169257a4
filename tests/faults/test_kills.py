"""kill -9 at random moments of admin work, answers and feedback: nothing committed is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bot.audit import BEGUN
from bot.health import examine
from bot.receipts import Receipts
from tests.bot.test_jobs_killed import sound, whole
from tests.faults.probe import app_of
from tests.faults.stage import ALL, ROOT
from tests.stores import HALL, opened

KILLS = 100 if ALL else 8


def killed(home: Path, seed: int, seconds: float) -> list[list[str]]:
    """Let work begin, end its process without a word; what it said was committed."""
    complaints = home.with_name("stderr.txt")
    with complaints.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.mortal", str(home), str(seed)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n", complaints.read_text()[-3000:]
    time.sleep(seconds)
    assert process.poll() is None, "the work ended by itself"
    os.kill(process.pid, signal.SIGKILL)
    said, _ = process.communicate(timeout=20)
    # The last line may be half a line.
    return [line.split() for line in said.splitlines(keepends=True) if line.endswith("\n")]


def kept(receipts: Receipts, said: list[list[str]]) -> None:
    """Every record that was said to be committed is there."""
    open_now = {each.id for each in receipts.waiting.all()}
    names: dict[str, set[str]] = {}
    for what, *name in said:
        names.setdefault(what, set()).update(name)
    for name in names.get("answered", ()):
        assert receipts.get(name) is not None, name
        assert receipts.messages(name), name
    for name in names.get("rated", ()):
        assert len(receipts.feedback(name)) == 1, name
    closed = names.get("closed", set())
    assert not open_now & closed
    for name in names.get("open", set()) - closed:
        # The last may have been closed without having said so.
        assert name in open_now or name == said_last(said), name


def said_last(said: list[list[str]]) -> str:
    return next(line[1] for line in reversed(said) if line[0] in ("open", "answered", "rated"))


@pytest.mark.timeout(60 * KILLS)
def test_nothing_committed_is_lost_and_nothing_is_half_there(tmp_path: Path) -> None:
    chance = random.Random(5)
    counts: Counter[str] = Counter()
    home = tmp_path / "home"
    for number in range(KILLS):
        said = killed(home, number, chance.uniform(0.05, 2.5))
        counts.update(line[0] for line in said)
        with opened(home) as (library, jobs):
            jobs.settle()
            promise = home / "promise.json"
            if promise.exists():
                whole(library, json.loads(promise.read_text()))
            sound(library)
            assert BEGUN not in [each.outcome for each in jobs.audit.entries(scope=HALL)]
        with closing(Receipts(home / "receipts.sqlite3")) as receipts:
            kept(receipts, said)
        if number % 10 == 9:
            sys.stdout.write(f"{number + 1} kills, nothing lost: {dict(counts)}\n")
            sys.stdout.flush()
    app = app_of(home)
    wrong = [each for each in examine(app, repair=False) if not each.ok]
    app.library.close()
    assert [each for each in wrong if not each.what.startswith("model ")] == []
    assert counts["job"] > KILLS / 2
    assert counts["answered"] > KILLS
    sys.stdout.write(f"{KILLS} kills; committed before them, and still there: {dict(counts)}\n")
