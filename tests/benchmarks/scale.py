"""How a library behaves at a size: built, searched, changed, with Chroma embedded and as a server.

    python -m tests.benchmarks.scale 100000 [--server] [--out scale.json] [--home DIR]

Passages and vectors are synthetic (see synthetic.py); the library, the catalogue and Chroma are the
ones that answer questions. Each phase is a process of its own, so that its memory is its own, and
says on standard error how far it is. What is measured is written after each of them.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psutil

from knowledge.library import SHARED, Library
from knowledge.retrieve import Retriever, Weights
from knowledge.spelling import Speller
from tests.benchmarks.figures import (
    Row,
    Spread,
    both_timed,
    disk_mb,
    peak_mb,
    resident_mb,
    show,
    timed,
    write,
)
from tests.benchmarks.synthetic import NAME, Corpus, Document, Indifferent, KnownVectors
from tests.knowledge.chroma_server import chroma_run

QUESTIONS = 200
CHANGES = 10
ADDED_PASSAGES = 5
_CANDIDATES = 50
_SHOWN_EVERY = 5000
# Whatever takes longer for one document hangs: where, is told.
_STALLED_S = 120.0


def build(library: Library, corpus: Corpus) -> Row:
    """Publish every document, each in its own commit."""

    def publish() -> None:
        with library.writing():
            for document in watched(corpus.documents(), of=corpus.chunks):
                library.publish(document.info, document.passages, document.vectors, action="added")

    seconds = timed(publish)
    return _rated(corpus, seconds) | {"build: peak MB": peak_mb()}


def watched(documents: Iterable[Document], *, of: int) -> Iterator[Document]:
    """The same documents, with a line for every so many passages that are done."""
    done, started, since = 0, time.perf_counter(), 0
    faulthandler.enable()
    for document in documents:
        faulthandler.dump_traceback_later(_STALLED_S)
        yield document
        done += len(document.passages)
        if done - since >= _SHOWN_EVERY or done == of:
            now = time.perf_counter()
            rate = (done - since) / (now - started)
            sys.stderr.write(f"{done:,} of {of:,} passages, {rate:.0f}/s, {resident_mb():.0f} MB\n")
            since, started = done, now
    faulthandler.cancel_dump_traceback_later()


def copy(library: Library, corpus: Corpus) -> Row:
    """Copy every vector from the catalogue to where the settings say."""

    def rebuild() -> None:
        with library.writing(rebuilding=True):
            library.rebuild_vectors()

    return _rated(corpus, timed(rebuild)) | {"build: peak MB": peak_mb()}


def _rated(corpus: Corpus, seconds: float) -> Row:
    return {"build: s": round(seconds, 1), "build: passages/s": round(corpus.chunks / seconds)}


def search(library: Library, corpus: Corpus) -> Row:
    """Ask, one question after another, without a reranker and without a language model."""
    questions = corpus.questions(QUESTIONS)
    embedder = KnownVectors(questions)
    retriever = Retriever(library, embedder=embedder, reranker=Indifferent(), weights=Weights())
    catalog, speller = library.catalog, Speller(library, ordinary=lambda _: False)
    first = timed(lambda: retriever.retrieve(questions[0].text, k=5))
    # The words of the library are read once for each version.
    speller("what is mistaeken", scopes=[SHARED])
    ways: dict[str, Callable[[int], object]] = {
        "vectors": lambda n: library.nearest(questions[n].vector, k=_CANDIDATES, scopes=[SHARED]),
        "words": lambda n: library.keyword(questions[n].text, k=_CANDIDATES, scopes=[SHARED]),
        "documents' words": lambda n: catalog.keyword_documents(
            questions[n].text, k=2 * _CANDIDATES, scopes=[SHARED]
        ),
        "spelling": lambda n: speller(questions[n].text, scopes=[SHARED]),
        "fused": lambda n: retriever.retrieve(questions[n].text, k=5),
    }
    spreads: Row = {}
    for name, ask in ways.items():
        tasks = [partial(ask, number) for number in range(1, QUESTIONS)]
        spreads |= _spreads(f"search: {name}", tasks)
    return {
        "first question of a process: s": round(first, 2),
        **spreads,
        "memory of the process: MB": resident_mb(),
    }


def change(library: Library, corpus: Corpus) -> Row:
    """Add documents to a library of this size, change them, and take them out again."""
    start = 10 * corpus.chunks
    added = [corpus.document(start + n, count=ADDED_PASSAGES) for n in range(CHANGES)]
    question = corpus.questions(1)[0]
    library.nearest(question.vector, k=1, scopes=[SHARED])

    def published(document: Document, action: str) -> Callable[[], None]:
        def publish() -> None:
            with library.writing():
                library.publish(document.info, document.passages, document.vectors, action=action)
            library.nearest(document.vectors[0], k=1, scopes=[SHARED])

        return publish

    def removed(document: Document) -> Callable[[], None]:
        def remove() -> None:
            with library.writing():
                library.remove(document.info.id)

        return remove

    changed = [corpus.document(start + n, count=ADDED_PASSAGES + 1) for n in range(CHANGES)]
    steps = {
        "add and find": [published(each, "added") for each in added],
        "change": [published(each, "changed") for each in changed],
        "remove": [removed(each) for each in added],
    }
    spreads: Row = {}
    for name, todo in steps.items():
        spreads |= _spreads(f"one document: {name}", todo)
    found = [
        partial(library.catalog.document, f"document-{number}", scope=SHARED)
        for number in range(CHANGES)
    ]
    return spreads | _spreads("one document: look up", found)


def _spreads(name: str, tasks: Sequence[Callable[[], object]]) -> Row:
    """Two lines: how long the tasks took, and how long they computed."""
    took, computed = zip(*map(both_timed, tasks), strict=True)
    return {
        f"{name}, median / p95": str(Spread.of(took)),
        f"{name}, computing": str(Spread.of(computed)),
    }


PHASES = {"build": build, "copy": copy, "search": search, "change": change}


def measure(chunks: int, *, home: Path, server: bool, out: Path) -> list[Row]:
    """All phases, embedded and then, if wanted, on a server with the same catalogue."""
    embedded: Row = {"Chroma": "embedded", "passages": chunks}
    for phase in ("build", "search", "change"):
        embedded |= _apart(phase, chunks, home=home, url=None)
        show(f"{chunks:,} passages", [embedded], first="Chroma")
        write(out, [embedded])
    embedded |= {
        "catalogue: MB on disk": disk_mb(home) - disk_mb(home / "vectors"),
        "vectors: MB on disk": disk_mb(home / "vectors"),
    }
    rows = [embedded]
    with ExitStack() as running:
        if server:
            folder = home.with_name("chroma")
            url = running.enter_context(chroma_run(folder))
            served: Row = {"Chroma": "server", "passages": chunks}
            for phase in ("copy", "search", "change"):
                served |= _apart(phase, chunks, home=home, url=url)
            served |= {"vectors: MB on disk": disk_mb(folder), "server: MB": _server_mb(url)}
            rows.append(served)
    return rows


def _server_mb(url: str) -> float:
    port = int(url.rpartition(":")[2])
    (process,) = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.status == "LISTEN" and connection.laddr.port == port
    }
    return resident_mb(process)


def _apart(phase: str, chunks: int, *, home: Path, url: str | None) -> Row:
    command = [sys.executable, "-m", __spec__.name, str(chunks), "--phase", phase]
    command += ["--home", str(home), *(["--url", url] if url else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode:
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"code {done.returncode}"
        raise SystemExit(f"The phase {phase!r} of {chunks:,} passages ended with {how}.")
    row = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(row, dict)
    return row


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one size, or, within that, run one phase."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("chunks", type=int)
    parser.add_argument("--server", action="store_true", help="a Chroma server too")
    parser.add_argument("--home", type=Path, help="where to build; a temporary folder without")
    parser.add_argument("--out", type=Path, default=Path("scale.json"))
    parser.add_argument("--phase", choices=PHASES, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.phase:
        with Library(asked.home, embedder=NAME, chroma_url=asked.url) as library:
            row = PHASES[asked.phase](library, Corpus(asked.chunks))
        sys.stdout.write(json.dumps(row) + "\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        home = (asked.home or Path(folder)) / "home"
        rows = measure(asked.chunks, home=home, server=asked.server, out=asked.out)
    show(f"{asked.chunks:,} passages", rows, first="Chroma")
    write(asked.out, rows)


if __name__ == "__main__":
    main()
