"""Where documents give different figures for the same, neither is left out."""

from __future__ import annotations

import pytest

from knowledge.basis import evidence_sentences
from knowledge.disagree import rivals
from knowledge.proof import Proof
from knowledge.quote import Scored
from knowledge.types import Evidence, Location, Passage

QUESTION = "How many arches does the Harrow bridge have?"
NINE = "The Harrow bridge has 9 arches and was opened in 1904."


def scored(*texts: str, scores: tuple[float, ...] = (3.0, 2.0, 1.0)) -> list[Scored]:
    found = []
    for number, text in enumerate(texts):
        passage = Passage(f"p{number}", f"d{number}", "Bridges", text, Location(), 0)
        basis = evidence_sentences([Evidence(passage, 1.0, 1.0, 1.0)])
        found.extend(Scored(each, scores[number]) for each in basis)
    return found


@pytest.mark.parametrize(
    "other",
    [
        "The Harrow bridge has 11 arches.",
        "According to the survey the Harrow bridge has twelve arches: 12 arches in all.",
        "Opened in 1907, the Harrow bridge has 9 arches.",
    ],
)
def test_other_figures_for_the_same_are_found(other: str) -> None:
    found = rivals(QUESTION, scored(NINE, other))
    assert found is not None
    assert [each.text for each in found] == [NINE, other]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("The Harrow bridge, opened in 1904, has 9 arches.", "it says the same"),
        ("The Harrow bridge has 9 arches of stone.", "it only says less"),
        ("The Harrow bridge has 3 gates and was opened in 1904.", "it counts something else"),
        ("The Oster bridge has 11 arches.", "it is another bridge"),
        ("Of the 11 arches that tourists photograph most, many are in Lane.", "another subject"),
    ],
)
def test_what_does_not_disagree_is_left_alone(other: str, why: str) -> None:
    assert rivals(QUESTION, scored(NINE, other)) is None, why


def test_one_document_does_not_disagree_with_itself() -> None:
    assert rivals(QUESTION, scored(f"{NINE} The Harrow bridge has 11 arches.")) is None


def test_what_does_not_speak_to_the_question_is_no_rival() -> None:
    other = "The Harrow bridge has 11 arches."
    assert rivals(QUESTION, scored(NINE, other, scores=(3.0, -4.0))) is None


def test_both_are_quoted_in_the_answer() -> None:
    other = "The Harrow bridge has 11 arches."
    proof = Proof(QUESTION, scored(NINE, other))
    list(proof.add("The Harrow bridge has 9 arches."))
    list(proof.end(cut=False))
    assert [each.quote for each in proof.citations.listed()] == [NINE, other]
    assert proof.disagree is not None
