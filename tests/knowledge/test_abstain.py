"""Whether evidence is enough is decided from signals by a fitted calibration."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.abstain import (
    NAMES,
    Calibration,
    Signals,
    missing_names,
    shipped_calibration,
    signals,
)
from knowledge.types import Evidence, Location, Passage

EVEN = Calibration("test", 0.0, {"answerable": 1.0}, 0.5)
NOTHING = Signals(relevance=0.0, similarity=0.0, covered=0.0, named=0.0)


def evidence(text: str, *, title: str = "GANs", relevance: float = 1.0) -> Evidence:
    passage = Passage("p", "d", title, text, Location(("Training",)), 0)
    return Evidence(passage, 1.0, relevance, relevance / 10)


def test_a_probability_follows_the_weighted_signals() -> None:
    assert EVEN.probability(NOTHING) == pytest.approx(0.5)
    assert EVEN.probability(replace(NOTHING, answerable=2.0)) == pytest.approx(0.8808, abs=1e-4)
    assert EVEN.probability(replace(NOTHING, relevance=9.0)) == pytest.approx(0.5)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_no_signal_is_too_large(value: float) -> None:
    assert 0.0 <= EVEN.probability(replace(NOTHING, answerable=value)) <= 1.0


def test_the_best_passage_counts() -> None:
    found = signals(
        "What is mode collapse?",
        [evidence("Mode collapse is so.", relevance=-2.0), evidence("Other.", relevance=3.0)],
        answerable=1.5,
        stated=2.5,
    )
    assert found.relevance == 3.0
    assert found.similarity == pytest.approx(0.3)
    assert (found.answerable, found.stated) == (1.5, 2.5)
    assert found.covered == 1.0
    assert found.named == 1.0


def test_words_and_names_that_no_passage_holds_are_counted() -> None:
    found = signals(
        "When did Ada Lovelace train GPT-4?",
        [evidence("GPT-4 was trained.")],
        answerable=0.0,
        stated=0.0,
    )
    assert 0.0 < found.covered < 1.0
    assert found.named == 0.5


def test_a_name_that_stands_nowhere_is_told() -> None:
    text = [evidence("Ian Goodfellow introduced them.")]
    assert missing_names("Did Ian Goodfellow know Joseph Weizenbaum?", text) == (
        "Joseph Weizenbaum",
    )
    assert missing_names("What did Ian Goodfellow introduce?", text) == ()


def test_a_title_or_heading_may_hold_the_name() -> None:
    assert missing_names("How are the GANs trained in Training?", [evidence("Step by step.")]) == ()


@pytest.mark.parametrize("probed", [True, False])
def test_the_shipped_calibration_is_whole(probed: bool) -> None:
    shipped = shipped_calibration(probed=probed)
    assert shipped.version
    assert shipped.weights.keys() <= set(NAMES)
    assert 0.0 < shipped.threshold < 1.0
    sure = Signals(
        relevance=9.0, similarity=0.9, covered=1.0, named=1.0, answerable=6.0, stated=9.0
    )
    lost = Signals(
        relevance=-11.0, similarity=0.1, covered=0.1, named=0.0, answerable=-6.0, stated=-11.0
    )
    assert shipped.probability(sure) > shipped.threshold > shipped.probability(lost)


def test_signals_have_the_names_they_are_calibrated_by() -> None:
    assert NOTHING.values().keys() >= set(NAMES)
