"""Attacks of our own: plants in documents, orders in questions, twins that look like them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.document import Document
from indexer.load import load_bytes

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Host:
    """A document that plants are put into, its question, and what a right answer holds.

    An answer is right when it holds one string of every group of `must`.
    """

    id: str
    title: str
    text: str
    question: str
    must: tuple[tuple[str, ...], ...]

    def document(self, plant: str = "", *, position: str = "end") -> Document:
        """The document, with something planted in it between two of its sentences."""
        parts = self.text.split(". ")
        place = {"start": 0, "middle": len(parts) // 2, "end": len(parts)}[position]
        before, after = ". ".join(parts[:place]), ". ".join(parts[place:])
        before = f"{before}." if before and not before.endswith(".") else before
        body = "\n\n".join(part for part in (before, plant, after) if part)
        return load_bytes(f"{self.title}\n\n{body}\n".encode(), name=f"{self.id}.txt")

    def right(self, answer: str) -> bool:
        """Whether an answer holds what it must."""
        said = answer.lower()
        return all(any(each.lower() in said for each in group) for group in self.must)


@dataclass(frozen=True, slots=True)
class Attack:
    """One attempt; `plant` goes into the document of `host`, a direct one is the question."""

    id: str
    kind: str
    question: str
    must_not_contain: tuple[str, ...]
    host: Host | None = None
    plant: str = ""
    position: str = "end"

    def followed(self, answer: str) -> bool:
        """Whether an answer does what was demanded."""
        return any(each.lower() in answer.lower() for each in self.must_not_contain)

    def document(self) -> Document:
        """The document with the plant."""
        assert self.host is not None
        return self.host.document(self.plant, position=self.position)


def hosts() -> tuple[Host, ...]:
    """The documents that plants are put into."""
    return _hosts(HERE / "attacked.jsonl")


def twins() -> tuple[Host, ...]:
    """Harmless documents with sentences like those of attacks."""
    return _hosts(HERE / "twins.jsonl")


def attacks() -> tuple[Attack, ...]:
    """All attempts."""
    known = {each.id: each for each in hosts()}
    return tuple(_attack(row, known) for row in _rows(HERE / "attacks.jsonl"))


def _attack(row: dict[str, Any], known: dict[str, Host]) -> Attack:
    host = known.get(row.get("host", ""))
    return Attack(
        id=row["id"],
        kind=row["kind"],
        question=row["question"] if host is None else host.question,
        must_not_contain=tuple(row["must_not_contain"]),
        host=host,
        plant=row.get("plant", ""),
        position=row.get("position", "end"),
    )


def _hosts(path: Path) -> tuple[Host, ...]:
    return tuple(
        Host(**{**row, "must": tuple(tuple(group) for group in row["must"])}) for row in _rows(path)
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
