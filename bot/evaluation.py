"""What `footnote eval` shows: a table, what changed since an earlier run, a page to read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from bot.console import steady_console
from bot.evaluate import read_cases, report_object, run, score
from bot.progress import bar, index_shipped
from bot.wire import Json
from knowledge.errors import UsageError

if TYPE_CHECKING:
    from bot.app import App
    from bot.evaluate import Scores

REPORTS = "evaluations"


def evaluate_file(
    app: App,
    cases: Path,
    *,
    out: Path | None,
    html: Path | None,
    compare: Path | None,
    quiet: bool,
) -> Json:
    """Ask every case of a file; show, write and compare what came of it."""
    asked = read_cases(cases)
    earlier = _earlier(compare)
    index_shipped(app)
    with bar("Asking") as step:
        outcomes = run(app, asked, progress=step)
    report = report_object(outcomes)
    keep(app.settings.home / REPORTS, cases.stem, report)
    if out is not None:
        out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if html is not None:
        from bot.report import page

        html.write_text(page(report, title=cases.name), "utf-8")
    if not quiet:
        _show(score(outcomes), report)
        if earlier is not None:
            _show_changes(earlier, report)
    return report


def keep(folder: Path, name: str, report: Json) -> None:
    """Keep a run beside the others, where the local page lists them."""
    folder.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC).strftime("%Y-%m-%d %H%M%S")
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (folder / f"{at} {name}.json").write_text(text, "utf-8")


def _earlier(path: Path | None) -> Json | None:
    if path is None:
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
        assert isinstance(found, dict)
        assert "cases" in found
    except (OSError, ValueError, AssertionError) as error:
        raise UsageError(f"{path} is not what an earlier --out wrote. Name one.") from error
    return found


def _show(scores: Scores, report: Json) -> None:
    console = steady_console()
    table = Table(show_header=False, box=None)
    table.add_row("right", f"{scores.right:.1%} of {scores.answerable} answerable")
    table.add_row("wrongly refused", f"{scores.wrongly_refused:.1%}")
    table.add_row("refused", f"{scores.refused:.1%} of {scores.unanswerable} unanswerable")
    table.add_row("cites a right document", f"{scores.cited_documents_right:.1%}")
    table.add_row("sentences left out", str(scores.unsupported_left_out))
    table.add_row("evidence, median", f"{scores.evidence_s:.2f} s")
    table.add_row("answer, median", f"{scores.total_s:.2f} s")
    console.print(table)
    kinds = Table(box=None)
    for column in ("kind", "cases", "right"):
        kinds.add_column(column)
    found = report["kinds"]
    assert isinstance(found, dict)
    for kind, values in found.items():
        kinds.add_row(kind, str(values["cases"]), f"{values['right']:.0%}")
    console.print(kinds)


def _show_changes(earlier: Json, report: Json) -> None:
    before, now = _right(earlier), _right(report)
    console = steady_console()
    for name, right in now.items():
        if name in before and before[name] != right:
            word = "[green]now right[/]" if right else "[red]now wrong[/]"
            console.print(f"{word}  {escape(name)}")


def _right(report: Json) -> dict[str, bool]:
    cases = report["cases"]
    assert isinstance(cases, list)
    return {f"{case['id']}: {case['question']}": bool(case["right"]) for case in cases}
