"""kill -9 at any moment of add, sync, remove and rollback loses, halves and orphans nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from bot.audit import BEGUN
from knowledge.library import Library
from tests.bot.mortal import State, held
from tests.fakes import HashingEmbedder
from tests.stores import HALL, opened

ROOT = Path(__file__).parents[2]
KILLS = 20


def killed(home: Path, seed: int, seconds: float) -> None:
    """Let jobs run, and end their process without a word."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bot.mortal", str(home), str(seed)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("begun"), "the jobs could not begin"
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


def test_nothing_is_lost_halved_or_orphaned_whatever_moment_jobs_are_killed_at(
    tmp_path: Path,
) -> None:
    chance = random.Random(7)
    versions: list[int] = []
    for number in range(KILLS):
        killed(tmp_path, number, chance.uniform(0.05, 1.2))
        with opened(tmp_path) as (library, jobs):
            jobs.settle()
            promise = tmp_path / "promise.json"
            if promise.exists():
                whole(library, json.loads(promise.read_text()))
            sound(library)
            live = {info.digest for info in library.documents(scopes=[HALL])}
            for staged in jobs.waiting(scope=HALL):
                assert jobs.review(staged.id, scope=HALL).passages
                assert staged.digest not in live
            outcomes = [each.outcome for each in jobs.audit.entries(scope=HALL)]
            assert BEGUN not in outcomes
            versions.append(int(library.version))
    assert versions == sorted(versions)
    assert versions[-1] > KILLS, "hardly any job was done"
    assert "interrupted" in outcomes
