"""Markdown: blocks read as a reader sees them, under their headings, on their lines."""

from __future__ import annotations

import pytest

from indexer.document import Block, BlockKind, Document
from indexer.load import load_bytes
from knowledge.errors import DocumentError


def read(text: str, *, name: str = "file.md") -> Document:
    return load_bytes(text.encode(), name=name)


def texts(text: str) -> list[str]:
    return [block.text for block in read(text).blocks]


def test_headings_give_the_path_and_lines_the_place() -> None:
    document = read(
        "# Title\n\nFirst\nparagraph.\n\n## Part\n\n### Deep\n\nInside.\n\n## Next\n\nLast.\n"
    )
    assert document.title == "Title"
    assert document.blocks == (
        Block("First paragraph.", line=3),
        Block("Inside.", headings=("Part", "Deep"), line=10),
        Block("Last.", headings=("Next",), line=14),
    )


def test_underlined_headings_count_too() -> None:
    document = read("Title\n=====\n\nPart\n----\n\nText.")
    assert (document.title, document.blocks[0].headings) == ("Title", ("Part",))


def test_several_outermost_headings_are_sections_but_for_the_title() -> None:
    document = read("# Guide\n\nA.\n\n# Setup\n\nB.\n\n## Linux\n\nC.")
    assert [block.headings for block in document.blocks] == [(), ("Setup",), ("Setup", "Linux")]


def test_a_lone_leading_heading_stands_for_the_front_matter_title() -> None:
    document = read("---\ntitle: Diffusion\n---\n\n# Diffusion models\n\n## Noise\n\nText.")
    assert (document.title, document.blocks[0].headings) == ("Diffusion", ("Noise",))


def test_an_outermost_heading_further_down_is_a_section() -> None:
    document = read("---\ntitle: Diffusion\n---\n\nText.\n\n# Notes\n\nMore.")
    assert [block.headings for block in document.blocks] == [(), ("Notes",)]


def test_without_any_title_the_file_name_serves() -> None:
    assert read("## Part\n\nText.", name="my-first_notes.md").title == "My first notes"


def test_anchors_and_closing_marks_are_no_part_of_a_heading() -> None:
    document = read("# Intro[[intro]]\n\n## Setup {#setup} ##\n\n## Use it[[use-it]]\n\nText.")
    assert (document.title, document.blocks[0].headings) == ("Intro", ("Use it",))


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("**Bold**, *slanted*, __bold__ and _slanted_.", "Bold, slanted, bold and slanted."),
        ("A ~~wrong~~ right word.", "A wrong right word."),
        ("See [the paper](https://e.org/a_b 'title') now.", "See the paper now."),
        ("See [the paper][1].\n\n[1]: https://e.org", "See the paper."),
        ("Visit <https://e.org/a>.", "Visit https://e.org/a."),
        ("Run `top_k=*20*` now.", "Run `top_k=*20*` now."),
        ("Set snake_case_name and 2*3*4.", "Set snake_case_name and 2*3*4."),
        ("Stars \\*stay\\* and R&amp;D.", "Stars *stay* and R&D."),
        ("Before ![a chart](c.png) after.", "Before after."),
        ("Wrapped\nonce.", "Wrapped once."),
        ("Broken  \non purpose.", "Broken\non purpose."),
        ("Broken<br>by a tag.", "Broken\nby a tag."),
        ("A <b>tag</b><!-- hidden --> here.", "A tag here."),
        ("The <mask> token and </s>.", "The <mask> token and </s>."),
        ("As $a*b*c$ and $$x_{1}\\,*y*$$.", "As $a*b*c$ and $$x_{1}\\,*y*$$."),
        ("From $5 to *about* $10.", "From $5 to about $10."),
        ("Zero\u200bwidth and\u00a0space.", "Zerowidth and space."),
    ],
)
def test_a_paragraph_reads_as_a_reader_sees_it(written: str, seen: str) -> None:
    assert texts(written) == [seen]


@pytest.mark.parametrize(
    "dropped",
    [
        "<!-- a\n\ncomment -->",
        "![only](a.png) ![images](b.png)",
        "import Tabs from '@theme/Tabs';\nimport { A, B } from \"../b\"",
        "import './style.css'",
        "export const meta = {\n  title: 'x'\n}",
        "---",
        "[ref]: https://e.org",
        "<Tabs>",
        '<img src="a.png">',
        "<script>\nalert(1)\n</script>",
        "<style>\np { color: red }\n</style>",
    ],
)
def test_what_no_reader_sees_is_dropped(dropped: str) -> None:
    assert texts(f"Before.\n\n{dropped}\n\nAfter.") == ["Before.", "After."]


def test_prose_about_imports_stays() -> None:
    assert texts("import taxes rose.\n\nexport volumes fell.") == [
        "import taxes rose.",
        "export volumes fell.",
    ]


def test_a_list_is_one_block_with_a_line_for_each_item() -> None:
    document = read(
        "* One\n  wrapped.\n* Two **bold**\n  1. Deep\n  2. Deeper\n     * Deepest\n\n"
        "* Three\n\n  Second paragraph.\n"
    )
    assert document.blocks == (
        Block(
            "- One wrapped.\n- Two bold\n  1. Deep\n  2. Deeper\n    - Deepest\n"
            "- Three Second paragraph.",
            BlockKind.LIST,
            line=1,
        ),
    )


def test_a_numbered_list_keeps_its_numbers() -> None:
    assert texts("3. Three\n4. Four\n") == ["3. Three\n4. Four"]


def test_code_inside_a_list_stays_with_its_item() -> None:
    assert texts("1. Run:\n\n   ```sh\n   make  all\n     now\n   ```\n2. Done.\n") == [
        "1. Run:\n  make  all\n    now\n2. Done."
    ]


def test_a_table_is_its_rows_without_the_rule() -> None:
    document = read("Text.\n\n| Model | *nDCG* |\n|:---|---:|\n| `a|b` | .7 |\n| A \\| B | |\n")
    assert document.blocks[1:] == (
        Block("| Model | nDCG |\n| `a | b` |\n| A | B |  |", BlockKind.TABLE, line=3),
    )


def test_code_is_verbatim() -> None:
    document = read("```python\ndef f(x):\n\n    return  x  # **not bold**\n```\n\n    indented\n")
    assert document.blocks == (
        Block("def f(x):\n\n    return  x  # **not bold**", BlockKind.CODE, line=1),
        Block("indented", BlockKind.CODE, line=7),
    )


def test_a_quote_reads_as_paragraphs_and_changes_no_path() -> None:
    document = read("# T\n\n> [!TIP]\n> Use *it*.\n>\n> ## Aside\n>\n> - a\n\nAfter.")
    assert [(block.text, block.kind, block.headings) for block in document.blocks] == [
        ("Use it.", BlockKind.PARAGRAPH, ()),
        ("Aside", BlockKind.PARAGRAPH, ()),
        ("- a", BlockKind.LIST, ()),
        ("After.", BlockKind.PARAGRAPH, ()),
    ]


def test_html_in_markdown_is_read_as_a_browser_would() -> None:
    document = read(
        '<h1 align="center">Project</h1>\n\n<p align="center"><img src="a.png"></p>\n\n'
        "<table>\n<tr><th>A</th><th>B</th></tr>\n<tr><td>1</td><td>2</td></tr>\n</table>\n"
    )
    assert document.title == "Project"
    assert document.blocks == (Block("| A | B |\n| 1 | 2 |", BlockKind.TABLE, line=5),)


class TestFrontMatter:
    """What stands between the two lines of dashes."""

    TEXT = (
        "---\n"
        'title: "Hallucination: an overview"\n'
        "summary: What it is\n  and why.\n"
        "updated: 2026-11-21\n"
        "references:\n"
        "  - {authors: Ji et al., title: A survey., year: 2022, id: 'arXiv:2202.03629'}\n"
        "  - {title: No author, id: x}\n"
        "---\n"
        "\n"
        "Body text.\n"
    )

    def test_it_gives_title_date_summary_and_references(self) -> None:
        document = read(self.TEXT)
        assert (document.title, document.updated) == ("Hallucination: an overview", "2026-11-21")
        assert document.summary == "What it is and why."
        assert document.blocks == (
            Block("Body text.", line=11),
            Block(
                "Ji et al. (2022), A survey, arXiv:2202.03629.\nNo author, x.",
                BlockKind.LIST,
                ("References",),
                line=6,
            ),
        )
        assert document.notes == ()

    def test_windows_line_ends_and_a_mark_in_front_change_nothing(self) -> None:
        assert load_bytes(
            b"\xef\xbb\xbf" + self.TEXT.replace("\n", "\r\n").encode(), name="file.md"
        ) == read(self.TEXT)

    @pytest.mark.parametrize("rule", ["---", "---\n\nNo colons here\n\n---"])
    def test_a_rule_at_the_top_is_no_front_matter(self, rule: str) -> None:
        document = read(f"{rule}\n\nBody.")
        assert document.blocks[-1].text == "Body."
        assert document.title == "File"

    def test_broken_yaml_is_named_with_its_line(self) -> None:
        with pytest.raises(DocumentError, match=r"file\.md has front matter.*line 3.*quotes"):
            read("---\ntitle: fine\nsummary: not: fine\n---\n\nBody.")

    @pytest.mark.parametrize("bomb", ["[" * 5000, "{a: " * 5000, "a: " + "x" * 70_000])
    def test_a_bomb_is_refused(self, bomb: str) -> None:
        with pytest.raises(DocumentError, match=r"file\.md has .*front matter"):
            read(f"---\n{bomb}\n---\n\nBody.")

    def test_aliases_that_multiply_are_not_spelled_out(self) -> None:
        levels = "".join(
            f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]\n"
            for below, name in zip("abcdefgh", "bcdefghi", strict=True)
        )
        document = read(f"---\na: &a [x]\n{levels}title: *i\nreferences: *i\n---\n\nBody.")
        assert document.title == "File"

    def test_what_cannot_be_used_is_noted(self) -> None:
        document = read("---\nupdated: last week\nreferences: none\n---\n\nBody.")
        assert document.updated is None
        assert [note.split("`")[1] for note in document.notes] == ["updated", "references"]


def test_a_file_with_headings_only_has_no_text() -> None:
    with pytest.raises(DocumentError, match=r"file\.md has no text"):
        read("# One\n\n## Two\n")
