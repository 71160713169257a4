"""kill -9 at any moment of add, sync, remove and rollback loses, halves and orphans nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from bot.audit import BEGUN
from knowledge.library import Library
from tests.bot.mortal import State, held
from tests.fakes import HashingEmbedder
from tests.stores import HALL, opened

ROOT = Path(__file__).parents[2]
KILLS, MOST = 20, 60
PATIENCE_S = 120.0
KINDS = ("add", "sync", "remove", "back")
# What the log calls what was interrupted: adding is to stage, then to approve.
DEEDS = {"approved", "synchronised", "removed", "rolled back"}
# Seconds within which a job is killed: some at its beginning, some anywhere, some in a later one.
SCALES = (0.01, 0.05, 0.3)


def killed(home: Path, seed: int, *, kind: str, seconds: float) -> None:
    """Let jobs run, and end their process without a word soon after one of a kind has begun."""
    promised = home / "promise.json"
    promised.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bot.mortal", str(home), str(seed)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("begun"), "the jobs could not begin"
    until = time.monotonic() + PATIENCE_S
    while not (promised.exists() and json.loads(promised.read_text())["kind"] == kind):
        assert process.poll() is None, "the jobs ended by themselves"
        assert time.monotonic() < until, f"there was no {kind} within {PATIENCE_S} s"
        time.sleep(0.001)
    time.sleep(seconds)
    assert process.poll() is None, "the jobs ended by themselves"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    process.stdout.close()


def whole(library: Library, promised: dict[str, State]) -> None:
    """The library holds what it held before the job, or what it was to hold after it."""
    now, before, after = held(library), promised["before"], promised["after"]
    if promised["whole"]:
        assert now in (before, after)
    for name in now.keys() | before.keys() | after.keys():
        assert now.get(name) in (before.get(name), after.get(name)), name


def sound(library: Library) -> None:
    """Catalogue, full text and vectors agree; nothing is under way or left over."""
    live = library.catalog.live_ids(scope=HALL)
    assert library.vectors.ids(scope=HALL) == live
    assert library.catalog.count()[1] == len(live)
    assert library.catalog.journal() == []
    library.catalog.check()
    for info in library.documents(scopes=[HALL]):
        passage = library.passages(info.id, scope=HALL)[0]
        vector = HashingEmbedder().embed_query(f"{passage.title} {passage.text}")
        assert library.nearest(vector, k=1, scopes=[HALL])
        assert library.keyword(passage.text, k=1, scopes=[HALL])


@pytest.mark.timeout(1800)
def test_nothing_is_lost_halved_or_orphaned_whatever_moment_jobs_are_killed_at(
    tmp_path: Path,
) -> None:
    chance = random.Random(7)
    versions: list[int] = []
    met: Counter[str] = Counter()
    for number in range(MOST):
        if number >= KILLS and met.keys() >= DEEDS:
            break
        kind = KINDS[number % len(KINDS)]
        killed(tmp_path, number, kind=kind, seconds=chance.uniform(0, chance.choice(SCALES)))
        with opened(tmp_path) as (library, jobs):
            jobs.settle()
            whole(library, json.loads((tmp_path / "promise.json").read_text()))
            sound(library)
            live = {info.digest for info in library.documents(scopes=[HALL])}
            for staged in jobs.waiting(scope=HALL):
                assert jobs.review(staged.id, scope=HALL).passages
                assert staged.digest not in live
            entries = jobs.audit.entries(scope=HALL)
            assert BEGUN not in [each.outcome for each in entries]
            met = Counter(each.action for each in entries if each.outcome == "interrupted")
            versions.append(int(library.version))
    sys.stdout.write(f"{len(versions)} kills, in the middle of {dict(met)}\n")
    assert versions == sorted(versions)
    assert versions[-1] > KILLS, "hardly any job was done"
    assert met.keys() >= DEEDS
