"""Index runs that die: reads [home, folder, pause, point, number] from each line of its input.

Each run is a process of its own, forked so that the libraries are loaded once. It says `begun` and
its process id, waits `pause` seconds at each step, so that it can be killed there from outside, and
leaves by itself, without any goodbye, when it comes to `point` for the `number`th time. How often
it came by each point is its last word; `ended` and its exit code follow.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from indexer.load import load
from indexer.plan import plan
from indexer.sync import run
from knowledge.catalog import Catalog
from knowledge.embed import Vectors
from knowledge.library import Library
from knowledge.switching import Switch
from knowledge.types import DocumentInfo, Passage
from knowledge.vectors import VectorStore
from tests.fakes import HashingEmbedder

POINTS = (
    "before stage",
    "amid stage",
    "before upsert",
    "amid upsert",
    "after upsert",
    "amid switch",
    "after switch",
    "after delete",
    "after sweep",
    "amid removal",
    "after removal",
)


class Fate:
    """Decides at which step the process ends."""

    def __init__(self, pause: float, point: str, number: int) -> None:
        self._pause = pause
        self._point = point
        self._left = number
        self.passed: Counter[str] = Counter()

    def meets(self, point: str) -> None:
        self.passed[point] += 1
        time.sleep(self._pause)
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os._exit(9)


class MortalCatalog(Catalog):
    """A catalogue that may die before, amid and after its transactions."""

    def __init__(self, path: Path, fate: Fate) -> None:
        super().__init__(path)
        self._fate = fate
        self._db.set_trace_callback(self._statement)

    def _statement(self, statement: str) -> None:
        if statement.startswith("INSERT INTO history"):
            self._fate.meets("amid removal" if "'gone'" in statement else "amid switch")

    def stage(
        self, info: DocumentInfo, chunks: Sequence[Passage], vectors: Vectors, *, now: datetime
    ) -> None:
        self._fate.meets("before stage")
        super().stage(info, self._watched(chunks), vectors, now=now)

    def _watched(self, chunks: Sequence[Passage]) -> list[Passage]:
        class Watched(list[Passage]):
            def __iter__(inside) -> object:  # type: ignore[override]  # noqa: N805
                self._fate.meets("amid stage")
                return super().__iter__()

        return Watched(chunks)

    def switch(self, to: Switch, *, now: datetime) -> bool:
        done = super().switch(to, now=now)
        self._fate.meets("after removal" if to.revision is None else "after switch")
        return done

    def settled(self, chunk_ids: Sequence[str]) -> None:
        super().settled(chunk_ids)
        self._fate.meets("after sweep")


class MortalVectors(VectorStore):
    """A vector store that may die before, amid and after a write."""

    def __init__(self, folder: Path, *, embedder: str, fate: Fate) -> None:
        super().__init__(folder, embedder=embedder)
        self._fate = fate

    def upsert(self, ids: Sequence[str], vectors: Vectors, *, scope: str) -> None:
        half = len(ids) // 2
        self._fate.meets("before upsert")
        super().upsert(ids[:half], vectors[:half], scope=scope)
        self._fate.meets("amid upsert")
        super().upsert(ids[half:], vectors[half:], scope=scope)
        self._fate.meets("after upsert")

    def delete(self, ids: Sequence[str], *, scope: str) -> None:
        super().delete(ids, scope=scope)
        self._fate.meets("after delete")


def interrupted_run(home: Path, folder: Path, fate: Fate) -> None:
    embedder = HashingEmbedder()
    with Library(home, embedder=embedder.name) as library:
        library.catalog.close()
        library.catalog = MortalCatalog(home / "catalog.sqlite3", fate)
        library.vectors = MortalVectors(home / "vectors", embedder=embedder.name, fate=fate)
        say("begun", os.getpid())
        run(plan([folder], library=library), library=library, embedder=embedder, read=load)
    say(json.dumps(fate.passed))


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main() -> None:
    import chromadb  # noqa: F401 - loaded before the runs fork

    for line in sys.stdin:
        home, folder, pause, point, number = json.loads(line)
        process = os.fork()
        if process == 0:
            code = 1
            try:
                interrupted_run(Path(home), Path(folder), Fate(pause, point, number))
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(process, 0)
        say("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
