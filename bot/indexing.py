"""`footnote index` and `footnote remove`: plan, run, show the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from bot.console import steady_console
from bot.progress import bar
from bot.wire import Json, receipt_object
from indexer.discover import SHIPPED
from indexer.plan import Plan
from indexer.receipt import Progress, Receipt
from indexer.sync import run
from knowledge.errors import UsageError

if TYPE_CHECKING:
    from bot.app import App

_SHOWN = 12
_PLANTED = "speaks to a model; that part is neither read nor cited"


def index_paths(
    app: App, paths: Sequence[Path], *, empty: bool, dry_run: bool, quiet: bool
) -> Json:
    """Bring the library in step with `paths` and the shipped documents; the receipt as JSON."""
    if empty and not dry_run and app.shipped.wanted():
        app.shipped.leave_out_all()
    planned = app.plan(paths, shipped=not empty)
    if dry_run:
        if not quiet:
            _show_plan(planned)
        return _plan_object(planned)
    app.shipped.take_back(paths)
    with bar("Indexing") as step:

        def show(progress: Progress) -> None:
            step(progress.documents, progress.of)

        receipt = run(planned, library=app.library, embedder=app.embedder, progress=show)
    if not quiet:
        _show_receipt(receipt)
    return receipt_object(receipt)


def remove_documents(app: App, ids: Sequence[str]) -> None:
    """Remove documents by id; UsageError for one that is not there, before any is removed."""
    known = {each.id: each for each in app.library.documents()}
    unknown = [each for each in ids if each not in known]
    if unknown:
        raise UsageError(
            f"There is no document {', '.join(unknown)}. 'footnote status' lists the ids."
        )
    with app.library.writing():
        app.shipped.leave_out([each for each in ids if known[each].origin == SHIPPED])
        for document_id in ids:
            app.library.remove(document_id)
    steady_console().print(f"Removed {len(ids)}. Library version {app.library.version}.")


def _plan_object(planned: Plan) -> Json:
    return {
        "dry_run": True,
        "added": [each.id for each in planned.added],
        "changed": [each.id for each in planned.changed],
        "removed": [each.id for each in planned.removed],
        "unchanged": len(planned.unchanged),
        "held": [each.id for each in planned.held],
        "failed": [{"id": each.id, "reason": each.reason} for each in planned.failed],
    }


def _show_plan(planned: Plan) -> None:
    _table(
        "Would be done (nothing was changed)",
        {
            "added": [each.id for each in planned.added],
            "changed": [each.id for each in planned.changed],
            "removed": [each.id for each in planned.removed],
            "unchanged": [each.id for each in planned.unchanged],
            **_left([each.id for each in planned.held]),
            "failed": [each.reason for each in planned.failed],
        },
    )


def _show_receipt(receipt: Receipt) -> None:
    _table(
        f"Library version {receipt.version_before} → {receipt.version_after} · "
        f"{receipt.embedded} passages embedded · {receipt.seconds:.1f} s",
        {
            "added": receipt.added,
            "changed": receipt.changed,
            "removed": receipt.removed,
            "unchanged": receipt.unchanged,
            **_left(receipt.held),
            "failed": [each.reason for each in receipt.failed],
            **_looks_planted(receipt),
        },
    )


def _looks_planted(receipt: Receipt) -> dict[str, Sequence[str]]:
    """Lines for documents that speak to a language model, with the first such sentence of each."""
    lines = [f"{each.id} {each.why}: “{each.quote}”" for each in receipt.flagged]
    return {_PLANTED: lines} if lines else {}


def _left(held: Sequence[str]) -> dict[str, Sequence[str]]:
    """A line for what was taken back or out by hand, where there is any."""
    return {"left as taken back or out, until the file changes or is named": held} if held else {}


def _table(caption: str, rows: dict[str, Sequence[str]]) -> None:
    table = Table(show_header=False, box=None)
    for name, values in rows.items():
        if name == "unchanged":
            shown = ""
        else:
            more = f" … and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
            joiner = "\n" if name in ("failed", _PLANTED) else ", "
            shown = joiner.join(values[:_SHOWN]) + more
        style = "red" if name == "failed" and values else "yellow" if name == _PLANTED else ""
        table.add_row(name, str(len(values)), escape(shown), style=style)
    console = steady_console()
    console.print(table)
    console.print(caption, style="dim", highlight=False)
