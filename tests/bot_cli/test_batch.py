"""Many questions from a file: a result a line, in order, and the first wrong line named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.batch import final_answer, read_questions
from knowledge.errors import GenerationError, UsageError
from tests.bot_cli.conftest import COLLAPSE, HISTORY, Footnote

QUESTIONS = [
    {"id": "a", "question": "What is mode collapse?"},
    {"id": 2, "question": "Who introduced GANs?"},
    {"id": "c", "question": "Who won the cup in Marseille?"},
]


def write(path: Path, *records: object) -> Path:
    lines = [each if isinstance(each, str) else json.dumps(each) for each in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.split("\n") if line]


def test_answers_come_in_order_with_their_ids(
    footnote: Footnote, filled: Path, tmp_path: Path
) -> None:
    result = footnote("ask", "--batch", write(tmp_path / "questions.jsonl", *QUESTIONS))
    assert result.exit_code == 0
    answers = lines(result.stdout)
    assert [each["id"] for each in answers] == ["a", "2", "c"]
    assert [each["answer"] for each in answers] == [f"{COLLAPSE} [1]", f"{HISTORY} [1]", ""]
    assert [each["status"] for each in answers] == ["answered", "answered", "refused"]


def test_results_may_go_to_a_file(footnote: Footnote, filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    questions = write(tmp_path / "questions.jsonl", *QUESTIONS)
    result = footnote("ask", "--batch", questions, "--out", out)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert [each["id"] for each in lines(out.read_text("utf-8"))] == ["a", "2", "c"]


def test_a_search_ranks_all_documents_for_each_line(
    footnote: Footnote, filled: Path, tmp_path: Path
) -> None:
    questions = write(tmp_path / "questions.jsonl", *QUESTIONS[:2])
    result = footnote("search", "--batch", questions, "-k", 1)
    for found, asked in zip(lines(result.stdout), QUESTIONS, strict=False):
        assert found["id"] == str(asked["id"])
        assert found["query"] == asked["question"]
        assert found["ranked"] == ["gan.md", "vae.md"]
        assert len(found["passages"]) == 1


def test_claims_are_checked_line_by_line(footnote: Footnote, filled: Path, tmp_path: Path) -> None:
    claims = write(tmp_path / "claims.jsonl", {"id": "x", "claim": HISTORY})
    (found,) = lines(footnote("check", "--batch", claims).stdout)
    assert found["id"] == "x"
    assert found["claim"] == HISTORY
    assert found["evidence"] == [{"document_id": "gan.md", "sentence": HISTORY}]


def test_a_claim_is_held_against_the_document_it_names(
    footnote: Footnote, filled: Path, tmp_path: Path
) -> None:
    claims = write(
        tmp_path / "claims.jsonl",
        {"id": "right", "claim": HISTORY, "document_id": "gan.md"},
        {"id": "other", "claim": HISTORY, "document_id": "vae.md"},
    )
    right, other = lines(footnote("check", "--batch", claims).stdout)
    assert right["label"] == "supported"
    assert other["label"] == "not_fully"
    missing = write(tmp_path / "missing.jsonl", {"id": 1, "claim": "x y", "document_id": "no.md"})
    result = footnote("check", "--batch", missing)
    assert result.exit_code == 2
    assert "no.md" in result.stderr


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '"text"',
        "3",
        '{"id": "b"}',
        '{"question": "x"}',
        '{"id": 1, "question": null}',
    ],
)
def test_the_first_wrong_line_is_named_before_anything_is_asked(
    footnote: Footnote, filled: Path, tmp_path: Path, line: str
) -> None:
    questions = write(tmp_path / "questions.jsonl", QUESTIONS[0], "", line)
    result = footnote("ask", "--batch", questions)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "line 3" in result.stderr


@pytest.mark.parametrize("question", ["", "  ", "x" * 5000])
def test_a_question_that_cannot_be_asked_is_named_with_its_line(
    footnote: Footnote, filled: Path, tmp_path: Path, question: str
) -> None:
    questions = write(tmp_path / "questions.jsonl", QUESTIONS[0], {"id": "b", "question": question})
    result = footnote("ask", "--batch", questions)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "line 2" in result.stderr


def test_a_question_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    question = "line\u2028separator, \x85 and é?"
    record = json.dumps({"id": "a", "question": question}, ensure_ascii=False)
    path.write_text(f"\ufeff{record}\r\n\r\n", encoding="utf-8")
    (only,) = read_questions(path)
    assert only.text == question


def test_an_empty_file_asks_nothing(footnote: Footnote, filled: Path, tmp_path: Path) -> None:
    result = footnote("ask", "--batch", write(tmp_path / "questions.jsonl"))
    assert result.exit_code == 0
    assert result.stdout == ""


@pytest.mark.parametrize("name", ["nowhere.jsonl", "folder", "bytes.jsonl"])
def test_a_file_that_cannot_be_read_is_told(
    footnote: Footnote, filled: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe\x00")
    result = footnote("ask", "--batch", tmp_path / name)
    assert result.exit_code == 2
    assert name in result.stderr


def test_a_place_that_cannot_be_written_is_told(
    footnote: Footnote, filled: Path, tmp_path: Path
) -> None:
    questions = write(tmp_path / "questions.jsonl", *QUESTIONS)
    result = footnote("ask", "--batch", questions, "--out", tmp_path / "no" / "where.jsonl")
    assert result.exit_code == 2
    assert "where.jsonl" in result.stderr


def test_events_without_an_answer_are_an_error() -> None:
    with pytest.raises(GenerationError):
        final_answer([])
    assert issubclass(UsageError, Exception)
