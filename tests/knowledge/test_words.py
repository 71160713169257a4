"""Names, numbers and words are compared by what they mean, not by how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.words import content_stems, names, numbers, plain, stem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("175B", "175 billion"),
        ("175,000,000,000", "175 billion"),
        ("175 billion parameters", "175bn parameters"),
        ("1.5 million", "1,500,000"),
        ("20k steps", "20 thousand steps"),
        ("seven steps", "7 steps"),
        ("one million tokens", "1,000,000 tokens"),
        ("two thousand GPUs", "2000 GPUs"),
        ("70\u202f000 images", "70,000 images"),
    ],
)
def test_numbers_are_the_same_however_they_are_written(one: str, other: str) -> None:
    assert numbers(one) == numbers(other)
    assert numbers(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("175 million", "175 billion"), ("3.5", "35"), ("2014", "2015"), ("17", "1.7"), ("12", "2")],
)
def test_different_numbers_are_not_the_same(one: str, other: str) -> None:
    assert numbers(one).isdisjoint(numbers(other))


@given(st.integers(0, 10**12))
def test_a_number_is_found_with_and_without_separators(value: int) -> None:
    assert numbers(f"about {value:,} tokens") == numbers(f"about {value} tokens") == {float(value)}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("It follows GPT-4 closely.", " gpt 4 "),
        ("It was made by Ian Goodfellow in Montreal.", " ian goodfellow "),
        ("Many GANs are unstable.", " gan "),
        ("This is what DALL·E 2 paints.", " dall e 2 "),
        ("GPT-3 writes.", " gpt 3 "),
    ],
)
def test_names_are_found_in_a_form_that_can_be_compared(text: str, name: str) -> None:
    assert name in names(text)


@pytest.mark.parametrize(
    "text", ["The model learns.", "In training, it learns.", "Training takes days. Models grow."]
)
def test_a_capital_at_a_sentences_start_makes_no_name(text: str) -> None:
    assert names(text) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [("GPT-4", "GPT 4"), ("GANs", "GAN"), ("OpenAI's", "OpenAI"), ("OpenAI’s", "OpenAI")],
)
def test_spellings_of_a_name_have_one_plain_form(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_a_name_is_not_found_inside_a_longer_one() -> None:
    (gpt_4,) = names("It is GPT-4 here.")
    assert gpt_4 in plain("the GPT-4 model")
    assert gpt_4 not in plain("the GPT-40 model")
    assert gpt_4 not in plain("the GPT-4.5 model")


def test_content_words_meet_across_inflections_and_stop_words_do_not_count() -> None:
    assert content_stems("What is the training of networks?") == content_stems("trained network")
    assert content_stems("what is this and that") == frozenset()
    assert stem("generator's") == stem("generator") == stem("Generators")


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    assert all(content_stems(text))
    assert all(name == f" {name.strip()} " for name in names(text))
    assert plain(text).startswith(" ")
    assert all(number >= 0 for number in numbers(text))
