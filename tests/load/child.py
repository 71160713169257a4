"""The bot under load, a process of its own: `python -m tests.load.child CONFIG.json`."""

from __future__ import annotations

import asyncio
import functools
import json
import ssl
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot import logbook
from bot.app import App
from bot.config import BotSettings
from bot.receipts import Receipts
from bot.serving import Shelves
from bot.supervisor import run
from bot.vitals.condition import Condition
from bot.vitals.figures import Figures
from bot.vitals.port import Port
from bot.vitals.watch import Watch
from knowledge.library import SHARED
from tests.bot.hall import Shelf
from tests.discord.server import TOKEN, Resolver
from tests.fakes import HashingEmbedder, index
from tests.load.paced import Pace, paced
from tests.stores import opened

ROOMS = 40


@dataclass
class Place:
    """Where the loopback Discord is, as its resolver wants to know."""

    port: int
    foreign: list[str] = field(default_factory=list)


def library_files(folder: Path) -> Path:
    """Documents of several passages, each about a room."""
    folder.mkdir(parents=True, exist_ok=True)
    for room in range(ROOMS):
        parts = (
            f"## Floor {floor}\n\nThe reading room {room} on floor {floor} opens at {floor + 7} "
            f"and closes at {floor + 15}. Its keeper is number {room * 10 + floor}."
            for floor in range(6)
        )
        text = f"# Reading room {room}\n\nRoom {room} is for reading.\n\n" + "\n\n".join(parts)
        (folder / f"room-{room}.md").write_text(text, "utf-8")
    return folder


def connector(place: Place, certificate: str) -> aiohttp.TCPConnector:
    """A connection that comes out at the loopback Discord."""
    context = ssl.create_default_context(cafile=certificate)
    return aiohttp.TCPConnector(resolver=Resolver(place), ssl=context)  # type: ignore[arg-type]


def scripted(config: dict[str, Any], settings: BotSettings, **how: Any) -> None:
    """Serve with words that cost nothing."""
    embedder = HashingEmbedder()
    pace = Pace(**config["pace"])
    build = functools.partial(paced, embedder=embedder, pace=pace)
    with opened(settings.home, embedder=embedder, build=build) as (library, jobs):
        index(library, library_files(settings.home / "files"), embedder=embedder)
        pipeline = build(library)
        shelf = Shelf(library, pipeline.retriever)
        how["watch"].condition.library = lambda: library.version
        knows = {"answerer": pipeline.answerer, "library": shelf, "jobs": jobs}
        asyncio.run(run(settings, **knows, **how))


def real(settings: BotSettings, **how: Any) -> None:
    """Serve with the models that the settings name, and the shipped documents."""
    app = App(settings)
    app.index_shipped()
    assert app.library.documents(scopes=[SHARED])
    how["watch"].condition.library = lambda: app.library.version
    knows = {"answerer": app.answerer, "library": Shelves(app), "jobs": app.jobs}
    asyncio.run(run(settings, **knows, load=app.load, **how))


def main() -> None:
    """Run until a signal comes."""
    config = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    settings = BotSettings(_env_file=None, discord_token=TOKEN, **config["settings"])
    figures = Figures()
    logbook.begin(figures)
    place = Place(config["discord_port"])
    watch = Watch(Condition(settings.answer_timeout_s), figures, port=Port(config["health_port"]))
    with closing(Receipts(settings.home / "receipts.sqlite3")) as receipts:
        how = {
            "receipts": receipts,
            "watch": watch,
            "connector": lambda: connector(place, config["certificate"]),
        }
        if config["model"] == "real":
            real(settings, **how)
        else:
            scripted(config, settings, **how)


if __name__ == "__main__":
    main()
