"""Loading: every file becomes a document or a sentence that says why not."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indexer.document import Document
from indexer.formats.records import load_record
from indexer.load import RECORDS, SUFFIXES, load, load_bytes
from knowledge.errors import DocumentError
from tests.indexer.formats.files import CODE, book, new_word, pdf, slide, word


def word_with(text: str) -> bytes:
    document = new_word()
    document.add_paragraph(text)
    return word(document)


def outcome(data: bytes, *, name: str) -> Document | str:
    """The document, or the sentence that says why there is none."""
    try:
        return load_bytes(data, name=name)
    except DocumentError as error:
        return str(error)


def is_sound(result: Document | str, *, name: str) -> bool:
    """Whether a sentence names its file, or a document has a title and text in every block."""
    if isinstance(result, str):
        return result.startswith((f"{name} ", f"{name}, line "))
    return bool(result.title and result.blocks) and all(b.text.strip() for b in result.blocks)


TEXTS = {
    ".csv": b"Readable words.",
    ".htm": b"<title>T</title><p>Readable words.</p>",
    ".html": b"<title>T</title><p>Readable words.</p>",
    ".ipynb": b'{"cells": [{"cell_type": "markdown", "source": "Readable words."}]}',
    ".srt": b"00:00:01,000 --> 00:00:02,000\nReadable words.",
    ".tsv": b"Readable words.",
    ".vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\nReadable words.",
}
WHOLE = {
    **{suffix: TEXTS.get(suffix, b"Readable words.") for suffix in SUFFIXES},
    ".docx": word_with("Readable words."),
    ".epub": book("<p>Readable words.</p>"),
    ".pdf": pdf([["Readable words."]]),
    ".pptx": slide("Readable words."),
}
# One of each format.
KINDS = sorted(SUFFIXES - {".htm", ".markdown", ".tsv", ".vtt"} - CODE | {".py"})


@pytest.mark.parametrize("suffix", sorted(WHOLE))
def test_a_file_of_every_kind_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"notes{suffix.upper()}"
    path.write_bytes(WHOLE[suffix])
    document = load(path)
    assert [block.text.strip("| ") for block in document.blocks] == ["Readable words."]


def test_a_name_without_a_title_is_made_readable() -> None:
    document = load_bytes(b"A sentence.", name="how-to_index%20fast.md")
    assert document.title == "How to index fast"


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"gone\.md does not exist"):
        load(tmp_path / "gone.md")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(DocumentError, match=r"folder\.md is no file"):
        load(tmp_path / "folder.md")


def test_a_name_no_file_can_have_is_answered_too(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"n+\.md cannot be opened"):
        load(tmp_path / f"{'n' * 300}.md")
    with pytest.raises(DocumentError, match=r"\.md cannot be opened"):
        load(tmp_path / "null\0byte.md")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rules.txt", b"- " * 100_000 + b"x\n" + b"-|" * 50_000 + b"x\nx | y"),
        ("marks.txt", b"#" * 100_000 + b" a\n" + b" " * 500_000 + b"x"),
        ("stars.md", b"*a " * 50_000),
        ("brackets.md", b"[" * 50_000 + b" text"),
        ("tables.html", b"<table><tr><td>x<td>y</table>" * 10_000),
    ],
)
def test_repetition_does_not_take_for_ever(name: str, data: bytes) -> None:
    assert is_sound(outcome(data, name=name), name=name)


def test_a_large_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    path.write_bytes(b"word " * 1000)
    assert load(path, limit=5000).blocks
    with pytest.raises(DocumentError, match=r"huge\.txt is larger than 0\.004 MB"):
        load(path, limit=4000)


@pytest.mark.parametrize("name", ["song.mp3", "README", "archive.tar.gz"])
def test_an_unknown_ending_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(DocumentError, match=rf"{name}.*\.docx.*\.txt.* and source code"):
        load_bytes(b"text", name=name)


@pytest.mark.parametrize("suffix", KINDS)
def test_an_empty_file_is_said_to_be_empty(suffix: str) -> None:
    with pytest.raises(DocumentError, match=f"notes{suffix} is empty"):
        load_bytes(b" \n\t", name=f"notes{suffix}")


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_cut_off_file_never_raises_anything_else(suffix: str, keep: float) -> None:
    data = WHOLE[suffix]
    name = f"cut{suffix}"
    assert is_sound(outcome(data[: int(len(data) * keep)], name=name), name=name)


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_a_file_with_another_ending_never_raises_anything_else(suffix: str, other: str) -> None:
    name = f"odd{suffix}"
    assert is_sound(outcome(WHOLE[other], name=name), name=name)


@given(
    data=st.binary(max_size=300) | st.text(max_size=200).map(str.encode),
    suffix=st.sampled_from([*KINDS, RECORDS]),
)
@example(data=b"%PDF-1.7\n1 0 obj", suffix=".pdf")
@example(data=b"---\n[\n---\n", suffix=".md")
@example(data=b"<html><body><table><tr><td>", suffix=".html")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_give_a_document_or_a_sentence(data: bytes, suffix: str) -> None:
    name = f"any{suffix}"
    assert is_sound(outcome(data, name=name), name=name)


def test_every_line_a_block_names_is_in_the_file() -> None:
    data = b"---\ntitle: T\n---\n\n# One\n\nText.\n\n- a\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    lines = data.decode().split("\n")
    document = load_bytes(data, name="a.md")
    assert [lines[(block.line or 0) - 1] for block in document.blocks] == [
        "Text.",
        "- a",
        "| a | b |",
    ]


def test_the_heavy_libraries_wait_for_their_first_file() -> None:
    script = (
        "import sys, indexer.load\n"
        "heavy = {'trafilatura', 'pypdfium2', 'docx', 'pptx', 'lxml', 'markdown_it'}\n"
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


class TestRecords:
    """One line of a .jsonl file."""

    def test_its_text_stays_as_it_is_but_for_white_space(self) -> None:
        text = "# No  heading *here*\n- no list\n\n\n\u00a0Second\tparagraph, \ufb01ne."
        document = load_record({"id": "a", "text": text}, where="c.jsonl line 3")
        assert [block.text for block in document.blocks] == [
            "# No heading *here*\n- no list",
            "Second paragraph, \ufb01ne.",
        ]

    def test_its_title_is_its_id_unless_given(self) -> None:
        assert load_record({"id": "doc-1", "text": "x"}, where="w").title == "doc-1"
        assert load_record({"id": 7, "text": "x"}, where="w").title == "7"
        titled = load_record({"id": "a", "title": " The\u00a0 title ", "text": "x"}, where="w")
        assert titled.title == "The title"

    def test_it_may_state_its_date_and_source(self) -> None:
        record = {"id": "a", "text": "x", "updated": "2025-03-01T10:00:00Z", "url": "https://e.org"}
        document = load_record(record, where="w")
        assert (document.updated, document.source) == ("2025-03-01", "https://e.org")

    @pytest.mark.parametrize(
        ("record", "missing"),
        [
            ({"text": "x"}, "no 'id'"),
            ({"id": " ", "text": "x"}, "no 'id'"),
            ({"id": "a"}, "no 'text'"),
            ({"id": "a", "text": ["x"]}, "no 'text'"),
            ({"id": "a", "text": " \n "}, "no text"),
        ],
    )
    def test_what_it_lacks_is_said_with_its_place(
        self, record: dict[str, object], missing: str
    ) -> None:
        with pytest.raises(DocumentError, match=rf"c\.jsonl line 3 has {missing}"):
            load_record(record, where="c.jsonl line 3")

    @given(
        st.dictionaries(
            st.sampled_from(["id", "title", "text", "updated", "source", "url"]),
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text()
            | st.lists(st.text()),
        )
    )
    def test_no_record_raises_anything_else(self, record: dict[str, object]) -> None:
        try:
            result: Document | str = load_record(record, where="w")
        except DocumentError as error:
            result = str(error)
        assert is_sound(result, name="w")

    def test_half_a_surrogate_pair_does_not_reach_the_database(self) -> None:
        document = load_record({"id": "a", "text": "cut \ud83d off"}, where="w")
        assert document.blocks[0].text == "cut off"


class TestArchives:
    """Zip files that claim to be Word documents."""

    def test_one_that_unpacks_to_far_more_is_refused(self) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", bytes(201_000_000))
        assert len(stream.getvalue()) < 1_000_000
        with pytest.raises(DocumentError, match=r"bomb\.docx unpacks to more than 200 MB"):
            load_bytes(stream.getvalue(), name="bomb.docx")

    def test_one_without_a_document_in_it_is_refused(self) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("a.txt", "text")
        with pytest.raises(DocumentError, match=r"a\.docx cannot be read as a Word document"):
            load_bytes(stream.getvalue(), name="a.docx")
