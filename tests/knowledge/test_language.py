"""A question's language is told by its small words, and English is never taken for another one."""

from __future__ import annotations

import pytest

from knowledge.language import language, without_small_words


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Was ist ein Transformer?", "German"),
        ("Warum halluzinieren Sprachmodelle?", "German"),
        ("Qui a inventé les GAN ?", "French"),
        ("¿Quién creó ELIZA?", "Spanish"),
        ("O que é uma rede neural?", "Portuguese"),
        ("Che cosa è un modello di diffusione?", "Italian"),
        ("Hoe werkt een transformer en wat is het?", "Dutch"),
        ("什么是Transformer？", "another"),
        ("LoRAとは何ですか", "another"),
        ("Что такое GPT?", "another"),
    ],
)
def test_other_languages_are_told(question: str, name: str) -> None:
    assert language(question) == name


@pytest.mark.parametrize(
    "question",
    [
        "What is the difference between LoRA and QLoRA?",
        "who won the Edmond de Belamy auction",
        "latent space",
        "What do α and β stand for?",
        "Is the name 'das Modell' German?",
        "did van den Oord publish WaveNet",
        "what is temprature",
        "",
    ],
)
def test_english_is_english(question: str) -> None:
    assert language(question) == "English"


def test_small_words_are_left_out() -> None:
    assert without_small_words("Was ist ein Transformer?", "German").split() == ["Transformer?"]
    assert without_small_words("what is it", "English") == "what is it"
