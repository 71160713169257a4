"""Models that need no weights: each is a whole implementation of its interface."""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from indexer.load import load
from indexer.plan import plan
from indexer.receipt import Receipt
from indexer.sync import run
from knowledge.embed import Embedder, Vectors
from knowledge.library import SHARED, Library
from knowledge.prompt import Prompt
from knowledge.rerank import Scores
from knowledge.types import Tokens

DIMENSIONS = 64
_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Unit vectors in which each word of a text stands at a place that its digest decides."""

    def __init__(self, name: str = "hashing-64") -> None:
        self._name = name
        self.embedded = 0

    @property
    def name(self) -> str:
        return self._name

    def load(self) -> None:
        """Nothing to load."""

    def embed_documents(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        self.embedded += len(texts)
        if progress is not None:
            progress(len(texts))
        return np.stack([self.embed_query(text) for text in texts])

    def knows(self, word: str) -> bool:
        return True

    def embed_query(self, text: str) -> Vectors:
        vector = np.zeros(DIMENSIONS, dtype=np.float32)
        # One dimension always stands, so that a text without words has a direction too.
        vector[0] = 0.1
        for word in _WORD.findall(text.lower()):
            digest = zlib.crc32(word.encode("utf-8", "replace"))
            vector[digest % DIMENSIONS] += 1.0 if digest & 0x10000 else -1.0
        return vector / np.float32(np.linalg.norm(vector))


class IdleEmbedder(HashingEmbedder):
    """An embedder that must not be asked for documents."""

    def embed_documents(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        raise AssertionError(f"{len(texts)} passages were to be embedded again")


class OverlapReranker:
    """Scores passages by how many of the question's words they hold, from -5 to 1.5."""

    def __init__(self) -> None:
        self.scored: list[int] = []

    def load(self) -> None:
        """Nothing to load."""

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        self.scored.append(len(passages))
        wanted = set(_WORD.findall(question.lower()))
        return np.array(
            [
                6.5 * len(wanted & set(_WORD.findall(each.lower()))) / max(1, len(wanted)) - 5.0
                for each in passages
            ],
            dtype=np.float32,
        )


class ScriptedReading:
    """Writes what it was told to, `step` characters at a time."""

    def __init__(self, prompt: Prompt, text: str, *, log_odds: float | None, step: int) -> None:
        self._text = text
        self._step = step
        self._log_odds = log_odds
        self.tokens = Tokens(prompt=len(f"{prompt.evidence} {prompt.question}".split()))

    def state(self, ask: str = "") -> tuple[float, ...]:
        return ()

    def answerable(self) -> float | None:
        return self._log_odds

    def write(self, *, max_tokens: int, stop: threading.Event | None) -> Iterator[str]:
        for start in range(0, len(self._text), self._step):
            self.tokens = Tokens(self.tokens.prompt, self.tokens.completion + 1)
            yield self._text[start : start + self._step]
            if stop is not None and stop.is_set():
                return


class ScriptedGenerator:
    """A language model that says `text` to everything, or what a question's own script says."""

    def __init__(
        self,
        text: str = "",
        *,
        scripts: Mapping[str, str] | None = None,
        log_odds: float | None = 2.0,
        name: str = "scripted",
        step: int = 7,
    ) -> None:
        self._text = text
        self._scripts = dict(scripts or {})
        self._log_odds = log_odds
        self._name = name
        self._step = step
        self.prompts: list[Prompt] = []

    @property
    def name(self) -> str:
        return self._name

    def load(self) -> None:
        """Nothing to load."""

    def read(self, prompt: Prompt) -> ScriptedReading:
        self.prompts.append(prompt)
        text = next(
            (text for asked, text in self._scripts.items() if asked in prompt.question), self._text
        )
        return ScriptedReading(prompt, text, log_odds=self._log_odds, step=self._step)


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Write texts under their names, with the folders they need."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def index(
    library: Library, *paths: Path, embedder: Embedder | None = None, scope: str = SHARED
) -> Receipt:
    """Bring a library in step with `paths`."""
    planned = plan(paths, library=library, scope=scope)
    embedder = embedder or HashingEmbedder(library.embedder)
    return run(planned, library=library, embedder=embedder, scope=scope, read=load)
