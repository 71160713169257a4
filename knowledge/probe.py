"""What a language model has in mind when it is asked whether the passages state an answer.

A small model knows better than it says: a linear reading of its state in the middle of its layers
tells answerable questions from unanswerable ones more surely than its yes or no does (Slobodkin et
al. 2023, arXiv:2310.11877, find answerability in models' states; Azaria and Mitchell 2023,
arXiv:2304.13734, truth). `tests/evals/calibrate.py` fits and saves the reading.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.abstain import Calibration, shipped_calibration

# Of the default model's 28; those around it tell about as much.
PROBED_LAYERS = 19


@dataclass(frozen=True, slots=True)
class Probe:
    """A linear reading of a model's state, of shape (hidden,), after `PROBED_LAYERS` layers."""

    model: str
    intercept: float
    weights: NDArray[np.float32]

    def log_odds(self, state: Sequence[float]) -> float:
        """Log-odds that the passages state the answer."""
        return float(self.weights @ np.asarray(state, dtype=np.float32)) + self.intercept


@dataclass(frozen=True, slots=True)
class Probed:
    """A probe with the calibration of what it reads."""

    probe: Probe
    calibration: Calibration


def probed_for(model: str) -> Probed | None:
    """What was fitted to the model of this name; None where nothing was."""
    probe = probe_for(model)
    return None if probe is None else Probed(probe, shipped_calibration(probed=True))


@cache
def probe_for(model: str) -> Probe | None:
    """The probe that was fitted to the model of this name; None where none was."""
    stored = fitted_to(model, "probe.json")
    if stored is None:
        return None
    weights = np.array(stored["weights"], dtype=np.float32)
    return Probe(model, float(stored["intercept"]), weights)


def fitted_to(model: str, name: str) -> dict[str, Any] | None:
    """What a file beside this one holds, where it was fitted to the model of this name."""
    stored: dict[str, Any] = json.loads(
        resources.files("knowledge").joinpath(name).read_text("utf-8")
    )
    return stored if stored["model"] == model else None
