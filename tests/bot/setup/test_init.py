"""`footnote init` against the loopback Discord: asked by flags, and in a conversation."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

import bot.setup.command
from bot.config import BotSettings
from bot.invocation import told_plainly
from bot.permissions import NEEDED
from bot.setup.account import look_up
from bot.setup.machine import Choice
from knowledge.errors import SettingsError
from tests.discord.server import TOKEN, Loopback

Init = Callable[..., Result]
MODEL = "qwen2.5-coder-0.5b-instruct"
CHOICES = (
    Choice("qwen2.5-coder-1.5b-instruct", fits=False, needed=5 * 10**9, seconds=12.0),
    Choice(MODEL, fits=True, needed=3 * 10**9, seconds=4.0),
)


@pytest.fixture
def server() -> Loopback:
    """A Discord with one server, where the bot is, and a role for admins."""
    made = Loopback()
    made.world.roles[4242] = "Librarians"
    return made


@pytest.fixture
def init(server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Init:
    """`init("--yes", typed="…")`; with `typed` it is a terminal."""
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FOOTNOTE_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(bot.setup.command, "_measured", lambda: CHOICES)
    app = typer.Typer()
    app.callback()(lambda: None)
    bot.setup.command.mount(app, command=told_plainly, connector=server.connector)

    def run(*arguments: str, typed: str | None = None) -> Result:
        async def played() -> Result:
            async with server:
                return await asyncio.to_thread(invoked)

        def invoked() -> Result:
            with mock.patch("bot.setup.command.terminal", return_value=typed is not None):
                return CliRunner().invoke(app, ["init", *arguments], input=typed)

        result = asyncio.run(played())
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert not server.violations
        return result

    return run


def env() -> BotSettings:
    """What a process started here would read."""
    return BotSettings(_env_file=".env")


def secret() -> str:
    """The token that was written."""
    token = env().discord_token
    assert token is not None
    return token.get_secret_value()


def test_flags_and_the_environment_suffice(init: Init, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)

    result = init("--yes", "--admin-role", "Librarians", "--model", MODEL)

    assert result.exit_code == 0, result.output
    monkeypatch.delenv("DISCORD_TOKEN")
    assert secret() == TOKEN
    assert env().admin_role == 4242
    assert env().llm_model == MODEL
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600


def test_the_invite_link_asks_for_what_is_needed_and_no_more(
    init: Init, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)

    result = init("--yes")

    assert f"client_id={server.world.bot.id}&permissions={NEEDED.value}&" in result.stdout
    assert "scope=bot%20applications.commands" in result.stdout


def test_the_token_is_never_printed(init: Init, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)

    result = init("--yes")

    assert TOKEN not in result.stdout + result.stderr


def test_a_conversation_asks_for_token_role_and_model(init: Init) -> None:
    # The token, no role 9 but role 2 (after 'no role'), the model that fits, no fetching.
    result = init(typed=f"{TOKEN}\n9\n2\n\nn\n")

    assert "Give a number from 1 to 2." in result.stdout
    assert result.exit_code == 0, result.output
    assert "Reading room" in result.stdout
    assert "too large here" in result.stdout
    assert "fits best" in result.stdout
    assert (secret(), env().admin_role, env().llm_model) == (TOKEN, 4242, MODEL)
    assert "✓ disk" in result.stdout
    assert "footnote models fetch" in result.stdout


def test_a_wrong_token_is_asked_for_again(init: Init) -> None:
    result = init(typed=f"wrong\n{TOKEN}\n1\n\nn\n")

    assert "Discord refuses the token" in result.stderr
    assert secret() == TOKEN
    assert env().admin_role is None


def test_a_wrong_token_ends_it_where_nobody_can_be_asked(
    init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "wrong")

    result = init("--yes")

    assert result.exit_code == 1
    assert "Discord refuses the token" in result.stderr
    assert not Path(".env").exists()


def test_without_a_token_the_command_line_is_set_up(init: Init) -> None:
    result = init(typed="\n\nn\n")

    assert result.exit_code == 0, result.output
    assert env().discord_token is None
    assert env().llm_model == MODEL
    assert "footnote ask" in result.stdout


def test_a_bot_that_is_in_no_server_yet_gets_its_link_at_once(init: Init, server: Loopback) -> None:
    server.guilds.joined = False

    result = init(typed=f"{TOKEN}\n\nn\n")

    assert result.stdout.index("no server yet") < result.stdout.index("oauth2/authorize")
    assert secret() == TOKEN


def test_a_file_that_is_there_is_not_changed_unasked(init: Init) -> None:
    Path(".env").write_text("FOOTNOTE_THREADS=2\n")

    refused = init("--yes", "--model", MODEL)
    declined = init("--model", MODEL, typed="\nn\n")

    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert declined.exit_code == 1
    assert Path(".env").read_text() == "FOOTNOTE_THREADS=2\n"


def test_overwriting_keeps_what_else_the_file_says(init: Init) -> None:
    Path(".env").write_text("FOOTNOTE_THREADS=2\nFOOTNOTE_LLM_MODEL=other\n")

    assert init("--yes", "--model", MODEL, "--overwrite").exit_code == 0

    assert env().threads == 2
    assert env().llm_model == MODEL


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [("--server", "Elsewhere", "Reading room"), ("--admin-role", "Kings", "Librarians (4242)")],
)
def test_an_unknown_name_is_answered_with_those_that_are_known(
    init: Init, monkeypatch: pytest.MonkeyPatch, option: str, value: str, hint: str
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)

    result = init("--yes", option, value)

    assert result.exit_code == 2
    assert hint in result.stderr
    assert not Path(".env").exists()


def test_offline_leaves_the_token_unchecked(
    init: Init, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "whatever")

    assert init("--yes", "--offline", "--admin-role", "77").exit_code == 0

    assert server.seen == []
    assert env().admin_role == 77


def test_a_discord_out_of_reach_is_told_in_a_sentence(server: Loopback) -> None:
    # Nothing listens there: the loopback was not started.
    with pytest.raises(SettingsError, match=r"cannot be reached .*--offline"):
        look_up(TOKEN, connector=server.connector)
