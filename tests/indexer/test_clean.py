"""Cleaning: what a reader cannot see goes, what is written stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clean import clean, clean_lines, normalise, printable, squeeze

# Surrogates too: JSON can hold them alone.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("caf\u0065\u0301", "caf\u00e9"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("right\u202eto\u202cleft\u2066.\u2069", "righttoleft."),
        ("trans\u00adformer", "transformer"),
        ("10\u00a0000\u202fkm", "10 000 km"),
        ("\ufb01ne \ufb02ow, e\ufb00ect, o\ufb03ce", "fine flow, effect, office"),
        ("a \t  b", "a b"),
        ("  a  \n  b  ", "a\nb"),
        ("a\r\nb\rc\u2028d\x0ce", "a\nb\nc\nd\ne"),
        ("bell\x07 and null\x00", "bell and null"),
        ("half a pair \ud83d here", "half a pair here"),
        ("seen\U000e0068\U000e0069", "seen"),
    ],
)
def test_a_reader_sees_the_same_text(given_text: str, expected: str) -> None:
    assert clean(given_text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "GPT-3, with 175 billion parameters — “few-shot”…",
        "x² ≤ ½ · µ",  # compatibility forms mean something
        "نمی\u200cخواهم",  # a non-joiner inside a Persian word
        "👩\u200d🔬",
        "第一段落。",
    ],
)
def test_text_is_otherwise_verbatim(text: str) -> None:
    assert clean(text) == text


def test_a_joiner_between_latin_letters_is_noise() -> None:
    assert clean("a\u200db\u200c") == "ab"


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(ANY_TEXT)
def test_no_control_character_or_odd_space_is_left(text: str) -> None:
    cleaned = clean(text)
    assert all(
        character in "\n " or unicodedata.category(character) not in {"Cc", "Cs", "Zs", "Zl", "Zp"}
        for character in cleaned
    )
    assert "  " not in cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    cleaned.encode()


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=60))
def test_visible_ascii_is_never_touched(text: str) -> None:
    assert clean(text) == text


def test_normalising_keeps_the_spacing_of_code() -> None:
    assert normalise("if x:\n    y  =  1\u00a0#\u200b") == "if x:\n    y  =  1 #"


def test_printing_keeps_every_visible_character() -> None:
    assert printable("\ufb01ne\u00a0\x00caf\u0065\u0301") == "\ufb01ne caf\u0065\u0301"


def test_squeezing_touches_only_spaces() -> None:
    assert squeeze(" a   b \n\n c\u0301 ") == "a b\n\nc\u0301"


def test_lines_are_counted_as_in_the_file() -> None:
    lines = clean_lines("one\r\n\ttwo\x0cstill two\n\nfour")
    assert lines == ["one", "    two still two", "", "four"]
