"""A real library with its jobs in a folder, and an embedder that needs no weights."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bot.audit import Audit
from bot.golden import GoldenAnswers
from bot.jobs import Jobs
from indexer.apart import ReadingLimits
from indexer.pending import Pending, Upload
from knowledge.embed import Vectors
from knowledge.library import Library

NAME = "words-64"
HALL = "guild:1"


class WordEmbedder:
    """Unit vectors in which each word of a text stands at a place that its digest decides."""

    def __init__(self) -> None:
        self.embedded = 0

    @property
    def name(self) -> str:
        return NAME

    def embed_documents(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        self.embedded += len(texts)
        if progress is not None:
            progress(len(texts))
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> Vectors:
        vector = np.zeros(64, dtype=np.float32)
        vector[0] = 0.1
        for word in re.findall(r"\w+", text.lower()):
            digest = zlib.crc32(word.encode())
            vector[digest % 64] += 1.0 if digest & 0x10000 else -1.0
        return vector / np.float32(np.linalg.norm(vector))


def open_jobs(
    library: Library,
    *,
    embedder: WordEmbedder | None = None,
    limits: ReadingLimits | None = None,
) -> Jobs:
    """The jobs of a library, with their files in its home."""
    return Jobs(
        library,
        embedder=embedder or WordEmbedder(),
        pending=Pending(library.home / "pending"),
        audit=Audit(library.home / "receipts.sqlite3"),
        golden=GoldenAnswers(library.home / "receipts.sqlite3"),
        limits=limits or ReadingLimits(),
    )


@contextmanager
def opened(home: Path, **how: object) -> Iterator[tuple[Library, Jobs]]:
    """A library and its jobs, as a process has them."""
    with Library(home, embedder=NAME) as library:
        jobs = open_jobs(library, **how)
        try:
            yield library, jobs
        finally:
            jobs.audit.close()
            jobs.golden.close()


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
