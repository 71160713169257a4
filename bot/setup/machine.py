"""Which language model fits a machine, and how long its answers will take (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.embedded import EmbeddedModel, Role
from knowledge.hardware import Machine, Speed

# What a usual answer over the shipped documents consists of: tokens that are read, and steps in
# which some 30 are written. A step writes several where the text is copied from the evidence.
PROMPT_TOKENS = 500
STEPS = 15
# Evidence: search and reranking, before the language model.
EVIDENCE_S = 0.6
# The libraries, the embedder, the reranker and a key-value cache.
OVERHEAD_BYTES = 1_500_000_000
# Converted models are stored in two bytes a parameter.
_BYTES = 2
# People wait for an answer that is being written; not much longer than this for its end.
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A language model on this machine; `seconds` is the expected time of one answer."""

    name: str
    fits: bool
    needed: int
    seconds: float


def choices(
    models: Iterable[EmbeddedModel], *, machine: Machine, speed: Speed, element_bytes: int
) -> tuple[Choice, ...]:
    """Every language model, the largest first; `element_bytes` is a weight's size as it is loaded.

    What is answered with may be smaller: that is in `speed`.
    """
    found = []
    for model in models:
        if model.role is not Role.LLM:
            continue
        weights = model.installed_bytes // _BYTES * element_bytes
        needed = weights + OVERHEAD_BYTES
        room = machine.gpu_memory if machine.gpu else machine.memory
        seconds = EVIDENCE_S + _seconds(model.installed_bytes // _BYTES, speed)
        found.append(Choice(model.name, needed <= room, needed, seconds))
    return tuple(sorted(found, key=lambda each: -each.needed))


def best(found: Iterable[Choice]) -> Choice:
    """The largest that fits and answers in time; else the smallest there is."""
    ordered = sorted(found, key=lambda each: -each.needed)
    return next((each for each in ordered if each.fits and each.seconds <= PATIENCE_S), ordered[-1])


def _seconds(parameters: int, speed: Speed) -> float:
    reading = 2 * parameters * PROMPT_TOKENS / speed.operations
    # A step reads every weight once, and multiplies it with the few tokens that were guessed.
    return reading + STEPS * parameters * speed.element_bytes / speed.weights
