"""Paths become the documents they hold, each with an id and a digest; nothing is parsed yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.discover import SHIPPED, Failure, Source, discover, origin_of
from knowledge.config import DOCUMENTS
from knowledge.errors import UsageError
from tests.fakes import write_files


def sources(path: Path) -> list[Source]:
    found = list(discover(path))
    assert all(isinstance(each, Source) for each in found)
    return [each for each in found if isinstance(each, Source)]


def failures(path: Path) -> list[Failure]:
    return [each for each in discover(path) if isinstance(each, Failure)]


def write_records(path: Path, *records: object) -> Path:
    lines = [each if isinstance(each, str) else json.dumps(each) for each in records]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_folder_gives_its_documents_by_their_paths(tmp_path: Path) -> None:
    write_files(tmp_path, {"b.md": "B", "a.txt": "A", "in/side/c.HTML": "<p>C", "notes.xyz": "?"})
    assert [each.id for each in sources(tmp_path)] == ["a.txt", "b.md", "in/side/c.HTML"]
    assert {each.origin for each in sources(tmp_path)} == {str(tmp_path)}


def test_a_file_is_a_document_under_its_name(tmp_path: Path) -> None:
    write_files(tmp_path, {"in/a.md": "A", "in/b.md": "B"})
    (only,) = sources(tmp_path / "in" / "a.md")
    assert only.id == "a.md"
    assert only.origin == str(tmp_path / "in" / "a.md")
    assert only.where == "a.md"


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    write_files(tmp_path, {".hidden.md": "x", ".git/a.md": "x", "in/.b.md": "x", "seen.md": "x"})
    assert [each.id for each in sources(tmp_path)] == ["seen.md"]


def test_what_tools_install_is_passed_over(tmp_path: Path) -> None:
    names = ["tool.py", "node_modules/left/pad.js", "x/__pycache__/tool.py", "site-packages/a.py"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1")
    assert [each.id for each in discover(tmp_path)] == ["tool.py"]


def test_a_folder_inside_a_hidden_one_may_be_named(tmp_path: Path) -> None:
    write_files(tmp_path, {".notes/a.md": "A"})
    assert [each.id for each in sources(tmp_path / ".notes")] == ["a.md"]


def test_the_digest_follows_the_bytes(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": "same", "b.md": "same", "c.md": "other"})
    a, b, c = (each.digest for each in sources(tmp_path))
    assert a == b != c


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert list(discover(tmp_path)) == []


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        list(discover(tmp_path / "nowhere"))


def test_a_file_of_another_kind_is_told_with_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_text("x")
    with pytest.raises(UsageError, match=r"\.docx, .*\.jsonl, .*\.md"):
        list(discover(tmp_path / "a.xyz"))


def test_the_shipped_documents_have_an_origin_of_their_own(tmp_path: Path) -> None:
    assert origin_of(DOCUMENTS) == SHIPPED
    link = tmp_path / "link"
    link.symlink_to(DOCUMENTS)
    assert origin_of(link) == SHIPPED
    assert origin_of(tmp_path) == str(tmp_path)


# -- JSON Lines ----------------------------------------------------------------------------


def test_each_line_is_a_document(tmp_path: Path) -> None:
    path = write_records(
        tmp_path / "all.jsonl", {"id": "one", "text": "1"}, "", {"id": 2, "text": "2"}
    )
    found = sources(path)
    assert [each.id for each in found] == ["one", "2"]
    assert [each.where for each in found] == ["all.jsonl, line 1", "all.jsonl, line 3"]
    assert found[0].record == {"id": "one", "text": "1"}
    assert found[0].digest != found[1].digest


def test_a_line_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    record = {"id": "one", "text": "line\u2028separator\x85 and é"}
    path.write_text("\ufeff" + json.dumps(record, ensure_ascii=False) + "\r\n", encoding="utf-8")
    (only,) = sources(path)
    assert only.record == record


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("not json", "not a JSON object"),
        ('{"id": "cut", "text', "not a JSON object"),
        ("[1, 2]", "no 'id'"),
        ('{"text": "no id"}', "no 'id'"),
        ('{"id": " ", "text": "x"}', "no 'id'"),
        ('{"id": null, "text": "x"}', "no 'id'"),
        ('{"id": ["a"], "text": "x"}', "no 'id'"),
        ('{"id": "one", "text": "again"}', "repeats the id of line 1"),
        ("[" * 100_000, "not a JSON object"),
    ],
)
def test_a_wrong_line_stops_no_other(tmp_path: Path, line: str, why: str) -> None:
    path = write_records(
        tmp_path / "all.jsonl", {"id": "one", "text": "1"}, line, {"id": "three", "text": "3"}
    )
    found = list(discover(path))
    assert [each.id for each in found if isinstance(each, Source)] == ["one", "three"]
    (failure,) = failures(path)
    assert "line 2" in failure.reason
    assert why in failure.reason


def test_bytes_that_are_no_text_fail_that_line_only(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_bytes(b'{"id": "a", "text": "\xff\xfe"}\n{"id": "b", "text": "fine"}')
    assert [each.id for each in discover(path)] == ["all.jsonl:1", "b"]
