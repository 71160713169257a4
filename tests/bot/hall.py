"""The stage with a real library behind it: real stores, real retrieval and grounding."""

from __future__ import annotations

import asyncio
import functools
import inspect
import re
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bot.desk import Desk, desk_for
from bot.jobs import Jobs
from knowledge.abstain import shipped_calibration
from knowledge.answer import Answerer, Limits
from knowledge.library import Library
from knowledge.prompt import Prompt
from knowledge.rerank import Scores
from knowledge.retrieve import Retriever, Weights
from knowledge.types import DocumentInfo, Evidence, Passage, Tokens
from tests.discord.play import Person
from tests.discord.stage import Stage, settings_for
from tests.stores import WordEmbedder, opened

MANAGE_SERVER = 0x20
EVERYBODY = 0x400 | 0x800 | 0x4000 | 0x10000


class OverlapReranker:
    """Scores passages by how many of the question's words they hold."""

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        wanted = set(re.findall(r"\w+", question.lower()))
        found = [wanted & set(re.findall(r"\w+", each.lower())) for each in passages]
        shares = [10.0 * len(each) / max(1, len(wanted)) - 5.0 for each in found]
        return np.array(shares, dtype=np.float32)


class QuotingReading:
    """Says the first line of the first passage, where it shares the question's long words."""

    def __init__(self, prompt: Prompt) -> None:
        asked = set(re.findall(r"[a-z]{5,}", prompt.question.lower())) - {"question"}
        told = set(re.findall(r"\w+", prompt.evidence.lower()))
        self._odds = 8.0 if 2 * len(asked & told) >= len(asked) else -8.0
        self._text = prompt.evidence.split(">\n", 1)[1].split("\n")[0]
        self.tokens = Tokens()

    def answerable(self) -> float | None:
        return self._odds

    def write(self, *, max_tokens: int, stop: threading.Event | None) -> Iterator[str]:
        yield self._text


class QuotingGenerator:
    """A language model without weights."""

    name = "quoting"

    def load(self) -> None:
        """Nothing to load."""

    def read(self, prompt: Prompt) -> QuotingReading:
        return QuotingReading(prompt)


class HallAnswerer(Answerer):
    """A real answerer, with what the stage wants to let go of at the end."""

    gate = threading.Event()


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

    def admin(self, name: str = "ada", **how: Any) -> Person:
        """Somebody who may manage the server."""
        return self.person(name, permissions=EVERYBODY | MANAGE_SERVER, **how)


def hall_story(
    desk: Callable[[Jobs, Any], Desk] = desk_for, **changes: Any
) -> Callable[[Callable[[Hall], Awaitable[None]]], Callable[..., None]]:
    """Play an asynchronous test in a hall of its own."""

    def of(tell: Callable[[Hall], Awaitable[None]]) -> Callable[..., None]:
        def test(tmp_path: Path) -> None:
            asyncio.run(_play(tell, tmp_path, changes, desk))

        functools.update_wrapper(test, tell)
        test.__signature__ = inspect.signature(test, follow_wrapped=False)
        return test

    return of


async def _play(
    tell: Callable[[Hall], Awaitable[None]],
    home: Path,
    changes: dict[str, Any],
    desk: Callable[[Jobs, Any], Desk],
) -> None:
    embedder = WordEmbedder()
    with opened(home / "library", embedder=embedder) as (library, jobs):
        retriever = Retriever(
            library, embedder=embedder, reranker=OverlapReranker(), weights=Weights()
        )
        answerer = HallAnswerer(
            library,
            retriever=retriever,
            reranker=OverlapReranker(),
            generator=QuotingGenerator(),
            calibration=shipped_calibration(),
            limits=Limits(),
        )
        settings = settings_for(home, **changes)
        hall = Hall(
            home,
            settings,
            answerer=answerer,
            library=Shelf(library, retriever),
            desk=lambda: desk(jobs, settings),
            jobs=jobs,
            books=library,
        )
        async with hall:
            async with asyncio.timeout(45):
                await tell(hall)
            await hall.stop()
            assert not hall.server.violations, "\n".join(hall.server.violations)
