"""The documents that come with the project are whole, dated, sourced, and its own words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
import yaml

from indexer.load import load
from knowledge.config import DOCUMENTS

FILES = sorted(DOCUMENTS.glob("*.md"))
# A corpus to be answered from, where it lies beside the repository; none of it may be copied.
SOURCES = Path(__file__).parents[2] / "shared" / "source-documents"
RUN = 8


def front_matter(file: Path) -> dict[str, object]:
    opening, header, _ = file.read_text("utf-8").split("---\n", 2)
    assert opening == ""
    found = yaml.safe_load(header)
    assert isinstance(found, dict)
    return found


def body(file: Path) -> str:
    return file.read_text("utf-8").split("---\n", 2)[2]


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 35


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_document_says_what_it_is_and_what_it_rests_on(file: Path) -> None:
    header = front_matter(file)
    assert isinstance(header["title"], str)
    assert isinstance(header["summary"], str)
    assert len(header["summary"].split()) >= 5
    assert isinstance(header["updated"], date), "an ISO date, unquoted"
    references = header["references"]
    assert isinstance(references, list)
    assert references
    for each in references:
        assert each.keys() >= {"authors", "title", "year", "id"}
        assert all(str(each[key]).strip() for key in ("authors", "title", "id"))
        assert re.fullmatch(r"(19|20)\d\d", str(each["year"]))
    ids = [each["id"] for each in references]
    assert len(ids) == len(set(ids)), "a work is listed once"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_document_is_read_whole(file: Path) -> None:
    document = load(file)
    assert document.title == front_matter(file)["title"]
    assert document.updated == str(front_matter(file)["updated"])
    assert document.summary == front_matter(file)["summary"]
    assert sum(len(block.text.split()) for block in document.blocks) > 300
    assert len({block.headings for block in document.blocks}) > 3
    assert document.notes == ()


def test_no_two_have_the_same_title_or_id() -> None:
    titles = [str(front_matter(file)["title"]).casefold() for file in FILES]
    assert len(titles) == len(set(titles))
    ids = [file.relative_to(DOCUMENTS).as_posix().casefold() for file in DOCUMENTS.rglob("*.md")]
    assert len(ids) == len(set(ids)) == len(FILES)


def test_the_same_work_is_described_the_same_way() -> None:
    years: dict[str, set[str]] = {}
    for file in FILES:
        for each in _references(file):
            years.setdefault(str(each["id"]).lower(), set()).add(str(each["year"]))
    assert {work: found for work, found in years.items() if len(found) > 1} == {}


def _references(file: Path) -> Iterable[dict[str, object]]:
    found = front_matter(file)["references"]
    assert isinstance(found, list)
    return found


@pytest.mark.skipif(not SOURCES.is_dir(), reason="the corpus is not beside the repository")
def test_no_sentence_is_copied_from_the_corpus() -> None:
    sources = [file for file in SOURCES.rglob("*") if file.is_file()]
    assert sources
    taken = set().union(*(runs(file.read_text("utf-8", "replace")) for file in sources))
    for file in FILES:
        shared = [" ".join(run) for run in runs(body(file)) & taken]
        assert shared == [], file.name
