"""Text becomes sentences that can be quoted word for word."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.sentences import split_sentences

PROSE = st.text(
    alphabet=st.one_of(
        st.sampled_from("aZé 3.5 !?;:,()[]“”\"'\n\t-*•…e.g.Dr. 中。"), st.characters(codec="utf-8")
    ),
    max_size=200,
)
MARKER = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])?\s*")


def texts(text: str) -> list[str]:
    return [span.text for span in split_sentences(text)]


@given(PROSE)
@example("1. First. Second?\n- third\n\n12) fourth e.g. this one. “Quoted.” Done.")
@example("a\u2028b\x85c\x1cd. E")
def test_every_sentence_stands_verbatim_at_its_place(text: str) -> None:
    end = 0
    for span in split_sentences(text):
        assert span.text == text[span.start : span.end]
        assert span.text
        assert span.text == span.text.strip()
        assert span.start >= end
        end = span.end


@given(PROSE)
def test_only_white_space_and_list_markers_stand_outside_sentences(text: str) -> None:
    end = 0
    for span in split_sentences(text):
        assert all(MARKER.fullmatch(line) for line in text[end : span.start].splitlines())
        end = span.end
    assert all(MARKER.fullmatch(line) for line in text[end:].splitlines())


def test_a_line_break_always_ends_a_sentence() -> None:
    assert texts("one half\nthe other half") == ["one half", "the other half"]


@pytest.mark.parametrize("marker", ["- ", "* ", "• ", "1. ", "12) ", "  - "])
def test_a_list_marker_is_no_part_of_its_sentence(marker: str) -> None:
    assert texts(f"{marker}GANs train two networks. VAEs train one.") == [
        "GANs train two networks.",
        "VAEs train one.",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Vaswani et al. published the transformer in 2017.",
        "It takes approx. 3.5 GB of memory.",
        "See Goodfellow (eds. Bengio and LeCun) for more.",
        "Dr. Hinton, e.g. in Toronto, used p. 12 of vol. 3.",
        "GPT-3.5 and Llama 3.1 405B follow instructions.",
        "DeepLearning.AI teaches it, and NIST.AI.600-1 regulates it.",
        "See arXiv:1706.03762v7 or knowledge.config.Settings for more.",
        "The U.S. Copyright Office decided in March 2023.",
    ],
)
def test_abbreviations_and_numbers_do_not_end_a_sentence(sentence: str) -> None:
    assert texts(f"{sentence} Another one follows.") == [sentence, "Another one follows."]


def test_a_text_without_words_has_no_sentence() -> None:
    assert texts("") == []
    assert texts(" \n\t\n ") == []
