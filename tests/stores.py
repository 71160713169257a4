"""A real library with its jobs in a folder, and models that need no weights."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bot.audit import Audit
from bot.golden import GoldenAnswers
from bot.jobs import Jobs
from bot.pipeline import Build, Pipeline
from bot.watching import Watchlist
from bot.works import Parts
from indexer.apart import ReadingLimits
from indexer.originals import Originals
from indexer.pending import Pending, Upload
from knowledge.abstain import shipped_calibration
from knowledge.answer import Answerer, Limits
from knowledge.library import Library
from knowledge.prompt import Prompt
from knowledge.rerank import Scores
from knowledge.retrieve import Weights
from knowledge.steady import SteadyRetriever
from knowledge.types import Tokens
from tests.fakes import HashingEmbedder

NAME = "hashing-64"
HALL = "guild:1"


def open_jobs(
    library: Library,
    *,
    embedder: HashingEmbedder | None = None,
    limits: ReadingLimits | None = None,
    build: Build | None = None,
) -> Jobs:
    """The jobs of a library, with their files in its home."""
    embedder = embedder or HashingEmbedder()
    return Jobs(
        Parts(
            library,
            embedder=embedder,
            pending=Pending(library.home / "pending"),
            originals=Originals(library.home / "originals"),
            audit=Audit(library.home / "receipts.sqlite3"),
            golden=GoldenAnswers(library.home / "receipts.sqlite3"),
            watchlist=Watchlist(library.home / "receipts.sqlite3"),
            limits=limits or ReadingLimits(),
            build=build or functools.partial(quoting, embedder=embedder),
        )
    )


def quoting(library: Library, *, embedder: HashingEmbedder) -> Pipeline:
    """What answers from a library by quoting it, without any weights."""
    reranker = OverlapReranker()
    retriever = SteadyRetriever(library, embedder=embedder, reranker=reranker, weights=Weights())
    answerer = Answerer(
        library,
        retriever=retriever,
        reranker=reranker,
        generator=QuotingGenerator(),
        calibration=shipped_calibration(),
        limits=Limits(),
    )
    return Pipeline(retriever, reranker, answerer)


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

    def state(self, ask: str = "") -> tuple[float, ...]:
        return ()

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


@contextmanager
def opened(home: Path, **how: object) -> Iterator[tuple[Library, Jobs]]:
    """A library and its jobs, as a process has them."""
    with Library(home, embedder=NAME) as library:
        jobs = open_jobs(library, **how)
        try:
            yield library, jobs
        finally:
            jobs.close()


def text(
    words: str, *, name: str = "rules.md", scope: str = HALL, by: str = "ada", **more: str
) -> Upload:
    """An upload of plain words."""
    return Upload(name, words.encode(), name, scope, by, **more)


def said(library: Library, *, scope: str = HALL) -> str:
    """All that a scope can answer from."""
    return "\n".join(
        passage.text
        for info in library.documents(scopes=[scope])
        for passage in library.passages(info.id, scope=scope)
    )
