"""Measure retrieval: index each set's corpus, rank for its queries, print nDCG@10.

    python -m tests.evals.retrieval SET_FOLDER… [--every N]

A set's folder holds corpus.jsonl (id, title, text) and queries*.jsonl (id, question, relevant).
One setting serves all sets: that of the bot. nDCG with equal gains (Järvelin and Kekäläinen 2002).
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.app import App
from bot.config import BotSettings
from indexer.plan import plan
from indexer.sync import run

_RANKED = 10
# Several passages may be of one document.
_PASSAGES = 40


def ndcg(ranked: Sequence[str], relevant: set[str], *, k: int = _RANKED) -> float:
    """Normalised discounted cumulative gain of the first `k` ids."""
    gain = sum(1 / math.log2(at + 2) for at, each in enumerate(ranked[:k]) if each in relevant)
    return gain / sum(1 / math.log2(at + 2) for at in range(min(k, len(relevant))))


def measure(folder: Path, *, every: int = 1) -> tuple[int, float]:
    """Queries asked, and their mean nDCG@10."""
    (file,) = sorted(folder.glob("queries*.jsonl"))[:1]
    queries = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    asked = [each for each in queries if each.get("relevant")][::every]
    with tempfile.TemporaryDirectory() as home:
        app = App(BotSettings(home=Path(home)))
        planned = plan([folder / "corpus.jsonl"], library=app.library)
        run(planned, library=app.library, embedder=app.embedder)
        scores = []
        for each in asked:
            found = app.retriever.retrieve(each["question"], k=_PASSAGES, fold=False)
            ranked = list(dict.fromkeys(one.passage.document_id for one in found))
            scores.append(ndcg(ranked, set(each["relevant"])))
        app.library.close()
    return len(scores), statistics.mean(scores)


def main() -> None:
    """Print a line a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--every", type=int, default=1, help="ask every Nth query only")
    given = parser.parse_args()
    for folder in given.folders:
        count, score = measure(folder, every=given.every)
        print(f"{folder.name}: nDCG@10 {score:.4f} over {count} queries", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
