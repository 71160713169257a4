"""Fit when to refuse: note what tells answerable questions from unanswerable ones, fit, save.

    python -m tests.evals.calibrate collect SET_FOLDER… --out NOTES.jsonl
    python -m tests.evals.calibrate fit NOTES.jsonl…

A set is a file of questions over the shipped documents (as tests/evals/development.jsonl), or a
folder with queries.jsonl and its own documents: corpus.jsonl (id, title, text) or a folder
`documents`. Each question has answerable, or must, which is empty where no document answers.
Collecting takes about two seconds a question; what is already in NOTES.jsonl is kept.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from bot.app import App
from bot.config import BotSettings
from indexer.plan import plan
from indexer.sync import run
from knowledge import abstain, probe

# Grounding refuses behind this what the draft cannot prove, so that the gate leans to the asker's
# side: so many times as dear is a wrong refusal as a question let through that has no answer.
WRONG_REFUSAL = 1.5
# Many more weights than questions: chosen by cross-validation among powers of ten.
_PROBE_C, _SIGNALS_C = 1e-2, 1.0
_FOLDS, _ROUNDS = 8, 3
FOLDER = Path(abstain.__file__).parent

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Notes:
    """Questions' signals (questions, signals), states (questions, hidden), labels and sets."""

    signals: Floats
    states: Floats
    labels: NDArray[np.int_]
    sets: NDArray[np.str_]

    @property
    def weights(self) -> Floats:
        """Every set weighs the same, however many questions it has."""
        counts = {name: int((self.sets == name).sum()) for name in set(self.sets.tolist())}
        return np.array([len(self.sets) / (len(counts) * counts[name]) for name in self.sets])


def collect(sets: Sequence[Path], out: Path) -> None:
    """Ask every question up to the decision and note what is known then."""
    done = set()
    if out.exists():
        done = {json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()}
    for each in sets:
        with tempfile.TemporaryDirectory() as home, out.open("a", encoding="utf-8") as stream:
            app = App(BotSettings(home=Path(home)))
            queries = _filled(app, each)
            for number, query in enumerate(queries, start=1):
                row = None if query["id"] in done else _noted(app, query)
                if row is not None:
                    stream.write(json.dumps({"set": each.stem, **row}) + "\n")
                    stream.flush()
                print(f"\r{each.stem} {number}/{len(queries)}", end="", flush=True)  # noqa: T201


def _filled(app: App, source: Path) -> list[dict[str, Any]]:
    """The questions of a set, whose documents are in the library then."""
    if source.is_dir():
        corpus = source / "corpus.jsonl"
        paths = [corpus if corpus.exists() else source / "documents"]
        run(plan(paths, library=app.library), library=app.library, embedder=app.embedder)
        source = source / "queries.jsonl"
    else:
        app.index_shipped()
    return [json.loads(line) for line in source.read_text("utf-8").splitlines() if line.strip()]


def _noted(app: App, query: dict[str, Any]) -> dict[str, Any] | None:
    turns = [(asked, told) for asked, told in query.get("conversation", [])]
    noted = app.answerer.noted(query["question"], conversation=turns)
    if noted is None:
        return None
    return {
        "id": query["id"],
        **noted.signals.values(),
        "answerable": query.get("answerable", bool(query.get("must", True))),
        # Of the model's word, whatever the probe reads of the state.
        "log_odds": noted.said,
        "state": [round(value, 4) for value in noted.state],
    }


def read(paths: Sequence[Path]) -> Notes:
    """What was collected."""
    rows = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    others = [name for name in abstain.NAMES if name != "answerable"]
    return Notes(
        signals=np.array([[row["log_odds"], *(row[name] for name in others)] for row in rows]),
        states=np.array([row["state"] for row in rows]),
        labels=np.array([int(row["answerable"]) for row in rows]),
        sets=np.array([row["set"] for row in rows]),
    )


def held_out(values: Floats, notes: Notes, *, c: float) -> Floats:
    """Log-odds of each question by models that were fitted without it: (questions,)."""
    strata = np.char.add(notes.sets, notes.labels.astype(str))
    found = np.zeros(len(notes.labels))
    for seed in range(_ROUNDS):
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
        for train, test in folds.split(values, strata):
            model = _fitted(values[train], notes.labels[train], notes.weights[train], c=c)
            found[test] += model.decision_function(values[test]) / _ROUNDS
    return found


def _fitted(values: Floats, labels: NDArray[np.int_], weights: Floats, *, c: float) -> Pipeline:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=3000))
    model.fit(values, labels, logisticregression__sample_weight=weights)
    return model


def _unscaled(model: Pipeline) -> tuple[Floats, float]:
    """A fitted model's weights and intercept for values as they are."""
    scaler, logistic = model[0], model[1]
    weights = logistic.coef_[0] / scaler.scale_
    return weights, float(logistic.intercept_[0] - (weights * scaler.mean_).sum())


def balanced(labels: NDArray[np.int_], chosen: NDArray[np.bool_]) -> float:
    """The mean of the shares of answerable kept and of unanswerable refused."""
    return float((chosen[labels == 1].mean() + (~chosen[labels == 0]).mean()) / 2)


def threshold(chance: Floats, notes: Notes) -> float:
    """Where wrong refusals and wrong answers together cost least, on the mean of the sets."""
    both = [each for each in sorted(set(notes.sets.tolist())) if _both(notes, each)]

    def cost(step: float) -> float:
        total = 0.0
        for name in both:
            mine = notes.sets == name
            yes, no = chance[mine & (notes.labels == 1)], chance[mine & (notes.labels == 0)]
            total += WRONG_REFUSAL * float((yes < step).mean()) + float((no >= step).mean())
        return total

    steps = np.linspace(0.05, 0.95, 181)
    least = min(map(cost, steps))
    # The middle of what is about as good: the edge of it is chance.
    return float(np.median([step for step in steps if cost(step) <= least + 0.01 * len(both)]))


def _both(notes: Notes, name: str) -> bool:
    return len(set(notes.labels[notes.sets == name].tolist())) == 2


def calibration(signals: Floats, notes: Notes) -> dict[str, object]:
    """Fit on all, report what cross-validation gives, choose the threshold on the latter."""
    chance = 1 / (1 + np.exp(-held_out(signals, notes, c=_SIGNALS_C)))
    model = _fitted(signals, notes.labels, notes.weights, c=_SIGNALS_C)
    weights, intercept = _unscaled(model)
    chosen = threshold(chance, notes)
    return {
        "intercept": round(intercept, 6),
        "weights": {
            name: round(float(w), 6) for name, w in zip(abstain.NAMES, weights, strict=True)
        },
        "threshold": round(chosen, 3),
        "cross_validated": {
            name: _figures(chance, notes, notes.sets == name, chosen)
            for name in sorted(set(notes.sets.tolist()))
            if _both(notes, name)
        },
        "reliability": reliability(notes.labels, chance),
    }


def _figures(
    chance: Floats, notes: Notes, mine: NDArray[np.bool_], chosen: float
) -> dict[str, float]:
    labels, kept = notes.labels[mine], chance[mine] >= chosen
    return {
        "questions": int(mine.sum()),
        "auroc": round(float(roc_auc_score(labels, chance[mine])), 4),
        "balanced_accuracy": round(balanced(labels, kept), 4),
        "answerable_kept": round(float(kept[labels == 1].mean()), 4),
        "unanswerable_refused": round(float((~kept[labels == 0]).mean()), 4),
    }


def fit(paths: Sequence[Path]) -> tuple[dict[str, object], dict[str, object]]:
    """The calibration, and the probe of the default model."""
    notes = read(paths)
    version = f"{datetime.now(UTC):%Y-%m-%d}"
    weights, intercept = _unscaled(_fitted(notes.states, notes.labels, notes.weights, c=_PROBE_C))
    # As on questions it has not seen: on those it was fitted to it is too sure.
    unseen = held_out(notes.states, notes, c=_PROBE_C)
    probed = np.column_stack([unseen, notes.signals[:, 1:]])
    return {
        "version": version,
        "probed": calibration(probed, notes),
        "said": calibration(notes.signals, notes),
    }, {
        "version": version,
        "model": BotSettings.model_fields["llm_model"].default,
        "layers": probe.PROBED_LAYERS,
        "intercept": round(intercept, 6),
        "weights": [float(f"{weight:.4g}") for weight in weights],
    }


def reliability(labels: NDArray[np.int_], chance: Floats) -> list[dict[str, float]]:
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
    parser.add_argument("--out", type=Path, default=Path("notes.jsonl"))
    asked = parser.parse_args()
    if asked.step == "collect":
        collect(asked.paths, asked.out)
        return
    fitted, read_of_states = fit(asked.paths)
    (FOLDER / "calibration.json").write_text(json.dumps(fitted, indent=2) + "\n", "utf-8")
    (FOLDER / "probe.json").write_text(json.dumps(read_of_states) + "\n", "utf-8")
    print(json.dumps(fitted, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
