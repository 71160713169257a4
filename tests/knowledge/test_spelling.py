"""Slips of the hand are put right by the library's words, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.chat import plain_words
from knowledge.library import SHARED, Library
from knowledge.spelling import Speller, candidates, corrected, distance, likely
from knowledge.words import stem
from tests.fakes import index, write_files

KNOWN = {
    stem(word): 3
    for word in "transformer diffusion temperature attention network hallucination image".split()
} | {stem("transformation"): 1}
ORDINARY = frozenset({"score", "shares"})
LETTERS = st.text("abcd", max_size=7)


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("trasnformer", "transformer"),
        ("difusion", "diffusion"),
        ("temprature", "temperature"),
        ("attenton", "attention"),
        ("halucinations", "hallucination"),
        ("netwrok", "network"),
    ],
)
def test_a_slip_is_read_as_what_was_meant(slip: str, meant: str) -> None:
    assert likely(slip, KNOWN)[0] == stem(meant)


@pytest.mark.parametrize("word", ["zorblax", "netflix", "lions", "kindness"])
def test_words_that_are_unlike_any_are_a_slip_of_none(word: str) -> None:
    assert likely(word, KNOWN) == []


@pytest.fixture
def speller(library: Library, tmp_path: Path) -> Speller:
    files = {
        "a.md": "# Models\n\nA transformer uses attention. A diffusion model removes noise.\n",
        "b.md": "# Sampling\n\nThe temperature divides the scores of a transformer.\n",
    }
    index(library, write_files(tmp_path / "files", files))
    return Speller(library, ordinary=ORDINARY.__contains__)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("whats a trasnformer", "what is a transformer"),
        ("wat is temprature", "what is temperature"),
        ("how does difusion remove noise", "how does diffusion remove noise"),
        ("who scores, who shares", "who scores, who shares"),
        ("What is a transformer?", "What is a transformer?"),
        ("What is Temprature?", "What is Temprature?"),
        ("what is a zorblaxer?", "what is a zorblaxer?"),
    ],
)
def test_a_question_is_read_as_the_documents_spell_it(
    speller: Speller, asked: str, meant: str
) -> None:
    assert speller(asked, scopes=[SHARED]) == meant


def test_another_guilds_words_put_nothing_right(speller: Speller) -> None:
    assert speller("whats a trasnformer", scopes=["guild-7"]) == "what is a trasnformer"


def test_names_and_short_words_are_never_candidates() -> None:
    assert candidates("is the Trasnformer or BRET a netwrok, pls") == ("netwrok",)


def test_the_question_keeps_its_form() -> None:
    question = "Wat is a netwrok? (the netwrok of u)"
    assert corrected(question, {"netwrok": "network"}) == "Wat is a network? (the network of u)"
    assert plain_words("whats up with ppl, u?") == "what is up with people, you?"
    assert plain_words("What is GPT-4?") == "What is GPT-4?"


@given(LETTERS, LETTERS)
def test_slips_are_counted_alike_in_both_directions(first: str, second: str) -> None:
    found = distance(first, second, most=9)
    assert found == distance(second, first, most=9)
    assert (found == 0) == (first == second)
    assert abs(len(first) - len(second)) <= found <= max(len(first), len(second))
    assert distance(first, second, most=1) == min(found, 2)


def test_two_swapped_letters_are_one_slip() -> None:
    assert distance("netwrok", "network", most=2) == 1
