"""A data folder with something in every file, and ways to break it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.link import link
from bot.receipts import Receipts
from tests.stores import HALL, opened, said, text

ROOT = Path(__file__).parents[2]
ALL = os.environ.get("FAULTS") == "all"
DOCUMENTS = 6


def words(number: int) -> str:
    """A document of several passages."""
    parts = (f"## Part {part}\n\nRoom {number} opens at {part} past nine." for part in range(8))
    return f"# Reading room {number}\n\nThe reading room {number} opens.\n\n" + "\n\n".join(parts)


def fill(home: Path) -> str:
    """Put documents, records and something that waits into a new folder; what it then says."""
    with opened(home) as (library, jobs):
        for number in range(DOCUMENTS):
            upload = text(words(number), name=f"{number}.md")
            jobs.approve(jobs.add(upload).staged.id, scope=HALL, by="ada")
        jobs.add(text("Be kind.", name="later.md"))
        told = said(library)
        with closing(Receipts(home / "receipts.sqlite3")) as receipts:
            receipts.remember("fact", "committed")
            link(library.catalog, receipts)
    return told


def probe(home: Path, *how: str) -> tuple[int, dict[str, Any]]:
    """What a process of its own finds in a folder, and its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.probe", str(home), *how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    last = done.stdout.splitlines()[-1:] or ["{}"]
    return done.returncode, json.loads(last[0]) if done.returncode == 0 else {"err": done.stderr}


def cut(file: Path, share: float) -> None:
    """What a power cut leaves: the file's first part."""
    os.truncate(file, int(file.stat().st_size * share))


def scramble(file: Path, seed: int) -> None:
    """Noise over an eighth of the file, its head included."""
    chance = random.Random(seed)
    data = bytearray(file.read_bytes())
    step = 512
    for start in [0, *range(0, len(data), step)]:
        if start == 0 or chance.random() < 0.125:
            end = min(start + step, len(data))
            data[start:end] = chance.randbytes(end - start)
    file.write_bytes(data)


def blank(file: Path) -> None:
    """Zeros in the place of the second half, as some file systems leave after a power cut."""
    data = bytearray(file.read_bytes())
    half = len(data) // 2
    data[half:] = bytes(len(data) - half)
    file.write_bytes(data)
