"""Acronyms and long forms find each other where the documents define them, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.acronyms import expanded, long_form, short_form, spelt_out

TEXTS = (
    "Our Customer Success Team (CST) answers. The team meets on Mondays.",
    "CST is led by Ada. Retrieval-augmented generation (RAG) helps it, and GANs do not.",
    "Mixture of experts (MoE) and LoRA (low-rank adaptation) save memory.",
    "The customer survey tool (CST) of the vendor is another one. GAN stands alone.",
    "The CST (Customer Success Team) is small. Generative adversarial networks (GANs) are large.",
)


def texts(phrase: str) -> list[str]:
    words = phrase.lower()
    return [each for each in TEXTS if words in each.lower().replace("-", " ")]


@pytest.mark.parametrize(
    ("question", "wide"),
    [
        ("Who leads the CST?", "Who leads the CST? (customer success team)"),
        ("who leads the customer success team", "who leads the customer success team (CST)"),
        ("how does rag work", "how does rag work (retrieval-augmented generation)"),
        ("what is a moe", "what is a moe (mixture of experts)"),
        ("low-rank adaptation rank", "low-rank adaptation rank (LoRA)"),
        ("LoRA or MoE?", "LoRA or MoE? (low-rank adaptation, mixture of experts)"),
        ("Are GANs large?", "Are GANs large? (generative adversarial networks)"),
        ("generative adversarial networks", "generative adversarial networks (GAN)"),
    ],
)
def test_a_question_gets_the_other_form_too(question: str, wide: str) -> None:
    assert expanded(question, texts=texts) == wide


@pytest.mark.parametrize(
    "question",
    [
        "What is RAG (retrieval-augmented generation)?",
        "Which XYZ?",
        "Is it so?",
        "the team meets",
        "",
    ],
)
def test_a_question_without_a_defined_acronym_stays(question: str) -> None:
    assert expanded(question, texts=texts) == question


def test_documents_that_are_divided_tell_nothing() -> None:
    assert long_form("CST", [TEXTS[0], TEXTS[3]]) == ""
    assert long_form("CST", TEXTS) == "customer success team"


def test_an_acronym_takes_its_letters_from_the_words_before_it() -> None:
    assert spelt_out("MoE", "it is a mixture of experts") == "mixture of experts"
    assert spelt_out("LoRA", "low-rank adaptation") == "low-rank adaptation"
    assert spelt_out("RAG", "the rest") == ""
    assert short_form(["other", "things"], ["other things (RAG) follow"]) == ""


@given(st.text("abAB ()-", max_size=12), st.text("abAB ()-", max_size=20))
def test_what_is_spelt_out_ends_the_text(short: str, text: str) -> None:
    assert text.strip().endswith(spelt_out(short, text))
