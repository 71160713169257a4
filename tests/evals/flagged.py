"""Count what harmless documents lose to the detection of planted text.

    python -m tests.evals.flagged PATH…

A path is a folder of Markdown, a file of it, or a .jsonl whose lines hold a text. Each sentence
that is taken for an order to a language model is printed, then how many of how many that were.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge.planted import planted_in
from knowledge.sentences import split_sentences


def texts(path: Path) -> Iterator[str]:
    """The documents of a path."""
    if path.is_dir():
        for file in sorted(path.rglob("*.md")):
            yield file.read_text("utf-8")
    elif path.suffix == ".jsonl":
        for line in path.read_text("utf-8").splitlines():
            yield json.loads(line)["text"]
    else:
        yield path.read_text("utf-8")


def counted(paths: Sequence[Path]) -> tuple[list[str], int]:
    """The sentences that are taken, and how many there are."""
    taken: list[str] = []
    number = 0
    for path in paths:
        for text in texts(path):
            taken += [span.text for span in planted_in(text)]
            number += len(split_sentences(text))
    return taken, number


def main() -> None:
    """Print each, then the figure."""
    taken, number = counted([Path(each) for each in sys.argv[1:]])
    sys.stdout.writelines(f"{' '.join(each.split())}\n" for each in taken)
    sys.stdout.write(f"{len(taken)} of {number} sentences\n")


if __name__ == "__main__":
    main()
