"""The command line on models that need no weights, in folders of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import bot.app
from bot.cli import app as command_line
from knowledge.config import Settings
from tests.fakes import HashingEmbedder, OverlapReranker, ScriptedGenerator, write_files

COLLAPSE = "Mode collapse occurs when the generator produces only a few kinds of samples."
HISTORY = "Ian Goodfellow introduced GANs in June 2014."
DOCUMENTS = {
    "gan.md": (
        "---\ntitle: GANs\nupdated: 2025-05-01\n---\n"
        f"## Mode collapse\n\n{COLLAPSE}\n\n## History\n\n{HISTORY}\n"
    ),
    "vae.md": "# VAEs\n\nA variational autoencoder encodes its input as a distribution.\n",
}
SCRIPTS = {"introduced": HISTORY, "mode collapse": COLLAPSE}

Footnote = Callable[..., Result]


class OfflineApp(bot.app.App):
    """The application, wired as always, with models that need no weights."""

    @cached_property
    def embedder(self) -> HashingEmbedder:  # type: ignore[override]
        return HashingEmbedder(self.settings.embedding_model)

    @cached_property
    def reranker(self) -> OverlapReranker:  # type: ignore[override]
        return OverlapReranker()

    @cached_property
    def generator(self) -> ScriptedGenerator:  # type: ignore[override]
        return ScriptedGenerator("Nothing is known.", scripts=SCRIPTS)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder that the command line finds in its environment."""
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FOOTNOTE_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "1000")
    monkeypatch.setattr(bot.app, "App", OfflineApp)
    return tmp_path / "home"


@pytest.fixture
def footnote(home: Path) -> Footnote:
    """`footnote("ask", "…")`: what it printed and its exit code."""

    def run(*arguments: object, typed: str | None = None) -> Result:
        result = CliRunner().invoke(command_line, list(map(str, arguments)), input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two documents."""
    return write_files(tmp_path / "documents", DOCUMENTS)


@pytest.fixture
def filled(footnote: Footnote, folder: Path) -> Path:
    """A library of those two documents and no others."""
    assert footnote("index", "--empty", folder).exit_code == 0
    return folder


@pytest.fixture
def opened(home: Path) -> OfflineApp:
    """The application behind the command line, on the same data folder."""
    return OfflineApp(Settings())


def the_object(result: Result) -> dict[str, object]:
    """The one JSON object that standard output holds."""
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == 1
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found
