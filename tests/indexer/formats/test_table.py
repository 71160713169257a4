"""Comma- and tab-separated values: each row says what its values are."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest

from indexer.chunk import chunk
from indexer.document import BlockKind, Document
from indexer.load import load_bytes
from knowledge.errors import DocumentError

PEOPLE = [["Name", "Born", "Field"], ["Ada Lovelace", "1815", "Computing"], ["Gauss", "1777", ""]]


def written(rows: Sequence[Sequence[str]], **dialect: str) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, **dialect).writerows(rows)
    return stream.getvalue().encode()


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def test_a_row_says_what_each_value_is() -> None:
    document = load_bytes(written(PEOPLE), name="famous_people.csv")
    assert document.title == "Famous people"
    (block,) = document.blocks
    assert block.kind is BlockKind.TABLE
    assert block.headings == ("rows 2–3",)
    assert block.text == (
        "Name: Ada Lovelace; Born: 1815; Field: Computing\nName: Gauss; Born: 1777"
    )


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator: str) -> None:
    rows = [["Town", "Note"], ["Bern", "small, old; steep"], ["Ulm", "a | b, c\td"]]
    document = load_bytes(written(rows, delimiter=separator), name="towns.csv")
    assert texts(document)[0].startswith("Town: Bern; Note: small, old; steep\nTown: Ulm; Note: a")


def test_tabs_part_a_tsv_whatever_else_is_in_it() -> None:
    data = b"a,b\tc,d\n1,2\t3,4\n5,6\t7,8\n"
    assert texts(load_bytes(data, name="t.tsv")) == ["a,b: 1,2; c,d: 3,4\na,b: 5,6; c,d: 7,8"]


def test_a_table_without_names_stays_a_table() -> None:
    document = load_bytes(written([["1", "2"], ["3", "4"]]), name="numbers.csv")
    assert texts(document) == ["| 1 | 2 |\n| 3 | 4 |"]
    assert document.blocks[0].headings == ("rows 1–2",)


def test_cells_may_hold_lines_and_quotation_marks() -> None:
    rows = [["Q", "A"], ["What?", 'Line one\nline "two"'], ["Next?", "Yes"]]
    document = load_bytes(written(rows), name="faq.csv")
    assert texts(document) == ['Q: What?; A: Line one line "two"\nQ: Next?; A: Yes']


def test_a_long_table_is_parted_and_every_passage_names_its_rows() -> None:
    rows = [["City", "Country", "Population"]]
    rows += [[f"City {n}", f"Country {n}", f"{n} thousand"] for n in range(200)]
    document = load_bytes(written(rows), name="cities.csv")
    passages = chunk(document)
    assert len(passages) == len(document.blocks) > 10
    ninety = next(each for each in passages if "City: City 90;" in each.text)
    first, last = (int(part) for part in ninety.headings[0].removeprefix("rows ").split("–"))
    assert first <= 92 <= last
    assert len(ninety.text.splitlines()) == last - first + 1


def test_a_legacy_encoding_is_read() -> None:
    data = "Stadt;Fluss\r\nKöln;Rhein\r\nMünchen;Isar\r\n".encode("cp1252")
    assert "Stadt: Köln; Fluss: Rhein" in texts(load_bytes(data, name="a.csv"))[0]


def test_a_cell_beyond_what_the_reader_takes_is_told() -> None:
    with pytest.raises(DocumentError, match=r"wide\.csv cannot be read as a table \(field larger"):
        load_bytes(b"a,b\n" + b"x" * 200_000 + b",y\n", name="wide.csv")
