"""Plain text: headings, lists and tables where the lines look like them."""

from __future__ import annotations

import pytest

from indexer.document import Block, BlockKind, Document
from indexer.load import load_bytes

WRAPPED = (
    "A diffusion model learns to remove noise from an image step by step, and\n"
    "so it can start from pure noise and end with a picture that nobody made."
)


def read(text: str, *, name: str = "file_0-1.txt") -> Document:
    return load_bytes(text.encode(), name=name)


def test_marked_headings_give_the_path() -> None:
    document = read("#Overview\nText one.\n## Deeper\nText two.\n#Infobox\n#Next\nText three.")
    assert document.title == "File 0 1"
    assert document.blocks == (
        Block("Text one.", headings=("Overview",), line=2),
        Block("Text two.", headings=("Overview", "Deeper"), line=4),
        Block("Text three.", headings=("Next",), line=7),
    )


def test_a_paragraph_behind_a_heading_mark_is_no_heading() -> None:
    sentence = "Impact Generative AI has moved from research into use in many fields of work, with:"
    long = f"{sentence} {sentence}"
    document = read(f"#Part\nOne.\n#{long}\n- item\n#Ends with a stop.\nTwo.")
    assert [(block.text, block.headings) for block in document.blocks] == [
        ("One.", ("Part",)),
        (long, ("Part",)),
        ("- item", ("Part",)),
        ("Ends with a stop.", ("Part",)),
        ("Two.", ("Part",)),
    ]


@pytest.mark.parametrize("line", ["#AI #ML #fun", "#!/bin/sh", "C# and F#", "#1234567 ####### #"])
def test_other_uses_of_the_mark_stay(line: str) -> None:
    assert read(f"A sentence.\n{line}\nMore text.").blocks[1].text == line


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("Generative Models Explained: A Guide", "Generative Models Explained: A Guide"),
        ("What is attention?", "What is attention?"),
        ("This first line is a sentence.", "File 0 1"),
        ("Dear all,", "File 0 1"),
        ("- an item", "File 0 1"),
        ("#Heading", "File 0 1"),
        ("word " * 30, "File 0 1"),
    ],
)
def test_a_short_first_line_is_the_title(first: str, title: str) -> None:
    document = read(f"{first}\nThe rest of the text.\nAnd more.")
    assert document.title == title
    assert (first.strip() in [block.text for block in document.blocks]) == (
        title != first and not first.startswith("#")
    )


def test_a_single_line_is_text_and_not_only_a_title() -> None:
    assert [block.text for block in read("Meeting at five").blocks] == ["Meeting at five"]


def test_without_blank_lines_each_line_is_a_paragraph() -> None:
    document = read("One sentence. Another.\nA second line.\nA third line.")
    assert [(block.text, block.line) for block in document.blocks] == [
        ("One sentence. Another.", 1),
        ("A second line.", 2),
        ("A third line.", 3),
    ]


def test_blank_lines_part_paragraphs() -> None:
    document = read("One line.\nSame paragraph.\n\nSecond paragraph.\n\n\nThird.")
    assert [(block.text, block.line) for block in document.blocks] == [
        ("One line.\nSame paragraph.", 1),
        ("Second paragraph.", 4),
        ("Third.", 7),
    ]


def test_wrapped_lines_are_joined() -> None:
    joined = WRAPPED.replace("\n", " ")
    assert [block.text for block in read(f"{WRAPPED}\nEnd.").blocks] == [joined, "End."]
    assert [block.text for block in read(f"{WRAPPED}\n\n{WRAPPED}").blocks] == [joined, joined]


def test_short_lines_and_code_are_not_joined() -> None:
    code = "result = model.generate(input_ids, max_length=50, num_return_sequences=1)"
    lines = ["roses are red", "violets are blue", code, "print(result)"]
    document = read("Start of it.\n" + "\n".join(lines))
    assert [block.text for block in document.blocks[1:]] == lines


@pytest.mark.parametrize("bullet", ["-", "*", "•"])
def test_runs_of_marked_lines_are_a_list(bullet: str) -> None:
    document = read(f"Intro here.\n{bullet} One\n{bullet} Two\n   {bullet} Deep\nAfter it.")
    assert document.blocks[1] == Block("- One\n- Two\n  - Deep", BlockKind.LIST, line=2)
    assert document.blocks[2].text == "After it."


def test_numbers_and_wrapped_items_are_a_list_too() -> None:
    long = "a step that needs so many words that its line has to go on"
    document = read(f"Intro here.\n1. {long}\nbelow the number\n2) two\n\n3. three")
    assert document.blocks[1].text == f"1. {long} below the number\n2. two\n3. three"


@pytest.mark.parametrize(
    "line", ["-5 degrees.", "**Bold** start.", "2014. It was a year.", "3.5 kg."]
)
def test_a_line_that_only_begins_like_an_item_is_none(line: str) -> None:
    assert read(f"Intro here.\n{line}").blocks[1].kind is BlockKind.PARAGRAPH


def test_lines_with_bars_are_a_table() -> None:
    document = read(
        "Models fall into two categories:\n"
        "Aspect | Discriminative | Generative |\n"
        "---|---|---|\n"
        "Purpose | Classify | Generate |\n"
        "| | none | all |\n"
        "After the table.\n"
    )
    assert document.blocks[1] == Block(
        "| Aspect | Discriminative | Generative |\n| Purpose | Classify | Generate |\n"
        "|  | none | all |",
        BlockKind.TABLE,
        line=2,
    )
    assert document.blocks[2].text == "After the table."


def test_a_bar_in_a_sentence_is_no_table() -> None:
    document = read("The model gives p(x|y) here.\nThe prior p(x|z) differs.\nA | alone.")
    assert [block.kind for block in document.blocks] == [BlockKind.PARAGRAPH] * 3
