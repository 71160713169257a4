"""PowerPoint slides: titles, bullets, tables, charts and notes, with the slide as the page."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from indexer.document import Block, BlockKind, Document
from indexer.load import load_bytes
from knowledge.errors import DocumentError

TITLE, TITLE_AND_CONTENT, TITLE_ONLY, BLANK = 0, 1, 5, 6


def read(presentation: Any, *, name: str = "my-talk.pptx") -> Document:
    stream = io.BytesIO()
    presentation.save(stream)
    return load_bytes(stream.getvalue(), name=name)


def slide(presentation: Any, layout: int, title: str = "") -> Any:
    made = presentation.slides.add_slide(presentation.slide_layouts[layout])
    if title:
        made.shapes.title.text = title
    return made


def box(made: Any, text: str) -> None:
    frame = made.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(1)).text_frame
    frame.text = text


def test_slides_keep_their_structure() -> None:
    talk = pptx.Presentation()
    opening = slide(talk, TITLE, "Reading rooms")
    opening.placeholders[1].text = "A talk for librarians"
    hours = slide(talk, TITLE_AND_CONTENT, "Opening\vhours")
    frame = hours.placeholders[1].text_frame
    frame.text = "Weekdays"
    deeper = frame.add_paragraph()
    deeper.text, deeper.level = "From nine", 1
    hours.notes_slide.notes_text_frame.text = "Mention the holidays."
    numbers = slide(talk, TITLE_ONLY, "Numbers")
    table = numbers.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for index, text in enumerate(["Year", "Readers", "2024", "1,200"]):
        table.cell(index // 2, index % 2).text = text

    document = read(talk)

    assert document.title == "Reading rooms"
    assert document.pages == 3
    assert document.notes == ()
    assert document.blocks == (
        Block("A talk for librarians", page=1),
        Block("- Weekdays\n  - From nine", BlockKind.LIST, ("Opening hours",), page=2),
        Block("Mention the holidays.", headings=("Opening hours", "Notes"), page=2),
        Block("| Year | Readers |\n| 2024 | 1,200 |", BlockKind.TABLE, ("Numbers",), page=3),
    )


def test_text_in_groups_and_the_numbers_of_a_chart_are_read() -> None:
    talk = pptx.Presentation()
    made = slide(talk, TITLE_ONLY, "Growth")
    group = made.shapes.add_group_shape()
    inner = group.shapes.add_group_shape()
    inner.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "Deep inside."
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Loans", (10.5, None))
    kind = XL_CHART_TYPE.COLUMN_CLUSTERED
    made.shapes.add_chart(kind, 0, 0, Inches(3), Inches(3), data)

    texts = [block.text for block in read(talk).blocks]

    assert texts == ["Deep inside.", "|  | Loans |\n| 2023 | 10.5 |\n| 2024 |  |"]


def test_what_is_not_read_is_said() -> None:
    talk = pptx.Presentation()
    box(slide(talk, BLANK), "Said.")
    slide(talk, BLANK)
    hidden = slide(talk, BLANK)
    box(hidden, "Not said.")
    hidden.element.set("show", "0")
    slide(talk, BLANK)

    document = read(talk)

    assert [block.text for block in document.blocks] == ["Said."]
    assert document.notes == (
        "Slide 3: hidden, and not read.",
        "Slide 2, 4: no text; what its pictures show is not read.",
    )


def test_a_slide_without_a_title_stands_under_no_other() -> None:
    talk = pptx.Presentation()
    box(slide(talk, TITLE_ONLY, "Talk"), "One.")
    box(slide(talk, TITLE_ONLY, "Part"), "Two.")
    box(slide(talk, BLANK), "Three.")
    assert [(b.headings, b.page) for b in read(talk).blocks] == [((), 1), (("Part",), 2), ((), 3)]


def test_the_properties_title_counts_unless_a_program_left_it() -> None:
    talk = pptx.Presentation()
    box(slide(talk, TITLE_ONLY, "First slide"), "Text.")
    talk.core_properties.title = "PowerPoint Presentation"
    assert read(talk).title == "First slide"
    talk.core_properties.title = "The annual report"
    assert read(talk).title == "The annual report"


def test_slides_of_pictures_alone_are_refused() -> None:
    talk = pptx.Presentation()
    slide(talk, BLANK)
    with pytest.raises(DocumentError, match=r"my-talk\.pptx has no text"):
        read(talk)


def test_an_older_or_locked_file_is_told_what_to_become() -> None:
    with pytest.raises(DocumentError, match=r"old\.pptx is protected by a password or in an older"):
        load_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), name="old.pptx")


def test_an_archive_of_too_many_files_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(20_001):
            archive.writestr(f"{number}", "")
    with pytest.raises(DocumentError, match=r"many\.pptx packs 20001 files"):
        load_bytes(stream.getvalue(), name="many.pptx")
