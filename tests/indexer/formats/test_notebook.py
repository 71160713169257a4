"""Jupyter notebooks: prose and code in their order, with what the code printed."""

from __future__ import annotations

import json

import pytest

from indexer.document import BlockKind, Document
from indexer.load import load_bytes
from knowledge.errors import DocumentError


def cell(kind: str, source: str, *outputs: dict[str, object]) -> dict[str, object]:
    lines = source.splitlines(keepends=True)
    more = {"outputs": list(outputs), "execution_count": 1} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": lines, **more}


def read(*cells: dict[str, object]) -> Document:
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return load_bytes(json.dumps(notebook).encode(), name="study.ipynb")


def test_cells_keep_their_order_and_headings() -> None:
    document = read(
        cell("markdown", "# The study\n\nWe *count* readers."),
        cell("markdown", "## Method"),
        cell(
            "code",
            "print(1)\nx",
            {"output_type": "stream", "name": "stdout", "text": ["1\n"]},
            {"output_type": "execute_result", "data": {"text/plain": "7", "image/png": "AAAA"}},
        ),
        cell("raw", "never shown"),
    )
    assert document.title == "The study"
    assert [(block.text, block.kind, block.headings) for block in document.blocks] == [
        ("We count readers.", BlockKind.PARAGRAPH, ()),
        ("print(1)\nx", BlockKind.CODE, ("Method",)),
        ("1\n7", BlockKind.CODE, ("Method",)),
    ]
    assert {block.line for block in document.blocks} == {None}


def test_code_that_holds_fences_stays_one_block() -> None:
    code = 'text = """\n````\n# no heading\n````\n"""'
    document = read(cell("code", code))
    assert [block.text for block in document.blocks] == [code]


def test_long_output_is_cut() -> None:
    document = read(cell("code", "go()", {"output_type": "stream", "text": "spam\n" * 10_000}))
    assert len(document.blocks[1].text) <= 2000


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [7]}', b"[" * 100_000]
)
def test_what_is_no_notebook_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"odd\.ipynb (is no notebook|does not hold text)"):
        load_bytes(data, name="odd.ipynb")
