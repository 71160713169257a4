"""A draft is shown in its own words where they stay near the evidence's, else in the latter."""

from __future__ import annotations

import pytest

from knowledge.basis import evidence_sentences
from knowledge.proof import SAID_OTHERWISE, Proof, units
from knowledge.quote import Scored
from knowledge.types import Evidence, Location, Passage, Sentence, Verdict

BRIDGE = (
    "Ada Miles built the Harrow bridge between 1901 and 1904 on behalf of the Lane company, "
    "in a style called Flat Gothic."
)
ROAD = "The road over the bridge is 7 metres wide."
FERRY = "In 1899 the Lane company ran the Oster ferry with 12 boats."
TASKS = (
    "The warden has four tasks:\n- counting the carts\n- lighting the lamps\n"
    "- clearing the snow from the deck\n- closing the gate at night"
)
QUESTION = "Who built the Harrow bridge?"


def proved(
    *draft: str,
    text: str = f"{BRIDGE} {ROAD} {FERRY}",
    score: float = 0.0,
    cut: bool = False,
    question: str = QUESTION,
) -> tuple[list[Sentence], Proof]:
    passage = Passage("p", "d", "Harrow", text, Location(), 0)
    basis = evidence_sentences([Evidence(passage, 1.0, 1.0, 1.0)])
    proof = Proof(question, [Scored(each, score) for each in basis])
    found = [each for piece in draft for each in proof.add(piece)]
    found.extend(proof.end(cut=cut))
    assert found == proof.sentences
    return found, proof


@pytest.mark.parametrize(
    "draft",
    [
        BRIDGE,
        "Ada Miles built the Harrow bridge between 1901 and 1904.",
        "The Harrow bridge was built by Ada Miles from 1901 to 1904, in a style called Gothic.",
    ],
)
def test_what_follows_the_evidence_is_shown_as_it_was_written(draft: str) -> None:
    (sentence,), proof = proved(draft)
    assert (sentence.text, sentence.citations) == (draft, (1,))
    assert [each.quote for each in proof.citations.listed()] == [BRIDGE]


def test_the_same_words_in_another_order_are_replaced_by_the_evidence() -> None:
    draft = (
        "The Harrow bridge was built in Flat Gothic, a style called after Ada Miles of the Lane "
        "company between 1901 and 1904."
    )
    (sentence,), _ = proved(draft)
    assert (sentence.text, sentence.reason) == (BRIDGE, SAID_OTHERWISE)
    assert sentence.verdict is Verdict.SUPPORTED


def test_a_sentence_from_two_places_is_shown_as_both() -> None:
    found, _ = proved(
        "The Lane company, for which Ada Miles built the Harrow bridge, ran 12 boats in 1899."
    )
    assert [each.text for each in found] == [BRIDGE, FERRY]


def test_words_of_two_places_are_not_put_together_about_a_subject_of_one() -> None:
    text = "Lifting carts over the ford is hard, because a cart weighs a ton. The Oster uses ropes."
    (sentence, *_), _ = proved(
        "Yes, the Oster lifts carts over the ford.", text=text, question="Can the Oster lift carts?"
    )
    assert sentence.text in text
    assert sentence.reason == SAID_OTHERWISE


def test_evidence_that_does_not_speak_to_the_question_replaces_nothing() -> None:
    draft = "Metres wide is the bridge's road: 7 over it."
    (sentence,), proof = proved(draft, score=-9.0)
    assert not sentence.supported
    assert not proof.citations.listed()


def test_what_the_evidence_does_not_hold_is_not_shown() -> None:
    (sentence,), _ = proved("Ada Miles built the Harrow bridge in 1950.", score=-9.0)
    assert sentence.verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize(("score", "quoted"), [(0.0, True), (-3.0, False)])
def test_a_side_of_a_comparison_that_is_forgotten_is_quoted(score: float, quoted: bool) -> None:
    lamps = "The Oster lamp burns oil. The Harrow lamp burns gas. The lamps stand on the deck."
    question = "How do the Oster lamp and the Harrow lamp differ?"
    found, _ = proved("The Oster lamp burns oil.", text=lamps, score=score, question=question)
    expected = ["The Oster lamp burns oil.", *(["The Harrow lamp burns gas."] if quoted else [])]
    assert [each.text for each in found] == expected


def test_a_row_of_a_table_is_said_as_prose_and_quoted_as_it_stands() -> None:
    text = "| Lamp | Oil |\n| --- | --- |\n| Oster lamp | two pints a night |"
    found, proof = proved("Nothing of this.", text=text, score=3.0, question="Oil of the lamp?")
    assert "Oster lamp: two pints a night" in [each.text for each in found if each.supported]
    assert "| Oster lamp | two pints a night |" in [e.quote for e in proof.citations.listed()]


def test_a_list_is_shown_in_the_words_of_the_documents() -> None:
    draft = (
        "The tasks of the warden are:\n1. Counting carts\n2. Clearing snow from the deck\n"
        "3. Closing the gate at night"
    )
    found, _ = proved(*draft, text=TASKS, score=-9.0)
    texts = [each.text for each in found if each.supported]
    assert "clearing the snow from the deck" in texts
    assert "closing the gate at night" in texts
    assert not any(each.text.endswith(":") and each.supported for each in found)


def test_the_same_evidence_is_shown_once() -> None:
    twisted = "Flat Gothic is the style in which Ada Miles built the Harrow bridge for Lane."
    found, _ = proved(f"{BRIDGE} {twisted}")
    assert [each.text for each in found] == [BRIDGE]


@pytest.mark.parametrize("step", [1, 3, 7])
def test_pieces_of_any_size_make_the_same_sentences(step: int) -> None:
    draft = f"{BRIDGE} It is J. M. Lane's. {ROAD}"
    pieces = [draft[at : at + step] for at in range(0, len(draft), step)]
    assert proved(*(pieces))[0] == proved(draft)[0]


def test_a_sentence_that_was_cut_off_is_left_out() -> None:
    whole, _ = proved(f"{BRIDGE} The road over the bridge", cut=True)
    assert [each.text for each in whole] == [BRIDGE]


def test_a_list_is_one_unit_with_what_introduces_it() -> None:
    text = "It is so. There are two:\n- One thing. It is small.\n- Another thing\nSo it ends."
    assert [(each.text, each.items) for each in units(text)] == [
        ("It is so.", 0),
        ("There are two:\nOne thing. It is small.\nAnother thing", 2),
        ("So it ends.", 0),
    ]


def test_no_word_of_a_draft_is_in_two_units() -> None:
    text = "1. First.\n2. Second.\n\nThen: this. And that."
    found = units(text)
    assert [each.text for each in found] == ["First.\nSecond.", "Then: this.", "And that."]
    assert [each.end for each in found] == sorted({each.end for each in found})
