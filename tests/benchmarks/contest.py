"""One part of a comparison, in the process that a comparison starts for it.

python -m tests.benchmarks.contest TASK PHASE SECONDS
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape

from bot.app import App
from knowledge.errors import FootnoteError
from knowledge.hardware import set_threads, share_cores
from tests.benchmarks.asked import Asked, keep
from tests.benchmarks.contenders import Causal, Contender, Footnote, Plain, documents
from tests.benchmarks.figures import peak_mb
from tests.benchmarks.machine import Pace, decoder_bytes, limits, model_bytes, pace
from tests.benchmarks.task import CONTENDERS, Task

PHASES = ("library", "machine", *CONTENDERS)
_WARM_UP = "What is this about?"


def main(arguments: Sequence[str]) -> int:
    """Run a phase; errors are one sentence."""
    text, phase, seconds = arguments
    until = time.monotonic() + float(seconds)
    share_cores()
    try:
        run(Task.from_argument(text), phase, until=until, console=Console())
    except FootnoteError as error:
        Console(stderr=True).print(escape(str(error)), style="red")
        return 1
    return 0


def run(task: Task, phase: str, *, until: float, console: Console) -> None:
    """Do what a phase is for; nothing where it was done already."""
    if phase == "library":
        _index(task.services(), task, console=console)
    elif phase == "machine":
        if "limits" not in task.machine():
            set_threads(task.settings().threads)
            task.note("limits", asdict(limits()))
    elif task.missing(phase):
        _ask(task, phase, until=until, console=console)


def _index(app: App, task: Task, *, console: Console) -> None:
    from indexer.sync import run as carry_out

    app.fetch_models()
    if task.documents:
        carry_out(
            app.plan(task.documents, shipped=False), library=app.library, embedder=app.embedder
        )
    else:
        app.index_shipped()
    # What a model's first load prepares once and for all is no part of what it takes.
    app.load()
    count, passages = app.library.catalog.count()
    app.library.close()
    console.print(f"  {count} documents, {passages} passages")


def _ask(task: Task, name: str, *, until: float, console: Console) -> None:
    app = task.services()
    set_threads(app.settings.threads)
    contender, measured = _loaded(app, name)
    task.note(name, asdict(measured))
    # Not counted: the first question of a process pays for what all later ones find ready.
    contender.ask(_WARM_UP)
    todo = task.missing(name)
    for number, case in enumerate(todo, start=1):
        if time.monotonic() > until:
            console.print(f"  out of time: {len(todo) - number + 1} questions are left out")
            return
        said = contender.ask(case.question)
        keep(task.results, Asked(name, case.id, said, peak_mb()))
        shown = escape(f"{said.whole_s:6.1f} s  {case.question}")
        console.print(f"  {number:2}/{len(todo)} {shown}", highlight=False)


def _loaded(app: App, name: str) -> tuple[Contender, Pace]:
    """A contender with its models in memory, and the pace of its decoder."""
    if name == "Footnote":
        footnote = Footnote(app)
        return footnote, _our_pace(app)
    app.embedder.load()
    folder = app.models.resolve(app.settings.llm_model)
    causal = Causal(folder, max_tokens=app.settings.max_answer_tokens)
    measured = _their_pace(causal)
    if name == "plain":
        return Plain(app, causal), measured
    from tests.benchmarks.citation_engine import CitationEngine

    return CitationEngine(documents(app), embedder=app.embedder, causal=causal), measured


def _our_pace(app: App) -> Pace:
    from knowledge.generate import LocalGenerator
    from knowledge.together import Together

    generator = app.generator
    assert isinstance(generator, LocalGenerator)
    decoder = generator.loaded().decoder
    if isinstance(decoder, Together):
        decoder = decoder.decoder
    folder = app.models.resolve(app.settings.llm_model)
    config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return pace(decoder, config, read=decoder_bytes(decoder))


def _their_pace(causal: Causal) -> Pace:
    from knowledge.causal import TransformersDecoder

    model = causal.model
    return pace(TransformersDecoder(model), model.config.to_dict(), read=model_bytes(model))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
