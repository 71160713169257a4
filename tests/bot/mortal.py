"""Jobs that go on until they are killed: `python -m tests.bot.mortal HOME NUMBER`.

Before each job it writes to HOME/promise.json which it is, what the library held, and what it will
hold.
"""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path

from bot.jobs import Jobs
from indexer import intake
from indexer.apart import Reader
from indexer.load import load, load_bytes
from knowledge.library import Library
from tests.stores import HALL, opened, text

NAMES = ("a.md", "b.md", "c.md")
State = dict[str, str]


def words(name: str, number: int) -> str:
    """A document of several passages, each of which names its version."""
    parts = (f"## Part {part}\n\n{name} has version {number} here." for part in range(5))
    return f"# About {name}\n\n" + "\n\n".join(parts)


def held(library: Library) -> State:
    """Each document with its text."""
    return {
        info.id: "\n".join(p.text for p in library.passages(info.id, scope=HALL))
        for info in library.documents(scopes=[HALL])
    }


def expected(name: str, number: int) -> str:
    """The text of all passages of a version."""
    return "\n".join(f"{name} has version {number} here." for _ in range(5))


def promise(home: Path, kind: str, before: State, after: State, *, whole: bool = True) -> None:
    """Write down what is about to happen, in one step."""
    made = home / "promise.new"
    told = {"kind": kind, "before": before, "after": after, "whole": whole}
    made.write_text(json.dumps(told))
    made.replace(home / "promise.json")


def one(home: Path, library: Library, jobs: Jobs, chance: random.Random, past: dict[int, State]):
    """One job."""
    before, number = held(library), chance.randrange(10**9)
    name = chance.choice(NAMES)
    match chance.choice(["add", "add", "remove", "back", "sync"]):
        case "add":
            promise(home, "add", before, before | {name: expected(name, number)})
            staged = jobs.add(text(words(name, number), name=name)).staged
            jobs.approve(staged.id, scope=HALL, by="ada")
        case "remove" if name in before:
            after = {key: value for key, value in before.items() if key != name}
            promise(home, "remove", before, after)
            jobs.remove(name, scope=HALL, by="ada")
        case "back" if past:
            version = chance.choice(list(past)[-3:])
            promise(home, "back", before, past[version])
            jobs.roll_back_all(version, scope=HALL, by="ada")
        case _:
            folder = home / "folder"
            folder.mkdir(exist_ok=True)
            files = {f"f{each}.md": words(f"f{each}.md", number) for each in range(3)}
            for file, content in files.items():
                (folder / file).write_text(content)
            after = before | {file: expected(file, number) for file in files}
            promise(home, "sync", before, after, whole=False)
            jobs.sync(folder, scope=HALL, by="ada")
    past[int(library.version)] = held(library)


def main() -> None:
    """Go on until killed."""
    # Reading has a process of its own and writes nothing: without it there is more to interrupt.
    intake.read_apart = lambda data, *, name, limits: load_bytes(data, name=name)
    Reader.read_file = lambda self, path: load(path)
    home, seed = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(seed)
    with opened(home) as (library, jobs):
        jobs.settle()
        past: dict[int, State] = {}
        library.vectors.count(scope=HALL)  # loads what takes long, so that jobs are interrupted
        sys.stdout.write(f"begun {os.getpid()}\n")
        sys.stdout.flush()
        while True:
            one(home, library, jobs, chance, past)


if __name__ == "__main__":
    main()
