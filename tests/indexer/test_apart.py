"""A file that breaks, stops or bloats its parser costs a sentence, never the process that asked."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.apart import Reader, ReadingLimits, read_apart
from knowledge.errors import DocumentError

LIMITS = ReadingLimits(seconds=20.0)


@pytest.fixture
def fragile() -> Iterator[Reader]:
    with Reader(limits=replace(LIMITS, seconds=1.0), module="tests.indexer.fragile") as reader:
        yield reader


def children() -> set[str]:
    """The processes that this one has started and not yet seen end."""
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


def test_many_files_are_read_by_one_process(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.md").write_text(f"# Part {number}\n\nText {number}.")
    before = children()
    with Reader(limits=LIMITS) as reader:
        titles = [reader.read_file(tmp_path / f"{number}.md").title for number in range(5)]
        assert len(children() - before) == 1
    assert titles == [f"Part {number}" for number in range(5)]
    assert children() == before


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"crash", "it breaks the reader or takes too much memory"),
        (b"hang", "was not read within 1 s"),
        (b"spin", "was not read within 1 s"),
        (b"eat", r"\(MemoryError\)|takes too much memory"),
        (b"abandon", "it breaks the reader"),
    ],
)
def test_a_parser_that_breaks_costs_one_file(fragile: Reader, data: bytes, told: str) -> None:
    started = time.monotonic()
    with pytest.raises(DocumentError, match=rf"odd\.md .*({told}).*add that"):
        fragile.read(data, name="odd.md")
    assert time.monotonic() - started < 20
    assert fragile.read(b"Whole.", name="next.md").blocks[0].text == "Whole."


def test_a_process_that_was_kept_and_has_ended_is_replaced() -> None:
    with Reader(limits=LIMITS) as reader:
        before = children()
        reader.read(b"One.", name="a.md")
        (first,) = children() - before
        os.kill(int(first), signal.SIGKILL)
        assert reader.read(b"Two.", name="b.md").blocks[0].text == "Two."
        assert children() - {first}


def test_the_next_file_finds_the_process_running() -> None:
    limits = replace(LIMITS, pages=7)
    before = children()
    read_apart(b"One.", name="a.md", limits=limits)
    kept = children() - before
    read_apart(b"Two.", name="b.md", limits=limits)
    assert len(kept) == 1
    assert children() - before == kept


def test_what_a_parser_prints_is_no_answer(fragile: Reader) -> None:
    assert fragile.read(b"print", name="a.md").blocks[0].text == "print"
    assert fragile.read(b"Whole.", name="next.md").blocks[0].text == "Whole."


def test_a_document_that_swells_is_refused_before_it_comes_back(fragile: Reader) -> None:
    with pytest.raises(DocumentError, match=r"odd\.md has 150000000 characters, and at most"):
        fragile.read(b"swell", name="odd.md")


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (replace(LIMITS, file_bytes=1000), r"long\.md has 0\.6 MB, and at most 0\.001 MB are read"),
        (replace(LIMITS, words=10), r"long\.md has 120000 words, and at most 10 are taken"),
        (replace(LIMITS, seconds=0.02), r"long\.md was not read within 0\.02 s"),
    ],
)
def test_a_file_over_a_limit_is_told_which(limits: ReadingLimits, told: str) -> None:
    with pytest.raises(DocumentError, match=told):
        read_apart(b"word " * 120_000, name="long.md", limits=limits)


def test_the_process_knows_none_of_our_secrets(
    monkeypatch: pytest.MonkeyPatch, fragile: Reader
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-token-nobody-may-see")
    before = children()
    fragile.read(b"Whole.", name="a.md")
    (child,) = children() - before
    assert b"a-token" not in Path(f"/proc/{child}/environ").read_bytes()


def test_a_name_cannot_say_more_than_its_ending(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("Not to be read.")
    with Reader(limits=LIMITS) as reader:
        for name in ("../../outside.md", str(outside), "a\0b.md", "line\nbreak.md", "-m.md"):
            assert reader.read(b"Inside.", name=name).blocks[0].text == "Inside."
