"""The admins' jobs on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app import App
from bot.cli import app
from tests.fakes import HashingEmbedder
from tests.stores import NAME, quoting


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FOOTNOTE_EMBEDDING_MODEL", NAME)
    embedder = HashingEmbedder()
    monkeypatch.setattr(App, "embedder", embedder)
    monkeypatch.setattr(App, "pipeline", lambda _, library: quoting(library, embedder=embedder))

    def go(*words: str, code: int = 0, given: str | None = None) -> str:
        result = CliRunner().invoke(app, ["knowledge", *words], input=given)
        assert result.exit_code == code, result.output
        return result.output

    return go


def test_a_file_is_added_approved_listed_taken_back_and_removed(run, tmp_path: Path) -> None:
    file = tmp_path / "hours.md"
    file.write_text("# Hours\n\nIt opens at nine.")
    shown = run("add", str(file))
    assert "4 words, 1 passages" in shown
    waits = shown.split()[-1]
    assert waits in run("status")
    assert run("list") == ""

    assert "added\thours.md" in run("approve", waits)
    assert "hours.md\tHours\t1 passages" in run("list")
    assert "Nothing waits" in run("status")
    file.write_text("# Hours\n\nIt opens at ten.")
    assert "changed\thours.md" in run("add", str(file), "--yes")
    assert "changed\thours.md" in run("rollback", "hours.md")
    assert "removed\thours.md" in run("remove", "hours.md")
    assert "added\thours.md" in run("rollback", "--version", "3")

    history = [json.loads(line) for line in run("history", "--json").splitlines()]
    assert [each["action"] for each in history] == [
        *("rolled back", "removed", "rolled back", "changed", "added")
    ]
    log = [json.loads(line) for line in run("log").splitlines()]
    assert {each["who"] for each in log} == {"command line"}
    assert len(log) == 7


def test_a_servers_own_library_is_named_by_its_id(run) -> None:
    run("add", "--text", "Rules", "--yes", "--guild", "7", given="Be kind.")
    assert "Rules.md" in run("list", "--guild", "7")
    assert run("list") == ""
    assert run("list", "--guild", "8") == ""
    waits = run("add", "--text", "More", "--guild", "7", given="Whisper.").split()[-1]
    assert "does not wait" in run("reject", waits, code=1)
    assert "Rejected More.md" in run("reject", waits, "--guild", "7")


def test_what_makes_no_sense_is_said_in_one_sentence(run, tmp_path: Path) -> None:
    assert "Name one of" in run("add", code=2)
    assert "cannot be opened" in run("add", str(tmp_path / "nowhere.md"), code=1)
    assert "private, local" in run("add", "--url", "http://127.0.0.1/", code=1)
    assert "no document" in run("remove", "nothing.md", code=2)
    assert "Name a document" in run("rollback", code=2)
    assert "no version 5" in run("rollback", "--version", "5", code=2)


def test_a_folder_is_kept_in_step(run, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.md").write_text("# A\n\nOne.")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.4")
    shown = run("sync", str(folder), "--guild", "7")
    assert "added\ta.md" in shown
    assert "failed\tbad.pdf" in shown
