"""Play the load: `python -m tests.load [--members 200] [--seconds 600] [--model real] [--out DIR]`.

Exit code 1 where a question was lost, the queue grew beyond its limit, or Discord refused anything.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.load.crowd import LOST
from tests.load.play import Load, play
from tests.load.report import described, draw


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--servers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--think", type=float, default=60.0, help="mean seconds between questions")
    parser.add_argument("--model", choices=["scripted", "real"], default="scripted")
    parser.add_argument("--out", type=Path, default=Path("load"))
    chosen = parser.parse_args()
    load = Load(
        members=chosen.members,
        servers=chosen.servers,
        seconds=chosen.seconds,
        think_s=chosen.think,
        model=chosen.model,
    )
    with tempfile.TemporaryDirectory() as home:
        run = asyncio.run(play(load, Path(home)))
    chosen.out.mkdir(parents=True, exist_ok=True)
    draw(run, chosen.out / "load.png")
    text = described(run)
    (chosen.out / "load.txt").write_text(text + "\n", "utf-8")
    sys.stdout.write(f"{text}\ndrawn in {chosen.out / 'load.png'}\n")
    held = not run.outcomes()[LOST] and run.longest_queue <= run.queue_length
    return 0 if held and not run.violations else 1


if __name__ == "__main__":
    sys.exit(main())
