"""What takes time, shown on standard error while it takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bot.console import steady_console

if TYPE_CHECKING:
    from bot.app import App
    from knowledge.models import FetchProgress


@contextmanager
def bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that appears with its first step: call what is yielded with (done, total)."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeRemainingColumn(),
        console=steady_console(errors=True),
        transient=True,
    )
    task = None
    try:

        def step(done: int, total: int) -> None:
            nonlocal task
            if task is None:
                progress.start()
                task = progress.add_task(label, total=total)
            progress.update(task, completed=done, total=total)

        yield step
    finally:
        progress.stop()


def index_shipped(app: App) -> None:
    """Bring the shipped documents up to date with a bar."""
    with bar("Indexing the shipped documents") as step:
        app.index_shipped(step)


def model_report() -> Callable[[FetchProgress], None]:
    """A reporter of model fetches: a line a step, with per cent where the size is known."""
    console = steady_console(errors=True)
    shown: dict[str, str] = {}

    def report(progress: FetchProgress) -> None:
        share = f" {progress.done * 10 // progress.total * 10} %" if progress.total else ""
        line = f"{progress.model}: {progress.step}{share}"
        if shown.get(progress.model) != line:
            shown[progress.model] = line
            console.print(line, style="dim", highlight=False)

    return report
