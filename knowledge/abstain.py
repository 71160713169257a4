"""Whether evidence is enough to answer from: a few signals and a fitted, versioned calibration."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from knowledge.types import Evidence
from knowledge.words import content_stems, names, plain, spelled_names

# What the calibration is fitted on. The others are kept for the reader: how high cosines and the
# reranker's logits run depends on a library's kind of text, so that what they teach on one set
# refuses half the answerable questions of another (measured: 14 of 24 wrong).
NAMES = ("answerable", "stated", "named")


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for an answer being in the evidence.

    `relevance`: the best reranker logit. `similarity`: the best cosine. `answerable`: the log-odds
    that the passages state the answer, by the probe or by the model's word (0 where unknown).
    `stated`: the best reranker logit of a single sentence. `covered`: the share of the question's
    content words in the best passages. `named`: the share of its names there (1 without).
    """

    relevance: float
    similarity: float
    covered: float
    named: float
    answerable: float = 0.0
    stated: float = 0.0

    def values(self) -> dict[str, float]:
        """The signals by name."""
        return {
            name: float(getattr(self, name))
            for name in (*NAMES, "relevance", "similarity", "covered")
        }


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model over the signals; `tests/evals/calibrate.py` fits and saves it."""

    version: str
    intercept: float
    weights: dict[str, float]
    threshold: float

    def probability(self, signals: Signals) -> float:
        """The probability that the evidence holds the answer."""
        values = signals.values()
        logit = self.intercept + sum(self.weights[name] * values[name] for name in self.weights)
        return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, logit))))


@cache
def shipped_calibration(*, probed: bool = False) -> Calibration:
    """The calibration that was fitted for the default models.

    What a probe reads of the model and what the model says run differently high: `probed` tells
    which of the two `answerable` will be.
    """
    text = resources.files("knowledge").joinpath("calibration.json").read_text("utf-8")
    stored = json.loads(text)
    fitted = stored["probed" if probed else "said"]
    return Calibration(
        version=stored["version"],
        intercept=fitted["intercept"],
        weights=fitted["weights"],
        threshold=fitted["threshold"],
    )


def signals(
    question: str, evidence: Sequence[Evidence], *, answerable: float, stated: float
) -> Signals:
    """The signals of a question and its evidence, which is not empty."""
    text = " . ".join(
        " . ".join([each.passage.title, *each.passage.location.headings, each.passage.text])
        for each in evidence
    )
    wanted = content_stems(question)
    covered = len(wanted & content_stems(text)) / len(wanted) if wanted else 1.0
    asked = names(question)
    missing = missing_names(question, evidence)
    return Signals(
        relevance=max(each.relevance for each in evidence),
        similarity=max(each.similarity for each in evidence),
        covered=covered,
        named=1.0 - len(missing) / len(asked) if asked else 1.0,
        answerable=answerable,
        stated=stated,
    )


def missing_names(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Names of the question that stand nowhere in the evidence: a premise to doubt."""
    text = plain(
        " . ".join(
            " . ".join([each.passage.title, *each.passage.location.headings, each.passage.text])
            for each in evidence
        )
    )
    return tuple(spelling for name, spelling in spelled_names(question).items() if name not in text)
