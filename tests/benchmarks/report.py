"""A comparison as a table, as JSON, as pictures, and as the table of a page."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.insight.theme import THEMES
from knowledge.errors import UsageError
from tests.benchmarks.asked import Summary, shared, summarise
from tests.benchmarks.machine import Limits, Pace, Shares, shares
from tests.benchmarks.picture import picture
from tests.benchmarks.task import CONTENDERS, Task

_ALT = "Seconds to the evidence, the first text and the whole answer; right answers; memory"
Rows = list[tuple[str, list[str]]]


def report(task: Task, *, pictures: Path | None, pages: Sequence[Path], console: Console) -> None:
    """Show and write what is known so far; pages and their pictures only when all took part."""
    cases = {case.id: case for case in task.cases()}
    answers = shared(task.answers())
    summaries = [summarise(answers[name], cases) for name in CONTENDERS if answers.get(name)]
    if not summaries:
        console.print("No question was answered by all of them.")
        return
    found = task.machine()
    reached = _reached(found)
    rows, about = table(summaries, reached), described(summaries, found)
    _show(rows, about, console=console)
    record = {
        "about": about,
        "machine": found,
        "shares": {name: asdict(each) for name, each in reached.items()},
        "contenders": [asdict(each) for each in summaries],
        "answers": [asdict(each) for each in task.answers()],
    }
    (task.out / "bench.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    whole = len(summaries) == len(CONTENDERS)
    folder = pictures if pictures and whole else task.out
    _draw(task, summaries, folder)
    for page in pages if whole else ():
        blocks = {"picture": shown_picture(folder, page), "table": markdown(rows, about)}
        page.write_text(rewritten(page.read_text("utf-8"), blocks), "utf-8")
    console.print(f"Written to {task.out} and {folder}", style="dim", markup=False)


def _draw(task: Task, summaries: Sequence[Summary], folder: Path) -> None:
    cores = task.machine().get("limits", {}).get("cores", "?")
    model = Path(task.settings().llm_model).name
    below = f"{model}, {cores} cores, {summaries[0].questions} questions"
    folder.mkdir(parents=True, exist_ok=True)
    for name, theme in THEMES.items():
        drawn = picture(summaries, theme=theme, below=below)
        (folder / f"bench-{name}.png").write_bytes(drawn)


def _reached(machine: dict[str, Any]) -> dict[str, Shares]:
    if "limits" not in machine:
        return {}
    limits = Limits(**machine["limits"])
    return {name: shares(Pace(**machine[name]), limits) for name in CONTENDERS if name in machine}


def described(summaries: Sequence[Summary], machine: dict[str, Any]) -> str:
    """One line: how many questions, and on what."""
    first = summaries[0]
    asked = f"{first.questions} questions, {first.unanswerable} of them without an answer"
    if "limits" not in machine:
        return asked
    limits = Limits(**machine["limits"])
    return (
        f"{asked}; {limits.cores} cores, {limits.memory / 1e9:.0f} GB "
        f"(reads {limits.read / 1e9:.1f} GB/s, bf16 products {limits.products / 1e12:.2f} TFLOP/s; "
        f"load {limits.load:g})"
    )


def table(summaries: Sequence[Summary], reached: dict[str, Shares]) -> Rows:
    """The figures as lines, a value for each contender."""

    def line(name: str, shown: Sequence[str]) -> tuple[str, list[str]]:
        return name, list(shown)

    rows = [
        line("", [each.contender for each in summaries]),
        line("evidence, s", [f"{each.evidence_s:.2f}" for each in summaries]),
        line("first text, s", [f"{each.first_text_s:.2f}" for each in summaries]),
        line("whole answer, s", [f"{each.whole_s:.2f}" for each in summaries]),
        line("tokens read", [f"{each.prompt_tokens:.0f}" for each in summaries]),
        line("tokens written a second", [f"{each.tokens_a_second:.1f}" for each in summaries]),
        line("peak memory, GB", [f"{each.peak_mb / 1e3:.1f}" for each in summaries]),
        line("of what answers must hold", [f"{each.groups_met:.0%}" for each in summaries]),
        line("whole answers right", [f"{each.right:.0%}" for each in summaries]),
        line(
            "refused what has no answer",
            [f"{each.refused} of {each.unanswerable}" for each in summaries],
        ),
    ]
    if all(each.contender in reached for each in summaries):
        found = [reached[each.contender] for each in summaries]
        rows += [
            line("prefill, of the product rate", [f"{each.prefill:.0%}" for each in found]),
            line("decode, of the read bandwidth", [f"{each.decode:.0%}" for each in found]),
        ]
    return [*rows, *_ratios(summaries)]


def _ratios(summaries: Sequence[Summary]) -> Rows:
    """How many times Footnote's own time the others' whole answer is."""
    ours = next((each for each in summaries if each.contender == CONTENDERS[0]), None)
    if ours is None or not ours.whole_s or not ours.evidence_s:
        return []
    whole = [f"{each.whole_s / ours.whole_s:.1f} ×" for each in summaries]
    evidence = [f"{each.whole_s / ours.evidence_s:.0f} ×" for each in summaries]
    return [
        ("whole answer, to Footnote's", whole),
        ("whole answer, to Footnote's evidence", evidence),
    ]


def _show(rows: Rows, about: str, *, console: Console) -> None:
    (_, names), *lines = rows
    shown = Table("", *names, title=about, title_justify="left")
    for column in shown.columns[1:]:
        column.justify = "right"
    for name, values in lines:
        shown.add_row(name, *values)
    console.print(shown)


def rewritten(page: str, blocks: Mapping[str, str]) -> str:
    """A page with these blocks between their marks; UsageError where it has marks for none."""
    found = 0
    for name, text in blocks.items():
        begin, end = f"<!-- bench: {name} -->", f"<!-- bench: end of {name} -->"
        pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        inside = f"{begin}\n\n{text}\n\n{end}"
        page, times = pattern.subn(lambda _, inside=inside: inside, page)
        found += times
    if not found:
        raise UsageError("The page has no <!-- bench: … --> to put anything between.")
    return page


def markdown(rows: Rows, about: str) -> str:
    """The table for a page."""
    (_, names), *lines = rows
    return "\n".join(
        [
            f"{about[0].upper()}{about[1:]}.",
            "",
            "| median | " + " | ".join(names) + " |",
            "| --- |" + " ---: |" * len(names),
            *(f"| {name} | " + " | ".join(values) + " |" for name, values in lines),
        ]
    )


def shown_picture(folder: Path, page: Path) -> str:
    """The picture for a page, dark or light as its reader likes it."""
    place = Path(os.path.relpath(folder, page.parent)).as_posix()
    return "\n".join(
        [
            "<picture>",
            f'  <source media="(prefers-color-scheme: dark)" srcset="{place}/bench-dark.png">',
            f'  <img alt="{_ALT}" src="{place}/bench-light.png" width="540">',
            "</picture>",
        ]
    )
