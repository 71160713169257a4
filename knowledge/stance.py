"""Whether passages say a statement, its opposite, or neither, as the model that read them sees it.

Words that stand in both cannot tell direction: 'X raises Y' and 'X lowers Y' share all but one. A
linear reading of the model's state, as for answerability (knowledge/probe.py), can;
`tests/evals/claims.py` fits and saves it. The classes are those of Thorne et al. 2018 (FEVER,
arXiv:1803.05355).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from knowledge import prompt
from knowledge.generate import Generator
from knowledge.ground import EvidenceSentence
from knowledge.quote import Scored, scored
from knowledge.rerank import Reranker
from knowledge.select import select
from knowledge.types import Evidence

CLASSES = ("supported", "contradicted", "neither")
_WORDS = 130


@dataclass(frozen=True, slots=True)
class Stance:
    """Probabilities that passages say a statement, and that they say its opposite."""

    supported: float
    contradicted: float


@dataclass(frozen=True, slots=True)
class StanceProbe:
    """A linear reading of a model's state: `weights` (classes, hidden), `intercepts` (classes,)."""

    model: str
    intercepts: NDArray[np.float32]
    weights: NDArray[np.float32]

    def stance(self, state: Sequence[float]) -> Stance:
        """What the state says of the statement that was read last."""
        logits = self.weights @ np.asarray(state, dtype=np.float32) + self.intercepts
        chances = np.exp(logits - logits.max())
        supported, contradicted, _ = chances / chances.sum()
        return Stance(float(supported), float(contradicted))


@cache
def stance_probe_for(model: str) -> StanceProbe | None:
    """The probe that was fitted to the model of this name; None where none was."""
    stored = json.loads(resources.files("knowledge").joinpath("stance.json").read_text("utf-8"))
    if stored["model"] != model:
        return None
    return StanceProbe(
        model,
        np.array(stored["intercepts"], dtype=np.float32),
        np.array(stored["weights"], dtype=np.float32),
    )


class StanceReader:
    """Lets the model read evidence and a statement."""

    def __init__(self, generator: Generator, *, reranker: Reranker) -> None:
        self._generator = generator
        self._reranker = reranker

    def state(
        self,
        statement: str,
        evidence: Sequence[Evidence],
        sentences: Sequence[EvidenceSentence],
    ) -> tuple[tuple[float, ...], tuple[Scored, ...]]:
        """The model's state, and the evidence's sentences with their scores for the statement."""
        rated = scored(statement, sentences, reranker=self._reranker)
        excerpts = select(evidence, rated, words=_WORDS)
        reading = self._generator.read(prompt.build_statement(statement, excerpts))
        return reading.state(prompt.STATED), rated
