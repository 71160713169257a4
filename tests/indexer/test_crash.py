"""Whatever instant an index run dies at, the library answers, and the next run repairs it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from indexer.chunk import chunk
from indexer.load import load
from knowledge.library import SHARED, Library
from tests.fakes import HashingEmbedder, IdleEmbedder, index, write_files
from tests.indexer.interrupted import POINTS

REPOSITORY = Path(__file__).parents[2]
EMBEDDER = HashingEmbedder()
DOCUMENTS = 10
PAUSE = 0.004


def text(number: int, version: str) -> str:
    sections = (
        f"## Section {part}\n\nDocument {number} says {version} of part {part}.\n"
        for part in range(4)
    )
    return f"# Document {number}\n\n" + "\n".join(sections)


def before(number: int) -> str:
    return text(number, "what was before")


def after(number: int) -> str:
    return text(number, "what came after")


class Runs:
    """Index runs in processes of their own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.indexer.interrupted"],
            cwd=REPOSITORY,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._tell = self._process.stdin
        self._told = self._process.stdout

    def close(self) -> None:
        self._tell.close()
        self._told.close()
        self._process.wait(20)

    def begin(
        self, home: Path, documents: Path, *, pause: float = 0, point: str = "", number: int = 1
    ) -> int:
        """Begin a run; its process id."""
        order = json.dumps([str(home), str(documents), pause, point, number])
        self._tell.write(f"{order}\n")
        self._tell.flush()
        word, process = self._told.readline().split()
        assert word == "begun"
        return int(process)

    def end(self) -> tuple[int, list[str]]:
        """Wait for the end of the run; its exit code and what it said."""
        said: list[str] = []
        while not (line := self._told.readline()).startswith("ended"):
            assert line, "the process is gone"
            said.append(line)
        return int(line.split()[1]), said


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    opened = Runs()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def start(runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of ten documents, and beside it a folder where some of them have changed."""
    folder = tmp_path_factory.mktemp("start")
    documents = folder / "documents"
    write_files(documents, {f"{n}.md": before(n) for n in range(DOCUMENTS)})
    shutil.copytree(documents, folder / "before")
    runs.begin(folder / "home", documents)
    assert runs.end()[0] == 0
    for n in range(0, DOCUMENTS, 2):
        (documents / f"{n}.md").write_text(after(n))
    (documents / "1.md").unlink()
    (documents / "3.md").unlink()
    write_files(documents, {"new.md": after(77), "newer.md": after(78)})
    return folder


@pytest.fixture
def home(start: Path, tmp_path: Path) -> Path:
    shutil.copytree(start / "home", tmp_path / "home")
    return tmp_path / "home"


def chunks(folder: Path) -> dict[str, list[str]]:
    return {each.name: [one.text for one in chunk(load(each))] for each in folder.glob("*.md")}


def assert_whole(library: Library, old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    """Every live document is the old one or the new one, and is found by each of its passages."""
    library.catalog.check()
    live = library.catalog.live_ids(scope=SHARED)
    documents = library.documents()
    assert {each.id for each in documents} >= old.keys() & new.keys()
    for document in documents:
        passages = library.passages(document.id)
        texts = [passage.text for passage in passages]
        assert texts in (old.get(document.id), new.get(document.id)), document.id
        assert document.passages == len(passages)
        for passage in passages:
            vector = library.catalog.vectors([passage.id])[passage.id]
            hits = library.nearest(vector, k=3, scopes=[SHARED])
            assert hits[0][1] == pytest.approx(1.0, abs=5e-3)
            assert passage.id in [hit.id for hit, cosine in hits if cosine > 0.995]
    assert live <= library.vectors.ids(scope=SHARED)
    assert {
        passage.id for document in documents for passage in library.passages(document.id)
    } == live
    everything = library.nearest(EMBEDDER.embed_query("document says"), k=500, scopes=[SHARED])
    assert {passage.id for passage, _ in everything} <= live
    worded = library.keyword("what was before came after", k=500, scopes=[SHARED])
    assert {passage.id for passage, _ in worded} == live


def assert_repaired(home: Path, start: Path) -> None:
    """The library answers now, a further run completes, and after it nothing is under way."""
    old, new = chunks(start / "before"), chunks(start / "documents")
    with Library(home, embedder=EMBEDDER.name) as library:
        assert_whole(library, old, new)
        index(library, start / "documents", embedder=EMBEDDER)
        assert library.catalog.journal() == []
        assert_whole(library, old, new)
        assert {each.id for each in library.documents()} == new.keys()
        for document in library.documents():
            assert [each.text for each in library.passages(document.id)] == new[document.id]
        assert library.vectors.ids(scope=SHARED) == library.catalog.live_ids(scope=SHARED)
        index(library, start / "documents", embedder=IdleEmbedder())


def test_an_undisturbed_run_comes_by_every_point(runs: Runs, home: Path, start: Path) -> None:
    runs.begin(home, start / "documents")
    code, (said,) = runs.end()
    assert code == 0
    counts = json.loads(said)
    assert all(counts.get(point, 0) >= 2 for point in POINTS), counts
    assert_repaired(home, start)


@pytest.mark.parametrize("point", POINTS)
def test_a_run_that_dies_at_a_step_leaves_a_whole_library(
    runs: Runs, home: Path, start: Path, point: str
) -> None:
    # The second time: some documents are through and others are not. The second removal is the
    # last thing that the run does.
    runs.begin(home, start / "documents", point=point, number=2)
    assert runs.end() == (9, [])
    assert_repaired(home, start)


@pytest.fixture(scope="module")
def seconds(runs: Runs, start: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long an undisturbed run takes."""
    home = tmp_path_factory.mktemp("timed") / "home"
    shutil.copytree(start / "home", home)
    runs.begin(home, start / "documents", pause=PAUSE)
    begun = time.perf_counter()
    assert runs.end()[0] == 0
    return time.perf_counter() - begun


def killed_after(seconds: float, runs: Runs, home: Path, documents: Path) -> None:
    """Begin a run and kill it after a time."""
    process = runs.begin(home, documents, pause=PAUSE)
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    code, _ = runs.end()
    assert code in (-signal.SIGKILL, 0)


@pytest.mark.parametrize("moment", range(10))
def test_a_run_that_is_killed_at_any_moment_leaves_a_whole_library(
    runs: Runs, home: Path, start: Path, seconds: float, moment: int
) -> None:
    # One moment in each tenth of a run.
    killed_after(seconds * (moment + random.random()) / 10, runs, home, start / "documents")
    assert_repaired(home, start)


def test_a_run_that_is_killed_again_and_again_leaves_a_whole_library(
    runs: Runs, home: Path, start: Path, seconds: float
) -> None:
    for _ in range(3):
        killed_after(seconds * random.random(), runs, home, start / "documents")
    assert_repaired(home, start)
