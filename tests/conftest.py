"""What the tests share: a library in a folder of its own, and no way to a network by accident."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from knowledge.hardware import share_cores
from knowledge.library import Library
from tests.fakes import HashingEmbedder

if TYPE_CHECKING:
    from bot.app import App

# None of the imports above loads torch, which must not be there yet.
share_cores()


settings.register_profile("quick", max_examples=50, deadline=None)
settings.load_profile("quick")


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of whoever runs the tests, and of a `.env` nearby, do not reach them."""
    for name in list(os.environ):
        if name.startswith(("FOOTNOTE_", "LLM_", "CHROMA_", "DISCORD_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def embedder() -> HashingEmbedder:
    """Vectors from words, without a model."""
    return HashingEmbedder()


@pytest.fixture
def library(tmp_path: Path, embedder: HashingEmbedder) -> Iterator[Library]:
    """An empty library with real stores."""
    with Library(tmp_path / "home", embedder=embedder.name) as opened:
        yield opened


@pytest.fixture(scope="session")
def real_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The application with the default models, fetched where they are missing.

    It has a library of the shipped documents; one for all tests, since indexing takes its time.
    """
    from bot.app import App
    from bot.config import BotSettings

    app = App(BotSettings(_env_file=None, home=tmp_path_factory.mktemp("home")))
    app.index_shipped()
    yield app
    app.library.close()
