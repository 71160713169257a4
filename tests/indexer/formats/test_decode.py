"""Decoding: text in any common encoding is read; what is no text is said to be none."""

from __future__ import annotations

import random
import zlib

import pytest

from indexer.formats.decode import decode
from knowledge.errors import DocumentError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_with_or_without_its_mark(encoding: str) -> None:
    assert decode("Größe — 日本".encode(encoding), name="a.txt") == "Größe — 日本"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Größe über alles, naïve café — nein"),
        ("cp1252", "“Quoted” words – and a dash; the model’s café."),
        ("cp1250", "Zażółć gęślą jaźń. Polski tekst o sieciach neuronowych, dłuższy."),
        ("cp1251", "Привет, как дела? Это документ о моделях."),
        ("cp932", "これは日本語の文書です。"),
        ("utf-16-le", "Plain words in sixteen bits."),
    ],
)
def test_older_encodings_are_guessed(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding), name="a.txt") == text


def test_a_declared_encoding_is_believed_where_it_fits() -> None:
    data = "Łódź".encode("iso8859-2")
    assert decode(data, name="a.html", declared="iso-8859-2") == "Łódź"
    assert decode(b"plain", name="a.html", declared="no-such-encoding") == "plain"


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 4,
        zlib.compress(b"some text " * 50 + bytes(range(256))),
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        b"MZ\x90\x00" + random.Random(1).randbytes(2000),
    ],
    ids=["every byte", "compressed", "image", "program"],
)
def test_binary_data_is_no_text(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"photo\.txt does not hold text.*save it as UTF-8"):
        decode(data, name="photo.txt")


def test_a_stray_control_character_does_not_condemn_a_text() -> None:
    assert "page" in decode(b"One page.\x0cAnother.\x1a", name="a.txt")
