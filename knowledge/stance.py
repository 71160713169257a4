"""Whether passages say a statement, its opposite, or neither, as the model that read them sees it.

Words that stand in both cannot tell direction: 'X raises Y' and 'X lowers Y' share all but one. A
linear reading of the model's state, as for answerability (knowledge/probe.py), can;
`tests/evals/claims.py` fits and saves it. The classes are those of Thorne et al. 2018 (FEVER,
arXiv:1803.05355).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from knowledge import prompt
from knowledge.basis import EvidenceSentence
from knowledge.generate import Generator
from knowledge.probe import fitted_to
from knowledge.quote import Scored, scored
from knowledge.rerank import Reranker
from knowledge.select import select
from knowledge.types import Evidence

CLASSES = ("supported", "contradicted", "neither")
# What the reading was fitted with.
_WORDS = 130


@dataclass(frozen=True, slots=True)
class Stance:
    """Probabilities that passages say a statement, and that they say its opposite."""

    supported: float
    contradicted: float


@dataclass(frozen=True, slots=True)
class StanceProbe:
    """A linear reading of a model's state: `weights` (classes, hidden), `intercepts` (classes,)."""

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
    stored = fitted_to(model, "stance.json")
    if stored is None:
        return None
    intercepts, weights = (
        np.array(stored[name], dtype=np.float32) for name in ("intercepts", "weights")
    )
    return StanceProbe(intercepts, weights)


def state_of(
    statement: str,
    evidence: Sequence[Evidence],
    sentences: Sequence[Scored],
    *,
    generator: Generator,
) -> tuple[float, ...]:
    """The model's state when it has read evidence and a statement; () where none is to be seen.

    `sentences` are those of the evidence, scored for the statement.
    """
    excerpts = select(evidence, sentences, words=_WORDS)
    reading = generator.read(prompt.build_statement(statement, excerpts))
    return reading.state(prompt.STATED)


class StanceReader:
    """Lets the model read evidence and a statement, and tells what it makes of them."""

    def __init__(self, generator: Generator, *, reranker: Reranker, probe: StanceProbe) -> None:
        self._generator = generator
        self._reranker = reranker
        self._probe = probe

    def read(
        self,
        statement: str,
        evidence: Sequence[Evidence],
        sentences: Sequence[EvidenceSentence],
    ) -> tuple[Stance | None, tuple[EvidenceSentence, ...]]:
        """What the evidence says of a statement, and its sentences, nearest to it first."""
        rated = scored(statement, sentences, reranker=self._reranker)
        state = state_of(statement, evidence, rated, generator=self._generator)
        nearest = sorted(rated, key=lambda each: -each.score)
        found = tuple(each.sentence for each in nearest)
        return (self._probe.stance(state) if state else None), found
