"""Measure what questions find: a right document, and a passage that answers, among the first five.

    python -m tests.evals.finding tests/evals/spellings.jsonl… [--misses] [--home DIR]

A line has the `question`, the `documents` that answer it, and `must`: groups of strings, one of
each group standing in the passage that answers. A comparison has `sides` instead: groups, one
string of each group standing in some of the five passages. No language model is needed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.config import BotSettings
from knowledge.library import SHARED
from knowledge.spelling import Speller
from knowledge.types import Evidence

FIRST = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a set, and where its answer stands."""

    id: str
    kind: str
    question: str
    documents: tuple[str, ...]
    must: tuple[tuple[str, ...], ...]
    sides: tuple[tuple[str, ...], ...]
    conversation: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What one question found; `read` is how it was read."""

    asked: Asked
    read: str
    document: bool
    passage: bool


def load(file: Path) -> list[Asked]:
    """The questions of a set."""
    found = []
    for line in file.read_text("utf-8").splitlines():
        each = json.loads(line)
        found.append(
            Asked(
                id=each["id"],
                kind=each["kind"],
                question=each["question"],
                documents=tuple(each.get("documents", ())),
                must=tuple(map(tuple, each.get("must", ()))),
                sides=tuple(map(tuple, each.get("sides", ()))),
                conversation=tuple((asked, told) for asked, told in each.get("conversation", ())),
            )
        )
    return found


def judged(asked: Asked, evidence: Sequence[Evidence], *, read: str) -> Found:
    """Whether the evidence holds what was asked for."""
    texts = [each.passage.text.lower() for each in evidence]
    if asked.sides:
        holds = all(any(_one_of(side, text) for text in texts) for side in asked.sides)
    else:
        holds = any(all(_one_of(group, text) for group in asked.must) for text in texts)
    documents = {each.passage.document_id for each in evidence}
    return Found(asked, read, bool(documents & set(asked.documents)), holds)


def _one_of(strings: Iterable[str], text: str) -> bool:
    return any(each.lower() in text for each in strings)


def table(found: Sequence[Found]) -> str:
    """A line a kind, and one for all."""
    kinds = [*dict.fromkeys(each.asked.kind for each in found), "all"]
    lines = [f"{'':12} {'asked':>5} {'document':>9} {'passage':>8}"]
    for kind in kinds:
        some = [each for each in found if kind in ("all", each.asked.kind)]
        document, passage = (sum(each.document for each in some), sum(e.passage for e in some))
        shares = f"{document / len(some):>9.3f} {passage / len(some):>8.3f}"
        lines.append(f"{kind:12} {len(some):>5} {shares}")
    return "\n".join(lines)


def misses(found: Sequence[Found]) -> str:
    """The questions whose answer was not found, each as it was read."""
    return "\n".join(
        f"{each.asked.id} {each.asked.kind}: {each.asked.question!r} read as {each.read!r}"
        f"{'' if each.document else ' (no right document)'}"
        for each in found
        if not each.passage
    )


class Finder:
    """Asks a library whole sets."""

    def __init__(self, home: Path | None) -> None:
        """Open the data folder of the settings, or another one, with the shipped documents."""
        self._app = App(BotSettings() if home is None else BotSettings(home=home))
        self._app.index_shipped()
        self._speller = Speller(self._app.library, ordinary=self._app.embedder.knows)

    def ask(self, asked: Sequence[Asked], *, read: Callable[[Asked, str], str]) -> list[Found]:
        """Ask each question, spelt right, as `read` makes it."""
        found = []
        for each in asked:
            question = read(each, self._speller(each.question, scopes=(SHARED,)))
            evidence = self._app.retriever.retrieve(question, k=FIRST)
            found.append(judged(each, evidence, read=question))
        return found


def main() -> None:
    """Print a table a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--home", type=Path, help="a data folder with the shipped documents")
    parser.add_argument("--misses", action="store_true", help="list what was not found")
    parser.add_argument("--kind", help="ask the questions of one kind only")
    given = parser.parse_args()
    finder = Finder(given.home)
    for file in given.files:
        asked = [each for each in load(file) if given.kind in (None, each.kind) and each.documents]
        found = finder.ask(asked, read=lambda _, spelled: spelled)
        print(f"{file.name}\n{table(found)}", flush=True)  # noqa: T201
        if given.misses:
            print(misses(found), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
