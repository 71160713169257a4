"""Fit when to refuse: collect the signals of answerable and unanswerable questions, fit, save.

    python -m tests.evals.calibrate collect SET_FOLDER… --out SIGNALS.jsonl
    python -m tests.evals.calibrate fit SIGNALS.jsonl…

A set's folder holds corpus.jsonl (id, title, text) or a folder `documents`, and queries.jsonl (id,
question, and answerable or must, which is empty where the documents hold no answer).
Collecting takes about three seconds a question; what is already in SIGNALS.jsonl is kept.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bot.app import App
from bot.config import BotSettings
from indexer.plan import plan
from indexer.sync import run
from knowledge import abstain

# The share of answerable questions to let through. Grounding refuses behind this what the draft
# cannot prove, so that this gate leans to the asker's side.
KEPT = 0.92
OUTPUT = Path(abstain.__file__).with_name("calibration.json")


def collect(folders: Sequence[Path], out: Path) -> None:
    """Ask every question up to the decision and note the signals."""
    done = set()
    if out.exists():
        done = {json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()}
    for folder in folders:
        with tempfile.TemporaryDirectory() as home, out.open("a", encoding="utf-8") as stream:
            app = App(BotSettings(home=Path(home)))
            corpus = folder / "corpus.jsonl"
            run(
                plan([corpus if corpus.exists() else folder / "documents"], library=app.library),
                library=app.library,
                embedder=app.embedder,
            )
            queries = (folder / "queries.jsonl").read_text("utf-8").splitlines()
            for number, line in enumerate(queries, start=1):
                query = json.loads(line)
                if query["id"] in done:
                    continue
                signals = app.answerer.signals(query["question"])
                row = {"id": query["id"], "set": folder.name, **signals.values()}
                row["answerable"], row["log_odds"] = (
                    query.get("answerable", bool(query.get("must", True))),
                    row["answerable"],
                )
                stream.write(json.dumps(row) + "\n")
                stream.flush()
                print(f"\r{folder.name} {number}/{len(queries)}", end="", flush=True)  # noqa: T201


def read(paths: Sequence[Path]) -> tuple[NDArray[np.float64], NDArray[np.int_], list[str]]:
    """Signals of shape (questions, signals), labels (questions,) and each question's set."""
    rows = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    values = [
        [row["log_odds" if name == "answerable" else name] for name in abstain.NAMES]
        for row in rows
    ]
    labels = [int(row["answerable"]) for row in rows]
    return np.array(values, dtype=float), np.array(labels), [row["set"] for row in rows]


def balanced(labels: NDArray[np.int_], chosen: NDArray[np.bool_]) -> float:
    """The mean of the shares of answerable kept and of unanswerable refused."""
    return float((chosen[labels == 1].mean() + (~chosen[labels == 0]).mean()) / 2)


def fit(paths: Sequence[Path]) -> dict[str, object]:
    """Fit on all, report what cross-validation gives, choose the threshold on the latter."""
    values, labels, sets = read(paths)
    # Every set weighs the same, however many questions it has.
    weight = np.array([1.0 / sets.count(name) for name in sets]) * len(sets)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0))
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    chance = cross_val_predict(model, values, labels, cv=folds, method="predict_proba")[:, 1]
    names = np.array(sets)
    kept = [chance[(names == name) & (labels == 1)] for name in sorted(set(sets))]
    steps = np.linspace(0.05, 0.95, 181)
    threshold = float(
        max(step for step in steps if np.mean([(each >= step).mean() for each in kept]) >= KEPT)
    )
    model.fit(values, labels, logisticregression__sample_weight=weight)
    scaler, logistic = model[0], model[1]
    weights = logistic.coef_[0] / scaler.scale_
    intercept = float(logistic.intercept_[0] - (weights * scaler.mean_).sum())
    return {
        "version": f"{datetime.now(UTC):%Y-%m-%d}",
        "intercept": round(intercept, 6),
        "weights": {
            name: round(float(w), 6) for name, w in zip(abstain.NAMES, weights, strict=True)
        },
        "threshold": round(threshold, 3),
        "cross_validated": {
            "questions": len(labels),
            "auroc": round(float(roc_auc_score(labels, chance)), 4),
            "balanced_accuracy": {
                name: round(balanced(labels[names == name], chance[names == name] >= threshold), 4)
                for name in sorted(set(sets))
            },
            "reliability": reliability(labels, chance),
        },
    }


def reliability(labels: NDArray[np.int_], chance: NDArray[np.float64]) -> list[dict[str, float]]:
    """Predicted against observed share of answerable questions, in ten equal bins."""
    curve = []
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (chance >= low) & (chance < low + 0.1 + 1e-9)
        if inside.any():
            curve.append(
                {
                    "predicted": round(float(chance[inside].mean()), 3),
                    "observed": round(float(labels[inside].mean()), 3),
                    "questions": int(inside.sum()),
                }
            )
    return curve


def main() -> None:
    """Run one of the two steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["collect", "fit"])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("signals.jsonl"))
    asked = parser.parse_args()
    if asked.step == "collect":
        collect(asked.paths, asked.out)
        return
    fitted = fit(asked.paths)
    OUTPUT.write_text(json.dumps(fitted, indent=2) + "\n", "utf-8")
    print(json.dumps(fitted, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
