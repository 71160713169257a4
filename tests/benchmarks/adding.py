"""How long it takes until a document of two pages can be cited, over the loopback Discord.

    python -m tests.benchmarks.adding [--runs 3] [--full] [--out adding.json]

The embedder, the reranker and the stores are those of `footnote run`, loaded as it loads them; only
Discord is played. With `--full` the shipped documents are in the library, and the language model is
loaded too. Each run adds a new PDF, to a bot that lets it in at once, or to one whose admin presses
Approve as soon as the review is there. Seconds count from the command, or from the press, to the
moment at which a question finds the document.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.app import App
from bot.config import BotSettings
from bot.desk import desk_for
from bot.serving import Shelves
from tests.benchmarks.figures import Row, show, write
from tests.bot.hall import EVERYBODY, MANAGE_SERVER
from tests.discord.play import Person
from tests.discord.server import TOKEN
from tests.discord.stage import Stage
from tests.discord.world import Message
from tests.indexer.formats.files import pdf
from tests.stores import QuotingGenerator

BAR_S = 5.0
WORDS_A_PAGE = 450
_STREETS = "Harbour Market Mill Church Station Garden River Castle School Bridge".split()


def two_pages(number: int) -> bytes:
    """A PDF of two full pages in plain English that no other run has."""
    pages = [[f"Report {number} on the streets, part {part}", ""] for part in (1, 2)]
    for part, page in enumerate(pages):
        words = 0
        while words < WORDS_A_PAGE:
            street = _STREETS[len(page) % len(_STREETS)]
            line = (
                f"In report {number} the {street} Street of part {part + 1} has"
                f" {len(page) * 7 + number} houses, of which {len(page) + 3} are empty."
            )
            page.append(line)
            words += len(line.split())
    return pdf(pages, title=f"Report {number}")


class Bench(Stage):
    """The stage before a real library."""

    def let_go(self) -> None:
        """Nothing is held back here."""

    async def citable(self, question: str, title: str) -> float:
        """The moment at which a question finds a document of that title."""
        scopes = ("shared", f"guild:{self.server.world.guild}")
        search = self.client.services.library.search

        def found() -> bool:
            while all(each.passage.title != title for each in search(question, k=5, scopes=scopes)):
                time.sleep(0.02)
            return True

        await self.client.services.worker.search(found)
        return time.monotonic()


async def at_once(bench: Bench, ada: Person, number: int) -> Row:
    """A document of somebody who is trusted."""
    version = bench.library.version
    started = time.monotonic()
    sent = await ada.slash("knowledge add file", file=(f"r{number}.pdf", two_pages(number)))
    await bench.until(lambda: bench.library.version != version)
    switched = time.monotonic()
    cited = await bench.citable(
        f"How many houses are there in report {number}?", f"Report {number}"
    )
    message = await bench.told(sent)
    await bench.until(lambda: "Added without a review" in message.text)
    return {
        "acknowledged, s": round(sent.seconds_to_acknowledge or 0.0, 2),
        "in the library, s": round(switched - started, 2),
        "can be cited, s": round(cited - started, 2),
        "receipt shown, s": round(time.monotonic() - started, 2),
    }


async def reviewed(bench: Bench, ada: Person, number: int) -> Row:
    """A document that somebody decides on."""
    started = time.monotonic()
    sent = await ada.slash("knowledge add file", file=(f"r{number}.pdf", two_pages(number)))

    def decidable() -> Message | None:
        return sent.message if sent.message and "Approve" in sent.message.labels else None

    review = await bench.until(decidable)
    shown = time.monotonic()
    await ada.press(review, "Approve")
    cited = await bench.citable(
        f"How many houses are there in report {number}?", f"Report {number}"
    )
    await bench.until(lambda: "Approved" in review.text)
    return {
        "review shown, s": round(shown - started, 2),
        "pressed to citable, s": round(cited - shown, 2),
        "can be cited, s": round(cited - started, 2),
        "receipt shown, s": round(time.monotonic() - started, 2),
    }


def opened(settings: BotSettings, *, full: bool) -> App:
    """The services, as a bot has them that has just come online."""
    app = App(settings)
    if full:
        # Elsewhere, so that nothing is loaded here but what a bot loads with its library made.
        command = [sys.executable, "-m", "bot", "index", "--home", str(settings.home)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    else:
        app.__dict__["generator"] = QuotingGenerator()
    app.load()
    return app


async def measured(app: App, *, runs: int) -> list[Row]:
    """Both ways, as often as wanted."""
    settings = app.settings
    rows: list[Row] = []
    try:
        for review, way in ((False, at_once), (True, reviewed)):
            bench = Bench(
                settings.home,
                settings.model_copy(update={"review_documents": review}),
                answerer=app.answerer,  # type: ignore[arg-type]
                library=Shelves(app),  # type: ignore[arg-type]
                desk=lambda: desk_for(app.jobs, settings),
                patience_s=120.0,
            )
            async with bench:
                # As after a start: the bot has had a moment before an admin comes.
                await asyncio.sleep(2.0)
                ada = bench.person("ada", permissions=EVERYBODY | MANAGE_SERVER)
                for run in range(runs):
                    kind = "reviewed" if review else "trusted"
                    found = await way(bench, ada, 100 * (review + 1) + run)
                    rows.append({"run": f"{kind} {run + 1}", **found})
                await bench.stop()
                assert not bench.server.violations, bench.server.violations
    finally:
        app.library.close()
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the figures where wanted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--full", action="store_true", help="with the language model")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home:
        settings = BotSettings(
            _env_file=None, home=Path(home), discord_token=TOKEN, user_questions=0
        )
        rows = asyncio.run(measured(opened(settings, full=asked.full), runs=asked.runs))
    load = os.getloadavg()[0]
    show(f"Two pages until they can be cited (bar {BAR_S:g} s, load {load:.1f})", rows, first="run")
    if asked.out is not None:
        write(asked.out, rows)


if __name__ == "__main__":
    main()
