"""A language model behind `LLM_BASE_URL` answers the command line's questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.app
from bot.app import App
from bot.config import BotSettings
from bot.repeat import same_key
from tests.bot_cli.conftest import Footnote, OfflineApp, the_object
from tests.knowledge.model_servers import free_port, llama_cpp
from tests.knowledge.tiny_model import write_folder, write_gguf


class ServedApp(OfflineApp):
    """The application with its own choice of language model."""

    generator = App.generator


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    with llama_cpp(write_gguf(write_folder(folder / "tiny"), folder / "tiny.gguf")) as url:
        yield url


@pytest.fixture(autouse=True)
def _served(filled: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_BASE_URL", url + "/")
    monkeypatch.setattr(bot.app, "App", ServedApp)


def test_a_question_is_answered_by_the_servers_model(footnote: Footnote) -> None:
    answer = the_object(footnote("ask", "When does mode collapse occur?", "--json"))
    assert answer["model"] == "tiny.gguf"
    assert answer["tokens"]["prompt"] > 100  # type: ignore[index]


def test_the_doctor_asks_the_server(footnote: Footnote, url: str) -> None:
    shown = footnote("doctor").stdout
    assert f"✓ model server: {url} answers with tiny.gguf" in shown
    # Of the models that run here, the language model is not missed.
    assert shown.count("footnote models fetch") == 2


def test_the_doctor_says_what_to_do_where_no_server_is(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_BASE_URL", f"http://127.0.0.1:{free_port()}/v1")
    result = footnote("doctor")
    assert result.exit_code == 1
    assert "✗ model server" in result.stdout
    assert "→ Start it, or correct LLM_BASE_URL" in result.stdout


@pytest.mark.parametrize("wrong", ["localhost:8080", "ftp://host/v1", "http://", "http://h:port/"])
def test_an_address_that_is_none_is_told(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("LLM_BASE_URL", wrong)
    result = footnote("ask", "When?")
    assert result.exit_code == 2
    assert "LLM_BASE_URL is wrong" in result.stderr


def test_a_key_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_API_KEY", "sk-very-secret")
    settings = BotSettings()
    assert settings.llm_api_key is not None
    assert settings.llm_api_key.get_secret_value() == "sk-very-secret"
    assert "sk-very-secret" not in repr(settings)


def test_answers_of_one_model_are_not_given_for_anothers(monkeypatch: pytest.MonkeyPatch) -> None:
    def key() -> str:
        return same_key("Why?", scopes=["shared"], library_version="1", settings=BotSettings())

    first = key()
    assert key() == first
    monkeypatch.setenv("LLM_MODEL", "another")
    assert key() != first
