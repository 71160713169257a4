"""Every `footnote` command in a code block of the README and of docs/ is run, in its order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import bot.setup.command
import bot.web.command
from bot.setup.machine import Choice
from knowledge.models import ModelStore
from tests.bot_cli.conftest import DOCUMENTS, Footnote
from tests.fakes import write_files
from tests.indexer.formats.files import pdf
from tests.pages import PAGES, blocks

CASES = [
    {"id": "1", "question": "Who introduced GANs?", "must": [["Goodfellow"]]},
    {"id": "2", "question": "Who won the cup?", "must": []},
]
# What these end with where neither a token nor a person is there; all others end well.
ENDINGS = {("run",): "There is no Discord token", ("health",): "No bot answers at port"}


@pytest.fixture
def _desk(tmp_path: Path, home: Path, footnote: Footnote, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the files that the pages name, and a library without the shipped documents."""
    monkeypatch.setattr(ModelStore, "resolve", lambda self, name: tmp_path / name)
    fitting = Choice("qwen2.5-coder-0.5b-instruct", fits=True, needed=10**9, seconds=3.0)
    monkeypatch.setattr(bot.web.command, "serve", lambda site, *, host, port: None)
    monkeypatch.setattr(bot.setup.command, "_measured", lambda: [fitting])
    write_files(tmp_path / "notes", DOCUMENTS)
    (tmp_path / "paper.pdf").write_bytes(pdf(["Latent space is where codes live, it says here."]))
    (tmp_path / "rules.md").write_text("# Rules\n\nThe library opens at nine in the morning.\n")
    lines = "".join(json.dumps(case) + "\n" for case in CASES)
    (tmp_path / "questions.jsonl").write_text(lines)
    write_files(tmp_path / "tests" / "evals", {"golden.jsonl": lines})
    assert footnote("index", "--empty", "notes", "paper.pdf").exit_code == 0
    assert footnote("eval", "questions.jsonl", "--out", "before.json").exit_code == 0


@pytest.mark.usefixtures("_desk")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_works(page: Path, footnote: Footnote, tmp_path: Path) -> None:
    for number, words in enumerate(blocks(page, "footnote")):
        # What is open in this process cannot be put in another's place: it goes beside it.
        beside = ["--home", tmp_path / f"restored-{number}"] if words[0] == "restore" else []
        if beside:
            # A backup is named after the moment at which it was made.
            max(tmp_path.glob("footnote-*.backup")).rename(tmp_path / words[1])
        result = footnote(*words, *beside)
        said = result.stdout + result.stderr
        ending = ENDINGS.get((words[0],))
        if ending is not None:
            assert ending in said
        elif words[0] == "doctor":
            # No model's weights are here; nothing else may be wrong.
            wrong = [line for line in said.splitlines() if line.startswith("✗")]
            assert all(line.startswith("✗ model") for line in wrong), said
        else:
            assert result.exit_code == 0, f"footnote {' '.join(words)}: {said}"


def test_the_pages_have_commands_to_run() -> None:
    assert sum(len(blocks(page, "footnote")) for page in PAGES) > 30
