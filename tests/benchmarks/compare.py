"""Footnote beside LlamaIndex's CitationQueryEngine and plain retrieve-then-generate.

    python -m tests.benchmarks.compare [--questions FILE] [--count 12] [--documents PATH …]

All answer the same questions from the same documents with the same models on this machine, one
after the other, each in a process of its own, so that its memory is its own. What is answered is
kept at once: a run that was interrupted goes on where it was, and within --minutes it ends.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from knowledge.errors import FootnoteError
from tests.benchmarks.contest import PHASES
from tests.benchmarks.report import report
from tests.benchmarks.task import CONTENDERS, OURS, Task

REPOSITORY = Path(__file__).parents[2]
QUESTIONS = Path(__file__).with_name("questions.jsonl")
# Beyond its time a contender may be in the middle of a question.
_GRACE_S = 180.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing of a comparison and show all of it; 0 where nothing went wrong."""
    given = _parser().parse_args(arguments)
    task = Task(
        out=given.out.resolve(),
        questions=given.questions.resolve(),
        count=given.count,
        documents=tuple(path.resolve() for path in given.documents or ()),
        app=given.app,
    )
    console = Console()
    try:
        task.begin(fresh=given.fresh)
        problems = _run(task, minutes=given.minutes, console=console)
        report(task, pictures=given.pictures, pages=given.pages, console=console)
    except FootnoteError as error:
        Console(stderr=True).print(str(error), style="red", markup=False)
        return 1
    for problem in problems:
        console.print(problem, style="red", markup=False)
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--questions", type=Path, default=QUESTIONS, help="as footnote eval's")
    parser.add_argument("--count", type=int, default=12, help="how many of them")
    parser.add_argument("--documents", type=Path, nargs="+", help="without: the shipped ones")
    parser.add_argument("--minutes", type=float, default=30.0, help="for all contenders together")
    parser.add_argument("--out", type=Path, default=Path("bench"), help="folder of the results")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run kept")
    parser.add_argument("--pictures", type=Path, help="where the pictures go; without: --out")
    parser.add_argument(
        "--pages", type=Path, nargs="+", default=[], help="pages to write both into"
    )
    parser.add_argument("--app", default=OURS, help=argparse.SUPPRESS)
    return parser


def _run(task: Task, *, minutes: float, console: Console) -> list[str]:
    """Run every phase; sentences about what did not end well."""
    until = time.monotonic() + 60 * minutes
    problems = []
    try:
        for number, phase in enumerate(PHASES):
            left = max(0.0, until - time.monotonic())
            # Whoever comes later has an equal part of what is left.
            contenders = len([each for each in PHASES[number:] if each in CONTENDERS])
            console.print(f"[bold]{phase}[/]")
            problem = apart(task, phase, seconds=left / max(1, contenders))
            if problem:
                problems.append(problem)
    except KeyboardInterrupt:
        problems.append("Interrupted. What was answered is kept: run it again to go on.")
    return problems


def apart(task: Task, phase: str, *, seconds: float) -> str:
    """Run a phase in a process of its own; a sentence where it did not end well."""
    command = [sys.executable, "-m", "tests.benchmarks.contest", task.as_argument(), phase]
    paths = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    try:
        done = subprocess.run(
            [*command, str(seconds)], env=environment, timeout=seconds + _GRACE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{phase} was stopped: it took {_GRACE_S:.0f} s more than its time."
    return ending(phase, done.returncode)


def ending(phase: str, code: int) -> str:
    """A sentence for a process that ended badly; nothing for one that ended well."""
    if code < 0:
        return f"{phase} was killed by signal {-code}; 9 is what a full memory ends in."
    return f"{phase} ended with an error, told above." if code else ""


if __name__ == "__main__":
    sys.exit(main())
