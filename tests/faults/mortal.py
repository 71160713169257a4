"""Admin work, answers and feedback at once, until killed.

`python -m tests.faults.mortal HOME SEED`. After each commit of a record it says so on standard
output; the admin work promises, and is checked, as in `tests.bot.mortal`.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bot.link import link
from bot.receipts import Feedback, Receipts
from bot.waiting import OpenQuestion
from indexer import intake
from indexer.apart import Reader
from indexer.load import load, load_bytes
from tests.bot.mortal import State, one
from tests.bot.test_receipts import receipt
from tests.stores import opened


def say(*words: object) -> None:
    """One line, at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def record(receipts: Receipts, seed: int) -> None:
    """Answers with their feedback, and questions that are taken and answered."""
    number = 0
    while True:
        number += 1
        name = f"{seed}-{number}"
        question = OpenQuestion(
            id=name, asked_at=1.0, asker=1, guild=9, channel=5, text="Why?", parent=None
        )
        receipts.waiting.keep(question)
        say("open", name)
        receipts.save(replace(receipt(name), key=name))
        receipts.shown(name, 5, [seed * 1_000_000 + number])
        say("answered", name)
        receipts.rate(Feedback(name, 1, helpful=True, reason="", comment="", given_at=1.0))
        say("rated", name)
        if number % 2:
            receipts.waiting.done(name)
            say("closed", name)
        # A person takes longer; and the admin work has the same file to write to.
        time.sleep(0.02)


def main() -> None:
    """Go on until killed."""
    intake.read_apart = lambda data, *, name, limits: load_bytes(data, name=name)
    Reader.read_file = lambda self, path: load(path)
    home, seed = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(seed)
    with opened(home) as (library, jobs), closing(Receipts(home / "receipts.sqlite3")) as receipts:
        jobs.settle()
        link(library.catalog, receipts)
        library.vectors.count(scope="shared")
        say("begun")
        threading.Thread(target=record, args=(receipts, seed), daemon=True).start()
        past: dict[int, State] = {}
        while True:
            one(home, library, jobs, chance, past)
            say("job")


if __name__ == "__main__":
    main()
