"""Word documents: headings, lists and tables by the styles their writer gave them."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from indexer.document import Block, BlockKind, Document
from indexer.load import load_bytes
from knowledge.errors import DocumentError
from tests.indexer.formats.files import new_word, word


def read(document: Any, *, name: str = "my-file.docx") -> Document:
    return load_bytes(word(document), name=name)


def insert(document: Any, xml: str) -> None:
    """Put raw WordprocessingML before the section's properties."""
    element = parse_xml(xml.replace(">", f" {nsdecls('w')}>", 1))
    document.element.body.insert(len(document.element.body) - 1, element)


def test_a_document_keeps_its_structure() -> None:
    source = new_word()
    source.add_heading("The report", 0)
    source.add_paragraph("Opening.")
    source.add_heading("Part", 1)
    source.add_paragraph("Text with ").add_run("bold").bold = True
    source.add_heading("Deeper", 2)
    for text, style in [
        ("One", "List Bullet"),
        ("Two", "List Bullet"),
        ("Inside", "List Bullet 2"),
        ("First", "List Number"),
        ("Second", "List Number"),
    ]:
        source.add_paragraph(text, style=style)
    source.add_paragraph("")
    table = source.add_table(2, 2)
    for row, values in zip(table.rows, [("Model", "nDCG"), ("L6", ".71")], strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    source.add_heading("Next", 1)
    source.add_paragraph("Line one.\nLine\ttwo.")

    document = read(source)

    assert document.title == "The report"
    deep = ("Part", "Deeper")
    assert document.blocks == (
        Block("Opening."),
        Block("Text with bold", headings=("Part",)),
        Block("- One\n- Two\n  - Inside\n1. First\n2. Second", BlockKind.LIST, deep),
        Block("| Model | nDCG |\n| L6 | .71 |", BlockKind.TABLE, deep),
        Block("Line one.\nLine two.", headings=("Next",)),
    )


def test_the_stated_title_comes_first() -> None:
    source = new_word()
    source.core_properties.title = "Stated"
    source.add_heading("Shown", 0)
    source.add_heading("Stated", 1)
    source.add_paragraph("Text.")
    document = read(source)
    assert (document.title, document.blocks[0].headings) == ("Stated", ())


def test_without_a_title_the_first_heading_or_the_name_serves() -> None:
    source = new_word()
    source.add_paragraph("Text.")
    assert read(source).title == "My file"
    source.add_heading("Later", 2)
    source.add_paragraph("More.")
    assert read(source).title == "Later"


def test_a_style_based_on_a_heading_is_a_heading() -> None:
    source = new_word()
    style = source.styles.add_style("Kapitel", 1)
    style.base_style = source.styles["Heading 2"]
    source.add_paragraph("Eins", style="Kapitel")
    source.add_paragraph("Text.")
    source.add_paragraph("Zwei", style="Kapitel")
    source.add_paragraph("Mehr.")
    assert [block.headings for block in read(source).blocks] == [(), ("Zwei",)]


def test_an_outline_level_makes_a_heading() -> None:
    source = new_word()
    source.core_properties.title = "T"
    insert(source, '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>Part</w:t></w:r></w:p>')
    source.add_paragraph("Text.")
    assert read(source).blocks == (Block("Text.", headings=("Part",)),)


def test_tracked_changes_read_as_accepted() -> None:
    source = new_word()
    insert(
        source,
        "<w:p><w:r><w:t>It is </w:t></w:r><w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>new</w:t></w:r></w:ins>"
        "<w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom><w:r><w:t>.</w:t></w:r></w:p>",
    )
    assert [block.text for block in read(source).blocks] == ["It is new."]


def test_content_controls_are_read_and_tables_of_contents_are_not() -> None:
    source = new_word()
    source.styles.add_style("toc 1", 1)
    insert(
        source,
        "<w:sdt><w:sdtContent>"
        '<w:p><w:pPr><w:pStyle w:val="toc1"/></w:pPr><w:r><w:t>Part ... 3</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>",
    )
    assert [block.text for block in read(source).blocks] == ["In a control."]


def test_merged_cells_are_read_once() -> None:
    source = new_word()
    table = source.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "Wide"
    for column in range(3):
        table.cell(1, column).text = str(column)
    assert [block.text for block in read(source).blocks] == ["| Wide |\n| 0 | 1 | 2 |"]


def test_a_locked_or_older_document_is_said_to_be_so() -> None:
    with pytest.raises(DocumentError, match=r"old\.docx is protected by a password or in an older"):
        load_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500), name="old.docx")


def test_a_document_without_text_is_said_to_have_none() -> None:
    with pytest.raises(DocumentError, match=r"my-file\.docx has no text"):
        read(new_word())


def test_entities_that_multiply_are_refused() -> None:
    source = new_word()
    source.add_paragraph("PLACE")
    entities = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {name} "{f"&{below};" * 10}">'
        for below, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(DocumentError, match=r"bomb\.docx cannot be read as a Word document"):
        load_bytes(_with_document(word(source), entities), name="bomb.docx")


def _with_document(data: bytes, entities: str) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(stream, "w") as target,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "word/document.xml":
                body = re.sub(rb"<\?xml[^>]*\?>", b"", content).replace(b"PLACE", b"Text &i;")
                content = b"<!DOCTYPE w [%s]>" % entities.encode() + body
            target.writestr(entry, content)
    return stream.getvalue()
