"""The admins' jobs on the command line."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app import App
from bot.cli import app
from bot.receipts import Feedback, Receipt, Receipts
from tests.bot.scripted import answered, evidence, refused
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


def kept(home: Path, name: str, question: str, *, guild: int | None = 7, **how) -> None:
    """A question that was asked in Discord, with its answer."""
    made = refused(question) if how.pop("refused", False) else answered(question)
    how = {"private": False, **how}
    with closing(Receipts(home / "receipts.sqlite3")) as receipts:
        receipts.save(
            Receipt(name, "", time.time(), 1, guild, 2, parent=None, question=question,
                    answer=made, evidence=evidence("gan-1"), **how)
        )  # fmt: skip


def thumb(home: Path, name: str, *, helpful: bool, reason: str = "", comment: str = "") -> None:
    with closing(Receipts(home / "receipts.sqlite3")) as receipts:
        receipts.rate(Feedback(name, 5, helpful, reason, comment, time.time()))


def test_golden_answers_are_written_marked_listed_and_taken_off_the_list(run, tmp_path) -> None:
    home = tmp_path / "home"
    kept(home, "r1", "What is mode collapse?")
    kept(home, "r2", "Who sold the company?", refused=True)
    assert "Golden" in run("golden", "mark", "r1")
    assert "proves nothing" in run("golden", "mark", "r2", code=2)
    assert "no record" in run("golden", "mark", "r3", code=2)
    assert run("golden", "list") == ""
    assert "Golden" in run("golden", "write", "When is it open?", "At nine.", "--guild", "7")
    found = [
        json.loads(line)
        for line in run("golden", "list", "--guild", "7", "--json").split("\n")
        if line
    ]
    assert {each["question"] for each in found} == {"What is mode collapse?", "When is it open?"}
    assert "at least one sentence" in run("golden", "write", "When?", " ", code=2)

    assert "No golden answer" in run("golden", "drop", "r1", code=2)
    assert "No longer" in run("golden", "drop", "r1", "--guild", "7")
    assert run("golden", "list", "--guild", "7").split("\t")[1:] == [
        "When is it open?",
        "At nine.\n",
    ]


def test_a_golden_answer_holds_up_a_change_on_the_command_line(run, tmp_path) -> None:
    file = tmp_path / "hours.md"
    file.write_text("# Hours\n\nThe reading room opens at nine.")
    run("add", str(file), "--yes")
    run("golden", "write", "When does the reading room open?", "The reading room opens at nine.")
    file.write_text("# Hours\n\nThe reading room opens at ten.")
    shown = run("add", str(file), "--yes", code=1)
    assert "as it is:          The reading room opens at nine." in shown
    assert "after the change:  The reading room opens at ten." in shown
    waits = run("status").split("\t")[0]
    assert "changed\thours.md" in run("approve", waits, "--anyway")


def test_gaps_and_feedback_are_told_by_server_and_private_questions_stay_so(run, tmp_path) -> None:
    home = tmp_path / "home"
    kept(home, "r1", "Who sold the company?", refused=True)
    kept(home, "r2", "Who sold the company then?", refused=True)
    kept(home, "r3", "What is a transformer?", refused=True, guild=8)
    kept(home, "r4", "What is secret?", refused=True, private=True)
    thumb(home, "r1", helpful=False, reason="missing", comment="It is\nwell known.")
    thumb(home, "r4", helpful=False, reason="wrong")
    thumb(home, "r3", helpful=True)

    assert run("gaps", "--guild", "7").startswith("2\tWho sold the company then?\tr2")
    assert run("gaps", "--guild", "8") == "1\tWhat is a transformer?\tr3\n"
    everywhere = [json.loads(line) for line in run("gaps", "--json").splitlines()]
    assert [each["times"] for each in everywhere] == [2, 1]

    told = run("feedback", "--guild", "7")
    assert told.startswith("👍 0\t👎 2\n")
    assert "Who sold the company?\tSomething is missing\tIt is well known." in told
    assert "(asked in private)" in told
    assert "secret" not in told + run("gaps")
    assert json.loads(run("feedback", "--json"))["up"] == 1
