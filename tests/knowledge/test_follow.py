"""A conversation's next question names what it points back to, and a new subject is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.follow import standalone

LORA = ("What is LoRA?", "LoRA freezes a model's weights and trains two small matrices.")
GAN = ("What is a GAN?", "A GAN trains a generator and a discriminator against each other.")
SIZE = ("How many parameters does GPT-3 have?", "GPT-3 has 175 billion parameters.")
CHATBOT = ("What was the first chatbot?", "Joseph Weizenbaum published ELIZA in January 1966.")
GATES = (
    "Which gates does an LSTM have?",
    "Three gates, called the forget gate, the input gate and the output gate, control it.",
)
STEPS = ("What are the steps?", "1. Loading of files 2. Chunking into passages 3. Embedding")


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
        ("What is a diffusion model?", "how are they trained", "how are diffusion models trained"),
        ("How is the FID computed?", "is it better than BLEU?", "is the FID better than BLEU?"),
        (
            "Why is diffusion slow?",
            "can I change that?",
            "can I change that (diffusion slow)?",
        ),
        ("What is RLHF?", "why?", "why (RLHF)?"),
    ],
)
def test_what_is_pointed_at_is_named(before: str, question: str, alone: str) -> None:
    assert standalone(question, [(before, "An answer.")]) == alone


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        (CHATBOT, "who wrote it?", "who wrote ELIZA?"),
        (
            CHATBOT,
            "Which book did he write later?",
            "Which book did Joseph Weizenbaum write later?",
        ),
        (
            ("Which method tunes a 65B model?", "QLoRA can, on one GPU."),
            "who published that?",
            "who published QLoRA?",
        ),
        (
            ("Which lawyers were caught?", "In Mata v. Avianca, a court fined two lawyers."),
            "how much did they pay?",
            "how much did lawyers pay?",
        ),
        (
            (
                "Is there a benchmark for truth?",
                "TruthfulQA, by Lin et al., asks what people err in.",
            ),
            "how many questions does it have?",
            "how many questions does TruthfulQA have?",
        ),
    ],
)
def test_a_name_may_come_from_the_answer(
    before: tuple[str, str], question: str, alone: str
) -> None:
    assert standalone(question, [before]) == alone


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        (SIZE, "and GPT-2?", "How many parameters does GPT-2 have?"),
        (SIZE, "what about llama 2", "How many parameters does llama 2 have?"),
        (SIZE, "how many layers?", "how many layers (GPT-3)?"),
        (GAN, "and VAEs?", "What is VAEs?"),
        (GAN, "and the disadvantages?", "and the disadvantages (a GAN)?"),
        (GAN, "vs diffusion?", "a GAN versus diffusion?"),
        (GAN, "is a VAE faster?", "is a VAE faster than a GAN?"),
        (("What came out in 2023?", "Much."), "and in 2024?", "What came out in 2024?"),
        (("Who won in Physics?", "Hopfield."), "and in chemistry?", "Who won in chemistry?"),
        (("Is an 8 billion model large?", "No."), "and 70b?", "Is an 70b model large?"),
        (("Does 4-bit hurt?", "A little."), "what about 8 bit", "Does 8 bit hurt?"),
        (LORA, "Which rank should I begin with?", "Which rank should I begin with (LoRA)?"),
        (LORA, "what are the limits?", "what are the limits (LoRA)?"),
        (LORA, "is there an alternative?", "is there an alternative (LoRA)?"),
        (LORA, "whats the difference to QLoRA", "whats the difference to QLoRA (LoRA)?"),
    ],
)
def test_what_is_left_out_is_filled_in(before: tuple[str, str], question: str, alone: str) -> None:
    assert standalone(question, [before]) == alone


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        (GATES, "What does the first one do?", "What does the forget gate do (an LSTM)?"),
        (GATES, "and the last?", "and the output gate (an LSTM)?"),
        (
            ("When did Sora come out?", "In 2024."),
            "does the second version have sound?",
            "does Sora 2 have sound?",
        ),
        (GATES, "does the first do more than the last?", None),
        (STEPS, "explain the second step", "explain Chunking (the steps)?"),
        (("GPTQ or AWQ?", "Both."), "who made the latter?", "who made AWQ?"),
        (
            ("GANs or VAEs?", "It depends."),
            "what's the difference between the two?",
            "what's the difference between GANs and VAEs?",
        ),
    ],
)
def test_what_is_counted_is_named(
    before: tuple[str, str], question: str, alone: str | None
) -> None:
    first = "does the forget gate do more than the last (an LSTM)?"
    assert standalone(question, [before]) == (alone or first)


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        (("When did Gemini come out?", "In 2023."), "no, 1.5", "When did Gemini 1.5 come out?"),
        (("When did DALL·E 2 appear?", "In 2022."), "I meant 3", "When did DALL·E 3 appear?"),
        (("When did DALL·E appear?", "In 2021."), "not that one, the third", None),
        (
            ("What is mode collapse?", "…"),
            "sorry, I meant model collapse",
            "What is model collapse?",
        ),
        (GAN, "no, how is it trained?", "how is a GAN trained?"),
    ],
)
def test_a_correction_asks_the_last_question_again(
    before: tuple[str, str], question: str, alone: str | None
) -> None:
    assert standalone(question, [before]) == (alone or "When did DALL·E 3 appear?")


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("tell me more", "more details about LoRA"),
        ("ok, give me an example", "give me an example of LoRA?"),
        ("what else?", "What else is LoRA?"),
        ("thanks! and who made it", "and who made LoRA"),
    ],
)
def test_more_is_more_of_the_same(question: str, alone: str) -> None:
    assert standalone(question, [LORA]) == alone


@pytest.mark.parametrize(
    "question",
    [
        "What is prompt injection?",
        "Who made ELIZA, and when was it shown?",
        "How big is GPT-3?",
        "whats the elbo",
        "what is overfitting",
        "and what is a hidden Markov model?",
        "is it legal to train on books?",
        "how can you see that a picture is a deepfake",
        "is there a tool that can detect text written by machines",
        "what is one-shot prompting?",
        "my model repeats itself, how do I stop it?",
        "how does a decoder choose its next token",
        "why do transformers need positions and how do they get them?",
        "who invented backpropagation",
        "Which came first, word2vec or the LSTM?",
        "Suno vs MusicGen",
        "gpt4o release date",
        "how to validate your models?",
        "Which fairness definitions exist?",
        "Name the advantages that people give for AI.",
        "what does it mean when a loss rises",
        "difference between ELIZA and PARRY",
        "how do they decide the home court advantage in the basketball finals",
        "who argued that as a scientist he was misread",
        "Warum ist das so?",
        "thanks!",
        "ok cool, thank you very much",
    ],
)
def test_a_question_that_stands_alone_is_not_touched(question: str) -> None:
    assert standalone(question, [LORA]) == question
    assert standalone("Why is it so?", []) == "Why is it so?"


def test_the_subject_comes_from_the_last_question_that_names_it() -> None:
    talk = [GAN, ("What is LoRA?", "…"), ("And how does it save memory?", "…"), ("thanks", "…")]
    assert standalone("Does it slow training?", talk) == "Does LoRA slow training?"


def test_a_new_subject_replaces_the_old_one() -> None:
    talk = [GAN, ("and VAEs?", "…")]
    assert standalone("who invented them?", talk) == "who invented VAEs?"


def test_a_talk_that_named_nothing_is_asked_again() -> None:
    assert standalone("why?", [("how so?", "…")]).endswith("why?")


_WORDS = st.lists(
    st.sampled_from(
        "and or no what the last one its it that why of in 2023 GPT-3 I meant , ? ( former".split()
    ),
    max_size=7,
).map(" ".join)


@given(_WORDS, _WORDS, _WORDS)
def test_any_talk_gives_a_question(asked: str, told: str, question: str) -> None:
    alone = standalone(question, [(asked, told)])
    assert isinstance(alone, str)
    assert bool(alone.strip()) >= bool(question.strip())
