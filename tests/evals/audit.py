"""Draw shown sentences with the quotes they cite, to be read one by one.

    footnote eval tests/evals/golden.jsonl --out eval.json
    python -m tests.evals.audit eval.json --count 150 --out audit.md

The table's last column is for the reader: 'yes' where the quotes say what the sentence says, else
what they do not. `python -m tests.evals.audit --count-verdicts audit.md` counts what was found.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from pathlib import Path

_HEAD = "| n | question | shown sentence | what it cites | supported |\n|---|---|---|---|---|\n"


def drawn(report: Path, *, count: int, seed: int) -> list[tuple[str, str, str]]:
    """(question, sentence, quotes) of `count` shown sentences, the same ones for a seed."""
    found = []
    for case in json.loads(report.read_text("utf-8"))["cases"]:
        quotes = {each["n"]: each["quote"] for each in case["citations"]}
        for sentence in case["sentences"]:
            if sentence["supported"]:
                cited = " // ".join(quotes[n] for n in sentence["citations"])
                found.append((case["question"], sentence["text"], cited))
    random.Random(seed).shuffle(found)
    return found[:count]


def table(rows: list[tuple[str, str, str]]) -> str:
    """The rows as a Markdown table with a column left open."""
    lines = [
        f"| {n} | {' | '.join(_cell(each) for each in row)} |  |"
        for n, row in enumerate(rows, start=1)
    ]
    return _HEAD + "\n".join(lines) + "\n"


def verdicts(text: str) -> Counter[str]:
    """How many sentences were found supported, not supported, and not yet read."""
    last = [line.rstrip().rstrip("|").rsplit("|", 1)[-1].strip() for line in text.splitlines()[2:]]
    return Counter("open" if not each else "yes" if each == "yes" else "no" for each in last)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("|", "¦")).strip()


def main() -> None:
    """Draw, or count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("audit.md"))
    parser.add_argument("--count-verdicts", action="store_true")
    given = parser.parse_args()
    if given.count_verdicts:
        print(dict(verdicts(given.file.read_text("utf-8"))))  # noqa: T201 - a command
        return
    rows = drawn(given.file, count=given.count, seed=given.seed)
    given.out.write_text(table(rows), "utf-8")
    print(f"{len(rows)} sentences in {given.out}")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
