"""How soon evidence is shown while 190 documents are indexed again, and how soon otherwise.

    python -m tests.benchmarks.reindexing [--documents 190] [--out reindexing.json]

The embedder, the reranker and the stores are those of `footnote run`; answers are quoted instead of
written, so that the language model's seconds hide nothing. Discord is played. One member asks, one
question after another; an answer that names an old and a new hour at once counts as mixed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.app import App
from bot.config import BotSettings
from bot.desk import desk_for
from bot.serving import Shelves
from tests.benchmarks.figures import Row, Spread, show, write
from tests.bot.hall import EVERYBODY, MANAGE_SERVER
from tests.discord.play import Person
from tests.discord.rest import Sent
from tests.discord.server import TOKEN
from tests.discord.stage import Stage
from tests.discord.world import Message
from tests.stores import QuotingGenerator

BAR = 2.0
BEFORE = 20
PATIENCE_S = 600.0
_PARTS = "Arrival Seating Lending Copying Heating Cleaning".split()


@dataclass
class Asked:
    """What came of the questions of one stretch."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    mixed: int = 0

    def row(self, name: str) -> Row:
        """The figures of the stretch."""
        return {
            "stretch": name,
            "questions": len(self.seconds),
            "evidence, median / p95": str(Spread.of(self.seconds)),
            "failed": self.failed,
            "mixed": self.mixed,
        }


class Bench(Stage):
    """The stage before a real library."""

    def let_go(self) -> None:
        """Nothing is held back here."""


def write_rooms(folder: Path, hour: str, *, documents: int) -> None:
    """A folder in which every document names the hour."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(documents):
        parts = [
            f"## {part}\n\nFor {part.lower()} room {number} opens at {hour}. "
            + f"Whoever comes to room {number} for {part.lower()} signs the list at the door. " * 4
            for part in _PARTS
        ]
        text = f"# Room {number}\n\n" + "\n\n".join(parts)
        (folder / f"room{number:03}.md").write_text(text, encoding="utf-8")


async def ask(bench: Bench, bob: Person, number: int, asked: Asked, *, documents: int) -> None:
    """One question: how long until its evidence stands there, and what its answer says."""
    part = _PARTS[number % len(_PARTS)].lower()
    question = f"When does room {number * 37 % documents} open for {part}, the {number}th time?"
    started = time.monotonic()
    sent = await bob.slash("ask", question=question)
    await bench.until(lambda: _shown(sent))
    asked.seconds.append(time.monotonic() - started)
    answer = await bench.finished(sent)
    old, new = "at nine" in answer.text, "at ten" in answer.text
    asked.failed += not (old or new)
    asked.mixed += old and new


def _shown(sent: Sent) -> Message | None:
    message = sent.message
    return message if message is not None and message.body.get("embeds") else None


async def measured(home: Path, *, documents: int) -> list[Row]:
    """The evidence's seconds before and during."""
    folder = home / "documents"
    settings = BotSettings(
        _env_file=None,
        home=home / "home",
        discord_token=TOKEN,
        documents_folder=folder,
        user_questions=0,
        guild_questions=0,
    )
    app = App(settings)
    app.__dict__["generator"] = QuotingGenerator()
    app.load()
    bench = Bench(
        home,
        settings.model_copy(update={"edit_interval_s": 0.05}),
        answerer=app.answerer,  # type: ignore[arg-type]
        library=Shelves(app),  # type: ignore[arg-type]
        desk=lambda: desk_for(app.jobs, settings),
        patience_s=PATIENCE_S,
    )
    guild = str(bench.server.world.guild)
    write_rooms(folder / guild, "nine", documents=documents)
    app.jobs.sync(folder / guild, scope=f"guild:{guild}", by="ada")
    before, during = Asked(), Asked()
    async with bench:
        ada, bob = bench.person("ada", permissions=EVERYBODY | MANAGE_SERVER), bench.person("bob")
        for number in range(BEFORE):
            await ask(bench, bob, number, before, documents=documents)
        write_rooms(folder / guild, "ten", documents=documents)
        started = time.monotonic()
        sync = await bench.told(await ada.slash("knowledge sync"))
        number = BEFORE
        while "In step" not in sync.text:
            await ask(bench, bob, number, during, documents=documents)
            number += 1
        seconds = time.monotonic() - started
        assert f"Changed: {documents}" in sync.text, sync.text
        await bench.stop()
        assert not bench.server.violations, bench.server.violations
    app.library.close()
    return [
        before.row("before"),
        during.row("during") | {"indexing, s": round(seconds, 1)} | _ratios(before, during),
    ]


def _ratios(before: Asked, during: Asked) -> Row:
    old, new = Spread.of(before.seconds), Spread.of(during.seconds)
    return {
        "median, times before": round(new.median_ms / old.median_ms, 2),
        "p95, times before": round(new.p95_ms / old.p95_ms, 2),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the figures where wanted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=190)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home:
        rows = asyncio.run(measured(Path(home), documents=asked.documents))
    title = f"Evidence while {asked.documents} documents are indexed again"
    show(f"{title} (bar {BAR:g} times, load {os.getloadavg()[0]:.1f})", rows, first="stretch")
    if asked.out is not None:
        write(asked.out, rows)


if __name__ == "__main__":
    main()
