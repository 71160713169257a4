"""A comparison has two sides, each with a question of its own; other questions have none."""

from __future__ import annotations

import pytest

from knowledge.sides import sides


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("GAN or VAE for images of faces?", ["GAN", "VAE"]),
        ("LSTM vs transformer", ["LSTM", "transformer"]),
        ("What is the difference between perplexity and BLEU?", ["perplexity", "BLEU"]),
        (
            "How do prompt injection and slopsquatting differ?",
            ["prompt injection", "slopsquatting"],
        ),
        ("How is LoRA different from an adapter?", ["LoRA", "adapter"]),
        ("Compare the Turing test with HumanEval", ["Turing test", "HumanEval"]),
        ("Is Gaussian splatting faster than NeRF?", ["Gaussian splatting", "NeRF"]),
        ("Which is larger, PaLM or BLOOM?", ["PaLM", "BLOOM"]),
        ("Midjourney or Stable Diffusion: which is free?", ["Midjourney", "Stable Diffusion"]),
        ("hidden markov models versus flows", ["hidden markov models", "flows"]),
    ],
)
def test_both_sides_of_a_comparison_are_named(question: str, names: list[str]) -> None:
    assert [side.name for side in sides(question)] == names


def test_each_side_is_asked_what_both_are_asked() -> None:
    found = sides("Did GPT-3 or BLOOM emit more CO2?")
    assert [side.question for side in found] == ["GPT-3 emit CO2", "BLOOM emit CO2"]
    found = sides("LSTM vs transformer for time series")
    assert [side.question for side in found] == ["LSTM time series", "transformer time series"]


@pytest.mark.parametrize(
    "question",
    [
        "What is a GAN?",
        "Which models draw or write?",
        "Can I compare it between two models?",
        "GAN or GANs?",
        "Is there anything better than that?",
        "or",
        "",
    ],
)
def test_other_questions_have_no_sides(question: str) -> None:
    assert sides(question) == ()
