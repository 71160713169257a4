"""The stage with a real library behind it: real stores, real retrieval and grounding."""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.desk import Desk, desk_for
from bot.following import FOLLOWED
from bot.jobs import Jobs
from knowledge.library import Library
from knowledge.retrieve import Retriever
from knowledge.types import DocumentInfo, Evidence, Passage
from tests.discord.play import Person
from tests.discord.stage import Stage, settings_for
from tests.fakes import HashingEmbedder
from tests.stores import opened, quoting

MANAGE_SERVER = 0x20
EVERYBODY = 0x400 | 0x800 | 0x4000 | 0x10000


@dataclass
class Shelf:
    """The library as Discord's commands read it."""

    library: Library
    retriever: Retriever

    @property
    def version(self) -> str:
        return self.library.version

    def documents(self, *, scopes: Sequence[str]) -> Sequence[DocumentInfo]:
        return self.library.documents(scopes=scopes)

    def passages(self, document_id: str, *, scope: str) -> Sequence[Passage]:
        return self.library.passages(document_id, scope=scope)

    def passage(self, passage_id: str) -> Passage | None:
        return self.library.passage(passage_id)

    def search(self, query: str, *, k: int, scopes: Sequence[str]) -> Sequence[Evidence]:
        return self.retriever.retrieve(query, k=k, scopes=scopes)

    def glance(self, query: str, *, k: int, scopes: Sequence[str]) -> Sequence[Evidence]:
        return self.search(query, k=k, scopes=scopes)


@dataclass
class Hall(Stage):
    """The stage, its library and the jobs on it."""

    jobs: Jobs = field(kw_only=True)
    books: Library = field(kw_only=True)

    @property
    def scope(self) -> str:
        return f"guild:{self.server.world.guild}"

    async def followed(self) -> None:
        """Return when every change has been followed."""
        await self.until(lambda: self.receipts.recall(FOLLOWED) == self.books.version)

    def admin(self, name: str = "ada", **how: Any) -> Person:
        """Somebody who may manage the server."""
        return self.person(name, permissions=EVERYBODY | MANAGE_SERVER, **how)


def hall_story(
    desk: Callable[[Jobs, Any], Desk] = desk_for,
    *,
    seconds: float = 120.0,
    patience_s: float = 30.0,
    **changes: Any,
) -> Callable[[Callable[[Hall], Awaitable[None]]], Callable[..., None]]:
    """Play an asynchronous test in a hall of its own."""

    def of(tell: Callable[[Hall], Awaitable[None]]) -> Callable[..., None]:
        def test(tmp_path: Path) -> None:
            asyncio.run(
                _play(tell, tmp_path, changes, desk=desk, seconds=seconds, patience_s=patience_s)
            )

        functools.update_wrapper(test, tell)
        test.__signature__ = inspect.signature(test, follow_wrapped=False)
        return test

    return of


async def _play(
    tell: Callable[[Hall], Awaitable[None]],
    home: Path,
    changes: dict[str, Any],
    *,
    desk: Callable[[Jobs, Any], Desk],
    seconds: float,
    patience_s: float,
) -> None:
    embedder = HashingEmbedder()
    with opened(home / "library", embedder=embedder) as (library, jobs):
        pipeline = quoting(library, embedder=embedder)
        pipeline.answerer.gate = threading.Event()  # what the stage lets go of at the end
        settings = settings_for(home, **changes)
        hall = Hall(
            home,
            settings,
            answerer=pipeline.answerer,
            library=Shelf(library, pipeline.retriever),
            desk=lambda: desk(jobs, settings),
            jobs=jobs,
            books=library,
            patience_s=patience_s,
        )
        async with hall:
            async with asyncio.timeout(seconds):
                await tell(hall)
            await hall.stop()
            assert not hall.server.violations, "\n".join(hall.server.violations)
