"""What is known of a question on its way: itself, its evidence, what the model has read."""

from __future__ import annotations

import time
from dataclasses import dataclass

from knowledge import abstain
from knowledge.basis import EvidenceSentence
from knowledge.generate import Reading
from knowledge.quote import Scored
from knowledge.types import Evidence


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a question before the model reads: itself and its evidence.

    `basis` are the sentences of the evidence that may be read and cited: there may be none in it.
    """

    question: str
    started: float
    version: str
    evidence: tuple[Evidence, ...]
    basis: tuple[EvidenceSentence, ...]
    evidence_s: float

    def seconds(self) -> float:
        """Seconds since it was asked."""
        return time.perf_counter() - self.started


@dataclass(frozen=True, slots=True)
class Read:
    """What the model has read, and what speaks for an answer being in it."""

    reading: Reading
    sentences: tuple[Scored, ...]
    listed: tuple[EvidenceSentence, ...]
    signals: abstain.Signals
    calibration: abstain.Calibration


@dataclass(frozen=True, slots=True)
class Noted:
    """What a question's evidence makes of it, and of the model that has read it.

    `said` are the log-odds of the model's word, whatever a probe reads of its state.
    """

    signals: abstain.Signals
    said: float
    state: tuple[float, ...]
