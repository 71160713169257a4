"""A conversation's next question names what it points back to, and a new subject is left alone."""

from __future__ import annotations

import pytest

from knowledge.follow import standalone, topic


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        (
            "What is a VAE?",
            "And why are its pictures blurry?",
            "And why are a VAE's pictures blurry?",
        ),
        (
            "What is Stable Diffusion?",
            "What was it trained on?",
            "What was Stable Diffusion trained on?",
        ),
        (
            "Explain diffusion models",
            "who came up with them?",
            "who came up with diffusion models?",
        ),
        (
            "How does LoRA work?",
            "and how much memory does it save?",
            "and how much memory does LoRA save?",
        ),
        (
            "Who introduced the Transformer?",
            "How many heads did theirs have?",
            "How many heads did the Transformer's have?",
        ),
        ("What is RLHF?", "why?", "why (RLHF)?"),
    ],
)
def test_what_is_pointed_at_is_named(before: str, question: str, alone: str) -> None:
    assert standalone(question, [(before, "An answer.")]) == alone


@pytest.mark.parametrize(
    "question",
    ["What is prompt injection?", "Who made ELIZA, and when was it shown?", "How big is GPT-3?"],
)
def test_a_question_that_stands_alone_is_not_touched(question: str) -> None:
    assert standalone(question, [("What is LoRA?", "An answer.")]) == question
    assert standalone("Why is it so?", []) == "Why is it so?"


def test_the_subject_comes_from_the_last_question_that_names_it() -> None:
    talk = [("What is a GAN?", "…"), ("What is LoRA?", "…"), ("And how does it save memory?", "…")]
    assert standalone("Does it slow training?", talk) == "Does LoRA slow training?"


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("What is a latent space?", "a latent space"),
        ("Tell me about the risks of deepfakes.", "the risks of deepfakes"),
        ("When did Sora come out?", "Sora"),
        ("Compare GANs and VAEs", "GANs and VAEs"),
        ("What does temperature do in sampling?", "temperature"),
    ],
)
def test_a_questions_subject_is_in_its_own_words(question: str, about: str) -> None:
    assert topic(question) == about
