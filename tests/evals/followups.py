"""Measure follow-ups: what they find when made to stand alone, and what they find as they are.

    python -m tests.evals.followups [FILE] [--misses] [--home DIR]

Beside it: how many new subjects are left untouched, and how many words of thanks are.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from knowledge.follow import standalone
from tests.evals.finding import Asked, Finder, load, misses, table

_FILE = Path(__file__).with_name("followups.jsonl")


def untouched(asked: list[Asked]) -> tuple[int, int]:
    """How many of the questions are the same after `standalone`, and how many there are."""
    same = [each for each in asked if standalone(each.question, each.conversation) == each.question]
    return len(same), len(asked)


def main() -> None:
    """Print a table with `standalone` and one without."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=_FILE)
    parser.add_argument("--home", type=Path, help="a data folder with the shipped documents")
    parser.add_argument("--misses", action="store_true", help="list what was not found")
    given = parser.parse_args()
    everything = [each for each in load(given.file) if each.conversation]
    asked = [each for each in everything if each.documents]
    finder = Finder(given.home)
    alone = finder.ask(asked, read=lambda each, spelled: standalone(spelled, each.conversation))
    print(f"made to stand alone\n{table(alone)}", flush=True)  # noqa: T201
    as_they_are = finder.ask(asked, read=lambda _, spelled: spelled)
    print(f"as they are\n{table(as_they_are)}", flush=True)  # noqa: T201
    new = untouched([each for each in asked if each.kind == "new"])
    thanks = untouched([each for each in everything if not each.documents])
    print("new subjects untouched: {} of {}".format(*new))  # noqa: T201
    print("thanks untouched: {} of {}".format(*thanks))  # noqa: T201
    if given.misses:
        print(misses(alone))  # noqa: T201


if __name__ == "__main__":
    main()
