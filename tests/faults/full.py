"""A disk that fills up: `python -m tests.faults.full FOLDER LEFT`, in mount and user namespaces.

A small disk is mounted on the folder and filled but for LEFT kilobytes, so that work meets its end
somewhere. Then the disk grows, and the same process goes on. What came of it is printed as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from bot.backup import back_up
from bot.receipts import Receipts
from knowledge.errors import FootnoteError
from tests.fakes import HashingEmbedder
from tests.faults.stage import words
from tests.stores import HALL, opened, text


def mount(folder: Path, megabytes: int, *, again: bool = False) -> None:
    """Put a disk of this size on the folder, or let the one that is there have this size."""
    options = f"{'remount,' if again else ''}size={megabytes}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], check=True)


def work(home: Path, ballast: Path, disk: Path, left_free: int) -> dict[str, object]:
    """Fill the disk, look at what is left, make room, go on."""
    told: list[str] = []
    done: list[str] = []
    with opened(home) as (library, jobs), closing(Receipts(home / "receipts.sqlite3")) as records:

        def attempt(number: int) -> None:
            name = f"{number}.md"
            try:
                staged = jobs.add(text(words(number), name=name)).staged
                jobs.approve(staged.id, scope=HALL, by="ada")
                done.append(name)
            except FootnoteError as error:
                told.append(str(error))
            try:
                records.remember("last", name)
            except FootnoteError as error:
                told.append(str(error))

        for number in range(4):
            attempt(number)
        assert not told, told
        fill(ballast, left_free)
        for number in range(4, 30):
            attempt(number)
            if len(told) > 3:
                break
        failed = len(told)
        try:
            back_up(home, disk / "a.backup")
        except FootnoteError as error:
            told.append(str(error))
        live = sorted(each.id for each in library.documents(scopes=[HALL]))
        found = {p.document_id for p, _ in library.nearest(
            HashingEmbedder().embed_query("room opens"), k=500, scopes=[HALL])}  # fmt: skip
        left = sorted(each.name for each in disk.iterdir())
        ballast.unlink()
        mount(disk, 400, again=True)
        for number in range(30, 33):
            attempt(number)
        jobs.settle()
        whole = library.catalog.live_ids(scope=HALL) == library.vectors.ids(scope=HALL)
        after = sorted(each.id for each in library.documents(scopes=[HALL]))
        remembered = records.recall("last")
    return {
        "done": done,
        "told": told,
        "failed": failed,
        "live": live,
        "found": sorted(found),
        "left": left,
        "after": after,
        "whole": whole,
        "remembered": remembered,
    }


def fill(ballast: Path, left_free: int) -> None:
    """Take what room there is, but for so many kilobytes."""
    with ballast.open("wb") as file:
        try:
            while True:
                os.write(file.fileno(), bytes(4096))
        except OSError:
            pass
    os.truncate(ballast, max(0, ballast.stat().st_size - left_free * 1024))


def main() -> None:
    """The command line."""
    disk = Path(sys.argv[1])
    mount(disk, 160)
    json.dump(work(disk / "home", disk / "ballast", disk, int(sys.argv[2])), sys.stdout)


if __name__ == "__main__":
    main()
