"""A file of JSON Lines as a person reviews it: one document, with what is wrong of it noted."""

from __future__ import annotations

import json

import pytest

from indexer.load import load_bytes
from knowledge.errors import DocumentError


def lines(*records: object) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


def test_each_line_stands_under_its_title() -> None:
    data = lines(
        {"id": "a", "title": "Hours", "text": "At nine.\n\nTill six."}, {"id": 2, "text": "Free."}
    )
    document = load_bytes(data, name="facts.jsonl")
    assert document.title == "Facts"
    assert [(block.text, block.headings, block.line) for block in document.blocks] == [
        ("At nine.", ("Hours",), 1),
        ("Till six.", ("Hours",), 1),
        ("Free.", ("2",), 2),
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{oops", r"facts\.jsonl, line 1, is not a JSON object .* Mend that line"),
        (b"[1]", r"facts\.jsonl, line 1, has no 'id'"),
        (b'\n{"id": "a"}', r"facts\.jsonl, line 2, has no 'text'"),
        (b'{"id": true, "text": "x"}', r"facts\.jsonl, line 1, has no 'id'"),
        (b"[" * 100_000, r"facts\.jsonl, line 1, is not a JSON object"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named(data: bytes, told: str) -> None:
    with pytest.raises(DocumentError, match=told):
        load_bytes(data, name="facts.jsonl")


def test_bad_lines_are_noted_beside_good_ones() -> None:
    data = b'{"id": "a", "text": "Nine."}\n{oops\n{"id": "a", "text": "Ten."}'
    document = load_bytes(data, name="facts.jsonl")
    assert [block.text for block in document.blocks] == ["Nine."]
    assert "line 2, is not a JSON object" in document.notes[0]
    assert "line 3, repeats the id of line 1" in document.notes[1]
