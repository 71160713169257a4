"""PDFs: paragraphs with their pages, as their writer had them."""

from __future__ import annotations

import threading

import pytest

from indexer.document import Block, BlockKind
from indexer.load import load_bytes
from knowledge.errors import DocumentError
from tests.indexer.formats.files import PdfLine, pdf

FULL = "This line of a paragraph is about as wide as the page lets it be, and"
PARTS = ["data", "models", "training", "images", "sound", "video", "text", "code", "noise"]


def page(
    number: int, *, head: str = "Annual report 2025", foot: str = "Page {} of 9"
) -> list[PdfLine]:
    return [head, "", f"Chapter on {PARTS[number - 1]}.", "", foot.format(number)]


def texts(pages: list[list[PdfLine]]) -> list[str]:
    return [block.text for block in load_bytes(pdf(pages), name="a.pdf").blocks]


def test_lines_become_paragraphs_with_their_pages() -> None:
    document = load_bytes(
        pdf([[FULL, "then it ends.", "", FULL, "ends too."], ["Next page here."]]), name="a.pdf"
    )
    assert document.blocks == (
        Block(f"{FULL} then it ends.", page=1),
        Block(f"{FULL} ends too.", page=1),
        Block("Next page here.", page=2),
    )
    assert (document.pages, document.notes) == (2, ())


def test_paragraphs_without_space_between_them_end_with_a_short_line() -> None:
    assert texts([[FULL, "is short.", FULL, "is short again.", FULL]]) == [
        f"{FULL} is short.",
        f"{FULL} is short again.",
        FULL,
    ]


def test_larger_letters_stand_apart() -> None:
    assert texts([[("A heading in larger letters and", 18), FULL, "it ends."]]) == [
        "A heading in larger letters and",
        f"{FULL} it ends.",
    ]


@pytest.mark.parametrize(
    ("first", "second", "mended"),
    [
        ("the exam-", "ple ends.", "the example ends."),
        ("a state-of-the-", "art model.", "a state-of-the-art model."),
        ("the GPT-", "4 model.", "the GPT-4 model."),
        ("the Wasserstein-", "Kingma bound.", "the Wasserstein-Kingma bound."),
        ("both pre-", "and post-training.", "both pre- and post-training."),
    ],
)
def test_hyphens_at_line_ends_are_mended(first: str, second: str, mended: str) -> None:
    start = "This line goes on for about as long as the page lets it, "
    assert texts([[start + first, second]]) == [start + mended]


def test_the_document_s_other_words_decide_about_a_hyphen() -> None:
    start = "This line goes on for about as long as the page lets it, a "
    assert texts([[start + "well-", "known one.", "", "A well-known fact."]])[0].endswith(
        "a well-known one."
    )


def test_a_sentence_goes_on_over_the_page_s_end() -> None:
    document = load_bytes(pdf([[FULL], ["goes on overleaf.", "", "Then more."]]), name="a.pdf")
    assert document.blocks == (
        Block(f"{FULL} goes on overleaf.", page=1),
        Block("Then more.", page=2),
    )


def test_running_heads_and_page_numbers_are_dropped() -> None:
    kept = [f"Chapter on {part}." for part in PARTS[:4]]
    assert texts([page(number) for number in range(1, 5)]) == kept
    assert texts([page(n, head=f"{n}", foot="- {} -") for n in range(1, 5)]) == kept


def test_a_line_on_two_pages_is_no_running_head() -> None:
    assert "Annual report 2025" in texts([page(1), page(2)])


def test_lists_are_lists() -> None:
    long = "Two that is so long that its line goes on over"
    lines: list[PdfLine] = ["Three things:", "", "- One", f"- {long}", "  the line's end"]
    document = load_bytes(pdf([[*lines, "2. Three", "", "After."]]), name="a.pdf")
    assert document.blocks == (
        Block("Three things:", page=1),
        Block(f"- One\n- {long} the line's end\n2. Three", BlockKind.LIST, page=1),
        Block("After.", page=1),
    )


def test_a_table_of_contents_is_dropped() -> None:
    assert texts([["Training . . . . . . . . 12", "Sampling.........iv", "", "Text."]]) == ["Text."]


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("Attention (in short)", "Attention (in short)"),
        (None, "First line"),
        ("untitled", "First line"),
        ("Microsoft Word - draft.doc", "First line"),
        ("paper_final.tex", "First line"),
    ],
)
def test_the_title_is_the_stated_one_or_the_first_line(stated: str | None, title: str) -> None:
    data = pdf([["First line", "", "A sentence."]], title=stated)
    assert load_bytes(data, name="my-paper.pdf").title == title


def test_without_a_title_line_the_file_name_serves() -> None:
    assert load_bytes(pdf([["A whole sentence."]]), name="my-paper.pdf").title == "My paper"


def test_pages_without_text_are_noted() -> None:
    document = load_bytes(pdf([["Text."], [], [], ["More."]]), name="a.pdf")
    assert document.pages == 4
    assert [note.startswith("Pages 2, 3 have no text") for note in document.notes] == [True]


def test_a_damaged_page_does_not_cost_the_others() -> None:
    whole = pdf([["Text one."], ["Text two."], ["Text three."]])
    torn = whole.replace(b"[5 0 R 7 0 R 9 0 R]", b"[5 0 R 99 0 R 9 0 R]")
    assert torn != whole
    document = load_bytes(torn, name="a.pdf")
    assert [(block.text, block.page) for block in document.blocks] == [
        ("Text one.", 1),
        ("Text three.", 3),
    ]
    assert [note.startswith("Page 2 has no text") for note in document.notes] == [True]


def test_a_scanned_document_is_sent_to_text_recognition() -> None:
    with pytest.raises(DocumentError, match=r"scan\.pdf has no text .*scanned.*OCR"):
        load_bytes(pdf([[], []]), name="scan.pdf")


def test_a_locked_document_is_said_to_be_locked() -> None:
    with pytest.raises(DocumentError, match=r"secret\.pdf is protected by a password"):
        load_bytes(pdf([["Text."]], locked=True), name="secret.pdf")


def test_a_damaged_document_is_said_to_be_damaged() -> None:
    with pytest.raises(DocumentError, match=r"torn\.pdf is damaged"):
        load_bytes(b"%PDF-1.4 and nothing more", name="torn.pdf")


def test_documents_may_be_read_from_several_threads() -> None:
    data = pdf([[f"Line {number} of the page." for number in range(40)]] * 3)
    expected = load_bytes(data, name="a.pdf")
    read = []

    def many() -> None:
        read.extend(load_bytes(data, name="a.pdf") for _ in range(5))

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [expected] * 20
