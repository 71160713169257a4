"""Documents are cut along headings and sentences, and no word is lost on the way."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.chunk import LIMIT_WORDS, TARGET_WORDS, chunk
from indexer.clean import clean
from indexer.document import Block, BlockKind, Document

WORD = st.text(alphabet="abcdeéß中-.,;:!?()*•1234567890", min_size=1, max_size=12)
LONG_WORD = st.text(alphabet="abc/_", min_size=200, max_size=400)
LINE = st.lists(
    WORD | st.sampled_from(["GANs", "collapse.", "2014", "-", "e.g."]), max_size=30
).map(" ".join)
TEXT = st.lists(LINE, min_size=1, max_size=6).map("\n".join).map(clean).filter(str.strip)
BLOCK = st.builds(
    Block,
    text=TEXT,
    kind=st.sampled_from(BlockKind),
    headings=st.sampled_from([(), ("One",), ("One", "Two"), ("Three",)]),
    page=st.none() | st.integers(1, 9),
    line=st.none() | st.integers(1, 999),
)

PROSE = st.builds(
    Block,
    text=st.lists(
        st.sampled_from("A GAN trains two networks. 2014 - e.g. this\n- item, (and)".split(" ")),
        min_size=1,
        max_size=60,
    ).map(" ".join),
    kind=st.sampled_from(BlockKind),
)


def unspaced(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())


def document(*blocks: Block) -> Document:
    return Document("Title", blocks)


def sentences(count: int, *, words: int = 10) -> str:
    return " ".join(
        f"Sentence {n} has {' '.join(['word'] * (words - 4))} here." for n in range(count)
    )


@settings(max_examples=60)
@given(st.lists(BLOCK, max_size=6), st.integers(5, 20), st.integers(20, 40))
def test_all_text_is_kept_in_order_and_no_passage_is_over_the_limit(
    blocks: list[Block], target: int, limit: int
) -> None:
    made = document(*blocks)
    chunks = chunk(made, target=target, limit=limit)
    # Sentences of a line may stand without a space between them.
    assert unspaced(each.text for each in chunks) == unspaced(block.text for block in blocks)
    for each in chunks:
        assert each.text.strip()
        assert len(each.text.split()) <= limit


@given(st.lists(PROSE, min_size=1, max_size=5), st.integers(5, 20), st.integers(20, 40))
def test_all_words_are_kept_in_order(blocks: list[Block], target: int, limit: int) -> None:
    chunks = chunk(document(*blocks), target=target, limit=limit)
    after = " ".join(each.text for each in chunks).split()
    assert after == " ".join(block.text for block in blocks).split()


@given(st.lists(BLOCK, max_size=6))
def test_no_passage_crosses_a_heading(blocks: list[Block]) -> None:
    chunks = chunk(document(*blocks))
    sections = [
        (headings, unspaced(block.text for block in group))
        for headings, group in groupby(blocks, key=lambda block: block.headings)
    ]
    found = [
        (headings, unspaced(each.text for each in group))
        for headings, group in groupby(chunks, key=lambda each: each.headings)
    ]
    assert found == sections


@given(st.lists(WORD | LONG_WORD, min_size=1, max_size=30).map(" ".join).map(clean))
def test_a_word_is_cut_only_where_it_is_longer_than_a_passage(text: str) -> None:
    chunks = chunk(document(Block(text, BlockKind.CODE)), target=10, limit=20)
    pieces = " ".join(each.text for each in chunks).split()
    assert "".join(pieces) == "".join(text.split())
    short = [word for word in text.split() if len(word) <= 20 * 12]
    assert [piece for piece in pieces if piece in short] == short


def test_a_passage_is_at_most_as_long_as_the_models_read() -> None:
    chunks = chunk(document(Block(sentences(400))))
    sizes = [len(each.text.split()) for each in chunks]
    assert max(sizes) <= LIMIT_WORDS
    assert min(sizes) > TARGET_WORDS / 4, "no crumbs are left over"


def test_a_short_document_is_one_passage() -> None:
    (only,) = chunk(document(Block("A GAN trains two networks."), Block("They compete.")))
    assert only.text == "A GAN trains two networks.\n\nThey compete."


def test_sentences_are_not_broken() -> None:
    text = sentences(60)
    for each in chunk(document(Block(text))):
        assert each.text.startswith("Sentence")
        assert each.text.endswith("here.")
        assert each.text in text, "and the text between them stays as it was"


def test_a_passage_knows_where_it_begins() -> None:
    blocks = [
        Block(sentences(12), page=1, line=3, headings=("One",)),
        Block(sentences(12), page=2, line=40, headings=("One",)),
        Block("The end.", page=3, headings=("Two",)),
    ]
    chunks = chunk(document(*blocks))
    assert chunks[0].page == 1
    assert chunks[0].line == 3
    assert (chunks[-1].page, chunks[-1].headings) == (3, ("Two",))
    assert {each.page for each in chunks} == {1, 2, 3}


@pytest.mark.parametrize("marker", ["-", "*", "•", "1.", "12)"])
def test_list_items_keep_their_markers_and_lines(marker: str) -> None:
    text = f"{marker} First item. More of it.\n{marker} Second item."
    (only,) = chunk(document(Block("An introduction:"), Block(text, BlockKind.LIST)))
    assert only.text == f"An introduction:\n\n{text}"


@pytest.mark.parametrize("kind", [BlockKind.TABLE, BlockKind.CODE])
def test_rows_and_code_lines_stay_whole(kind: BlockKind) -> None:
    rows = [f"| row {n} | {'cell ' * 8}|" for n in range(40)]
    chunks = chunk(document(Block("\n".join(rows), kind)))
    assert len(chunks) > 1
    assert [row for each in chunks for row in each.text.splitlines()] == rows


def test_text_without_spaces_is_cut_too() -> None:
    chunks = chunk(document(Block("生成" * 5000)))
    assert len(chunks) > 1
    assert "".join(each.text for each in chunks) == "生成" * 5000
    assert all(len(each.text) <= LIMIT_WORDS * 12 for each in chunks)


def test_a_document_without_text_has_no_passage() -> None:
    assert chunk(document()) == ()
