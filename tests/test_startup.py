"""The command line says what it can do at once."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.picture import REPOSITORY

# Bare Python takes 0.03 s of processor time, and this 0.2. Counted in multiples of it, since a busy
# machine makes both slower, and generously, since not always by as much.
MOST = 20.0
RUNS = 3


def processor_seconds(*arguments: str) -> float:
    """Processor time of a Python of its own."""
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=REPOSITORY, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"]], ids=" ".join)
def test_help_is_there_at_once(arguments: list[str]) -> None:
    pairs = [
        (processor_seconds("-c", "pass"), processor_seconds("-m", "bot", *arguments))
        for _ in range(RUNS)
    ]
    bare, helped = (min(each) for each in zip(*pairs, strict=True))
    sys.stdout.write(f"footnote {' '.join(arguments)}: {helped:.2f} s; bare: {bare:.2f} s\n")
    assert helped <= MOST * bare
