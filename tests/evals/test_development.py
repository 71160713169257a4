"""The questions the bot is tuned with: answerable ones are answered, and none is a golden one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from bot.evaluate import read_cases

HERE = Path(__file__).parent
DEVELOPMENT, GOLDEN = HERE / "development.jsonl", HERE / "golden.jsonl"
DOCUMENTS = HERE.parents[1] / "knowledge" / "documents"
# Two questions that share this much of their words are taken for the same one.
SAME = 0.6
LEAST_ANSWERABLE, LEAST_UNANSWERABLE = 170, 130


@cache
def records() -> list[dict[str, Any]]:
    return [json.loads(line) for line in DEVELOPMENT.read_text("utf-8").splitlines()]


def answerable() -> Iterator[dict[str, Any]]:
    return (each for each in records() if each["must"])


@cache
def text_of(document: str) -> str:
    """A document without its front matter."""
    return (DOCUMENTS / document).read_text("utf-8").split("\n---\n", 1)[1]


@cache
def folded(document: str) -> str:
    return text_of(document).casefold()


def held(group: list[str], texts: list[str]) -> bool:
    """Whether one of the group's strings stands in one of the casefolded texts."""
    return any(option.casefold() in text for option in group for text in texts)


@cache
def words(question: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", question.casefold()))


def test_every_line_is_a_case_with_an_id_of_its_own() -> None:
    cases = read_cases(DEVELOPMENT)
    assert [each.id for each in cases] == [f"d{n:03}" for n in range(1, len(cases) + 1)]
    assert len({(each.question, each.conversation) for each in cases}) == len(cases)


def test_both_answers_and_refusals_are_asked_for() -> None:
    due = [bool(each["must"]) for each in records()]
    assert due.count(True) >= LEAST_ANSWERABLE
    assert due.count(False) >= LEAST_UNANSWERABLE


def test_each_sentence_stands_in_a_document_that_is_named() -> None:
    absent = [
        each["id"]
        for each in answerable()
        if not any(each["sentence"] in text_of(name) for name in each["documents"])
    ]
    assert absent == []


def test_the_documents_hold_what_a_right_answer_must_hold() -> None:
    unmet = [
        (each["id"], group)
        for each in answerable()
        for group in each["must"]
        if not held(group, [each["sentence"].casefold(), *map(folded, each["documents"])])
    ]
    assert unmet == []


def test_every_document_is_asked_about() -> None:
    named = {name for each in answerable() for name in each["documents"]}
    assert named == {path.name for path in DOCUMENTS.glob("*.md")}


def test_where_nothing_is_held_nothing_is_named() -> None:
    refused = [each for each in records() if not each["must"]]
    assert all(not each["documents"] and "sentence" not in each for each in refused)


def test_no_question_is_one_of_the_golden_set() -> None:
    golden = [(each.id, words(each.question)) for each in read_cases(GOLDEN)]
    alike = [
        (each["id"], name)
        for each in records()
        for name, other in golden
        if len(words(each["question"]) & other) >= SAME * len(words(each["question"]) | other)
    ]
    assert alike == []
