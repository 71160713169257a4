"""The library on a system that may only be read: `python -m tests.supply.readonly HOME`.

Runs in mount and user namespaces of its own. All but HOME is made read-only first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.stores import HALL, opened, said, text


def isolate(home: Path) -> None:
    """Let only HOME be written."""
    commands = [
        ["mount", "--bind", str(home), str(home)],
        ["mount", "-o", "remount,bind,ro", "/"],
    ]
    for command in commands:
        subprocess.run(command, check=True)


def refused(place: Path) -> bool:
    """Whether nothing can be written there."""
    try:
        (place / "written").touch()
    except OSError:
        return True
    return False


def main() -> None:
    """Add a document by a process of its own, draw, and say what came of it."""
    home, place = Path(sys.argv[1]), Path(__file__).parent
    isolate(home)
    os.environ.update(HOME=str(home), TMPDIR=str(home))
    from bot.insight import canvas, theme

    with opened(home / "library") as (library, jobs):
        jobs.settle()
        staged = jobs.add(text("The room opens at nine.", name="rules.md")).staged
        jobs.approve(staged.id, scope=HALL, by="ada")
        told = said(library)
        whole = library.catalog.live_ids(scope=HALL) == library.vectors.ids(scope=HALL)
    picture = canvas.png(canvas.sheet(theme.DARK, title="A sheet", below="in a read-only system"))
    found = {"said": told, "whole": whole, "png": picture[:4].hex(), "refused": refused(place)}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
