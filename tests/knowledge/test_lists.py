"""A question that asks for a list gets all of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from knowledge.basis import evidence_sentences
from knowledge.lists import asked_list, asks_for_list, lists_in
from knowledge.proof import Proof
from knowledge.quote import Scored
from knowledge.rerank import Scores
from knowledge.types import Evidence, Location, Passage
from tests.fakes import OverlapReranker


class SureReranker(OverlapReranker):
    def score(self, question: str, passages: Sequence[str]) -> Scores:
        return super().score(question, passages) + 3.0


TEXT = (
    "A warden has much to do.\n\n- Count the carts. It takes an hour.\n- Light the lamps\n"
    "- Close the gate\n\nThe pay is small."
)
OTHER = "1. One thing only.\n\nText between.\n\n* Bread\n* Milk\n"
ITEMS = ["Count the carts.", "It takes an hour.", "Light the lamps", "Close the gate"]
BASIS = evidence_sentences(
    [
        Evidence(Passage("p", "d", "Warden", TEXT, Location(("Tasks of a warden",)), 0), 1, 1, 1),
        Evidence(Passage("q", "e", "Shop", OTHER, Location(), 0), 1, 1, 1),
    ]
)


@pytest.mark.parametrize(
    "question",
    [
        "What are the tasks of a warden?",
        "Which steps lead to a model?",
        "List the stages of training.",
        "name three advantages of VAEs",
        "Which vector databases are there?",
        "what signs show that it has collapsed?",
    ],
)
def test_questions_that_want_several_things(question: str) -> None:
    assert asks_for_list(question)


@pytest.mark.parametrize(
    "question", ["What is a warden?", "Who built the bridge?", "How does it work?", "Why so?"]
)
def test_questions_that_want_one_thing(question: str) -> None:
    assert not asks_for_list(question)


def test_lists_are_found_with_all_that_their_items_say() -> None:
    assert [[each.text for each in run] for run in lists_in(BASIS)] == [ITEMS, ["Bread", "Milk"]]


def test_the_list_that_was_asked_for_is_taken_whole() -> None:
    found = asked_list("What are the tasks of a warden?", BASIS, reranker=SureReranker())
    assert [each.text for each in found] == ITEMS
    proof = Proof("What are the tasks?", [Scored(each, -9.0) for each in BASIS], listed=found)
    list(proof.add("A warden has to count the carts."))
    list(proof.end(cut=False))
    assert set(ITEMS) <= {each.quote for each in proof.citations.listed()}


def test_a_list_about_something_else_is_not_taken() -> None:
    question = "What are the steps of photosynthesis in ferns?"
    assert asked_list(question, BASIS, reranker=OverlapReranker()) == ()
    assert asked_list("Who is a warden?", BASIS, reranker=OverlapReranker()) == ()
