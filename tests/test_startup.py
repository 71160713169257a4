"""The command line says what it can do at once, and shows the evidence soon after it is started."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

from bot.app import App
from tests.picture import REPOSITORY

# At most .3 s where bare Python takes .03: counted in multiples of it, and in processor time, since
# a busy machine makes both slower. For the help of one command typer loads pydantic, which it
# reads that command's options with: .4 s.
HELP, HELP_OF_ONE = 10.0, 20.0
RUNS = 5
# From the start of a process to its first evidence, with the models on the disk.
EVIDENCE_S = 6.0


def processor_seconds(*arguments: str) -> float:
    """Processor time of a Python of its own."""
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=REPOSITORY, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize(
    ("arguments", "most"), [(["--help"], HELP), (["ask", "--help"], HELP_OF_ONE)], ids=str
)
def test_help_is_there_at_once(arguments: list[str], most: float) -> None:
    pairs = [
        (processor_seconds("-c", "pass"), processor_seconds("-m", "bot", *arguments))
        for _ in range(RUNS)
    ]
    bare, helped = (min(each) for each in zip(*pairs, strict=True))
    sys.stdout.write(f"footnote {' '.join(arguments)}: {helped:.2f} s; bare: {bare:.3f} s\n")
    assert helped <= most * bare


def until_evidence(app: App, question: str) -> tuple[float, float]:
    """Seconds from the start of `footnote ask` to its evidence; those of them it computed in."""
    command = [sys.executable, "-m", "bot", "ask", question, "--home", str(app.settings.home)]
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert any(line.startswith("Evidence") for line in process.stdout)
            took = time.perf_counter() - started
            computed = psutil.Process(process.pid).cpu_times()
        finally:
            # Its answer is not waited for.
            process.kill()
    return took, computed.user + computed.system


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_question_has_its_evidence_soon(real_app: App) -> None:
    real_app.fetch_models()
    took, computed = min(until_evidence(real_app, "What is mode collapse?") for _ in range(3))
    sys.stdout.write(f"footnote ask: evidence after {took:.1f} s, {computed:.1f} s computing\n")
    # What waits for a busy machine is not its own time.
    assert min(took, computed) <= EVIDENCE_S
