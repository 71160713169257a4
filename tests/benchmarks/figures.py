"""Seconds, bytes and shares: taken, summed up, written and shown."""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds of many runs of one thing."""

    median_ms: float
    p95_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread:
        """The median and the 95th percentile."""
        ordered = sorted(seconds)
        most = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        return cls(round(statistics.median(ordered) * 1e3, 1), round(most * 1e3, 1))

    def __str__(self) -> str:
        return f"{self.median_ms:g} / {self.p95_ms:g} ms"


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def both_timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that some work takes, and those of them in which this process was computing.

    A busy machine makes the first longer and leaves the second about as it is.
    """
    started, before = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - before


def resident_mb(process: int | None = None) -> float:
    """Memory that a process holds now."""
    return round(psutil.Process(process).memory_info().rss / 1e6, 1)


def disk_mb(folder: Path) -> float:
    """What a folder's files take."""
    return round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6, 1)


def peak_mb() -> float:
    """The most memory this process held until now."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, 1)


def write(path: Path, rows: object) -> None:
    """Write figures as JSON, the folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def show(title: str, rows: Sequence[Row], *, first: str) -> None:
    """Print rows as the columns of a table: a line for each figure."""
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for row in rows:
        table.add_column(str(row[first]), justify="right")
    for name in dict.fromkeys(name for row in rows for name in row if name != first):
        table.add_row(name, *(_shown(row.get(name)) for row in rows))
    Console().print(table)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
