"""Fit and measure what the fact-check reads of the model: supported, contradicted, or neither.

    python -m tests.evals.claims collect [FOLDER] --out NOTES.jsonl [--first N]
    python -m tests.evals.claims fit NOTES.jsonl…
    python -m tests.evals.claims measure NOTES.jsonl…

FOLDER has corpus.jsonl (id, title, text) and queries*.jsonl (id, question, relevant, evidence: a
list of doc and label, SUPPORT or CONTRADICT). Each claim is held against every document with
evidence and against one of another claim, most of them alike, which says neither. Without a FOLDER
the claims are the answering sentences of the development questions as the documents have them, with
a number changed or a verb negated, and beside another document. Collecting takes about a second and
a half a claim; `fit` prints, for each file, what models say of claims they were fitted without (ten
folds by document), and saves knowledge/stance.json; `measure` prints what that says of notes that
took no part. The fact-check's rule about numbers is left out of both.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from bot.app import App
from bot.config import BotSettings
from indexer.load import load
from knowledge import stance
from knowledge.basis import evidence_sentences
from knowledge.check import concluded
from knowledge.config import DOCUMENTS
from knowledge.ground import ground
from knowledge.quote import scored
from knowledge.stance import CLASSES, Stance, state_of
from knowledge.types import Evidence, Location, Passage, Verdict
from knowledge.words import content_stems

_LABELS = {"SUPPORT": "supported", "CONTRADICT": "contradicted"}
# So many of the documents that say neither share the claim's words; the others are any.
_ALIKE = 0.6
_C = 3e-3
_FOLDS = 10
_QUESTIONS = Path(__file__).with_name("development.jsonl")
_VERB = re.compile(r"\b(is|are|was|were|can|does|do|has been|have been)\b(?! not)")
_NUMBER = re.compile(r"\b[1-9]\d{0,3}\b(?![.,]\d)")
_FILE = Path(stance.__file__).parent / "stance.json"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Held:
    """A claim held against one document, and what is right about it."""

    claim: str
    text: str
    document: str
    label: str


@dataclass(frozen=True, slots=True)
class Notes:
    """Files, states (claims, hidden), labels, documents, and the verdicts by words alone."""

    files: NDArray[np.str_]
    states: Floats
    labels: NDArray[np.str_]
    documents: NDArray[np.str_]
    worded: tuple[Verdict, ...]

    def of(self, chosen: NDArray[np.bool_]) -> Notes:
        """Some of them."""
        return Notes(
            files=self.files[chosen],
            states=self.states[chosen],
            labels=self.labels[chosen],
            documents=self.documents[chosen],
            worded=tuple(compress(self.worded, chosen)),
        )


def held(folder: Path) -> list[Held]:
    """Claims and documents in a fixed order in which all labels stand early."""
    corpus = {each["id"]: each for each in _lines(folder / "corpus.jsonl")}
    (queries,) = folder.glob("queries*.jsonl")
    asked = [each for each in _lines(queries) if each.get("evidence")]
    told = sorted({each["doc"] for query in asked for each in query["evidence"]} & corpus.keys())
    stems = {each: content_stems(corpus[each]["text"]) for each in told}
    chance = random.Random(0)
    found: dict[str, list[Held]] = {name: [] for name in CLASSES}
    for query in asked:
        claim, own = query["question"], {each["doc"] for each in query["evidence"]}
        for document in sorted(own & corpus.keys()):
            labels = {each["label"] for each in query["evidence"] if each["doc"] == document}
            if len(labels) == 1:
                label = _LABELS[labels.pop()]
                found[label].append(Held(claim, corpus[document]["text"], document, label))
        others = [each for each in told if each not in own | set(query["relevant"])]
        words = content_stems(claim)
        other = chance.choice(others)
        if chance.random() < _ALIKE:
            other = max(others, key=lambda each: len(words & stems[each]))
        found["neither"].append(Held(claim, corpus[other]["text"], other, "neither"))
    for each in found.values():
        chance.shuffle(each)
    turns = max(map(len, found.values()))
    return [each[turn] for turn in range(turns) for each in found.values() if turn < len(each)]


def own() -> list[Held]:
    """Sentences of the shipped documents: as they are, spoilt, and beside another document."""
    chance = random.Random(0)
    rows = [row for row in _lines(_QUESTIONS) if row.get("sentence") and row["documents"]]
    around: list[tuple[str, str, str]] = []
    for row in rows:
        (name, *_), sentence = row["documents"], row["sentence"]
        blocks = [block.text for block in load(DOCUMENTS / name).blocks]
        places = [number for number, text in enumerate(blocks) if sentence in text]
        if places:
            near = blocks[max(0, places[0] - 1) : places[0] + 2]
            around.append((sentence, "\n\n".join(near), name))
    chance.shuffle(around)
    found = []
    for number, (sentence, text, name) in enumerate(around):
        _, elsewhere, other = chance.choice([each for each in around if each[2] != name])
        found.append(Held(sentence, text, name, "supported"))
        spoilt = _spoilt(sentence, negated=number % 2 == 0)
        if spoilt is not None:
            found.append(Held(spoilt, text, name, "contradicted"))
        found.append(Held(sentence, elsewhere, other, "neither"))
    return found


def _spoilt(sentence: str, *, negated: bool) -> str | None:
    """The opposite of a sentence, or one with another number; None where there is no such way."""
    if negated:
        text, count = _VERB.subn(r"\1 not", sentence, count=1)
    else:
        text, count = _NUMBER.subn(lambda found: str(int(found[0]) + 3), sentence, count=1)
    return text if count else None


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def collect(folder: Path | None, out: Path, *, first: int | None) -> None:
    """Note the model's state for each claim and document; what is there already is kept."""
    done = set()
    if out.exists():
        done = {(row["claim"], row["document"]) for row in _lines(out)}
    app = App(BotSettings())
    items = (own() if folder is None else held(folder))[:first]
    with out.open("a", encoding="utf-8") as stream:
        for number, each in enumerate(items, start=1):
            if (each.claim, each.document) in done:
                continue
            passage = Passage(each.document, each.document, "", each.text, Location(), 0)
            evidence = (Evidence(passage, 0.0, 0.0, 0.0),)
            sentences = evidence_sentences(evidence)
            if not sentences:
                continue
            rated = scored(each.claim, sentences, reranker=app.reranker)
            state = state_of(each.claim, evidence, rated, generator=app.generator)
            row = {
                "claim": each.claim,
                "document": each.document,
                "label": each.label,
                "worded": ground(each.claim, sentences).verdict.value,
                "state": [round(value, 4) for value in state],
            }
            stream.write(json.dumps(row) + "\n")
            stream.flush()
            print(f"\r{number}/{len(items)}", end="", flush=True)  # noqa: T201


def read(paths: Sequence[Path]) -> Notes:
    """What was collected."""
    named = [(path.stem, row) for path in paths for row in _lines(path)]
    rows = [row for _, row in named]
    return Notes(
        files=np.array([name for name, _ in named]),
        states=np.array([row["state"] for row in rows]),
        labels=np.array([row["label"] for row in rows]),
        documents=np.array([row["document"] for row in rows]),
        worded=tuple(Verdict(row["worded"]) for row in rows),
    )


def _fitted(states: Floats, labels: NDArray[np.str_]) -> Pipeline:
    logistic = LogisticRegression(C=_C, max_iter=3000, class_weight="balanced")
    return make_pipeline(StandardScaler(), logistic).fit(states, labels)


def _stances(model: Pipeline, states: Floats) -> list[Stance]:
    order = list(model[-1].classes_)
    chances = model.predict_proba(states)
    supported, contradicted = (chances[:, order.index(name)] for name in CLASSES[:2])
    return [Stance(*map(float, pair)) for pair in zip(supported, contradicted, strict=True)]


def held_out(notes: Notes) -> list[Stance]:
    """What is said of each claim by a model that was fitted without it."""
    found: list[Stance] = [Stance(0.0, 0.0)] * len(notes.labels)
    for train, test in GroupKFold(_FOLDS).split(notes.states, notes.labels, notes.documents):
        model = _fitted(notes.states[train], notes.labels[train])
        for index, each in zip(test, _stances(model, notes.states[test]), strict=True):
            found[index] = each
    return found


def table(notes: Notes, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """How often each label got each verdict, and what follows from it."""
    given = np.array([each.value for each in verdicts])
    said = given == Verdict.SUPPORTED.value
    for name in CLASSES:
        mine = notes.labels == name
        shares = (f"{each} {np.mean(given[mine] == each):.3f}" for each in sorted(set(given)))
        yield f"  {name} ({mine.sum()}): {', '.join(shares)}"
    right = notes.labels == "supported"
    balanced = (np.mean(said[right]) + np.mean(~said[~right])) / 2
    yield f"  supported or not, balanced accuracy: {balanced:.3f}"
    contradicted = notes.labels == "contradicted"
    yield f"  contradicted called supported: {np.mean(said[contradicted]):.3f}"


def shown(notes: Notes, stances: Sequence[Stance]) -> Iterator[str]:
    """The table of each file, by the model's state and by words alone."""
    verdicts = [concluded(one, worded=two) for one, two in zip(stances, notes.worded, strict=True)]
    for name in sorted(set(notes.files.tolist())):
        mine = notes.files == name
        for way, all_of_them in (("state", verdicts), ("words", notes.worded)):
            yield f"{name}, by {way}:"
            yield from table(notes.of(mine), list(compress(all_of_them, mine)))


def save(notes: Notes) -> None:
    """Fit all and write what the fact-check reads by."""
    model = _fitted(notes.states, notes.labels)
    scaler, logistic = model[0], model[1]
    order = [list(logistic.classes_).index(name) for name in CLASSES]
    weights = logistic.coef_[order] / scaler.scale_
    intercepts = logistic.intercept_[order] - weights @ scaler.mean_
    stored = {
        "version": datetime.now(UTC).date().isoformat(),
        "model": BotSettings.model_fields["llm_model"].default,
        "intercepts": [float(f"{value:.6g}") for value in intercepts],
        "weights": [[float(f"{value:.4g}") for value in row] for row in weights],
    }
    _FILE.write_text(json.dumps(stored) + "\n", "utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    collecting = commands.add_parser("collect")
    collecting.add_argument("folder", type=Path, nargs="?")
    collecting.add_argument("--out", type=Path, required=True)
    collecting.add_argument("--first", type=int)
    for name in ("fit", "measure"):
        commands.add_parser(name).add_argument("notes", type=Path, nargs="+")
    given = parser.parse_args()
    if given.command == "collect":
        collect(given.folder, given.out, first=given.first)
        return
    notes = read(given.notes)
    if given.command == "fit":
        save(notes)
        stances = held_out(notes)
    else:
        probe = stance.stance_probe_for(BotSettings.model_fields["llm_model"].default)
        assert probe is not None
        stances = [probe.stance(state) for state in notes.states.tolist()]
    print("\n".join(shown(notes, stances)))  # noqa: T201


if __name__ == "__main__":
    main()
