"""Secrets are in nothing that the bot writes: logs, errors, receipts, exports, backups, crashes."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import AliasChoices, SecretStr

from bot.config import BotSettings
from bot.exposure import check_exposed
from knowledge.errors import SettingsError
from tests.picture import REPOSITORY


def secret_settings() -> dict[str, str]:
    """Every setting that is kept secret, by the name it has in the environment."""
    found = {}
    for name, field in BotSettings.model_fields.items():
        if "SecretStr" in str(field.annotation):
            alias = field.validation_alias
            known = alias.choices[0] if isinstance(alias, AliasChoices) else None
            found[str(known or f"FOOTNOTE_{name}").upper()] = name
    return found


def secrets() -> dict[str, str]:
    """A distinctive value for each of them."""
    return {
        name: f"s3cr3t.{number}.of-{name.lower()}" for number, name in enumerate(secret_settings())
    }


def produced(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file in a folder, and what is in its archives."""
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        yield file.name, file.read_bytes()
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                for name in archive.namelist():
                    yield f"{file.name}/{name}", archive.read(name)


def leaks(folder: Path, given: dict[str, str]) -> list[str]:
    """Which secrets stand where, as they are or in Base64."""
    found = []
    for place, data in produced(folder):
        for name, value in given.items():
            coded = base64.b64encode(value.encode()).rstrip(b"=")
            if value.encode() in data or coded in data:
                found.append(f"{name} in {place}")
    return found


def run(folder: Path, *arguments: str, given: dict[str, str], **more: str) -> str:
    """A process with the secrets in its environment; what it wrote is put into a file too."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **given, **more},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    number = len(list(folder.glob("output-*")))
    (folder / f"output-{number}").write_text(done.stdout + done.stderr)
    return done.stdout + done.stderr


def test_there_are_secrets_to_look_for() -> None:
    assert {"DISCORD_TOKEN", "LLM_API_KEY", "FOOTNOTE_WEB_TOKEN"} <= set(secrets())
    assert len(set(secrets().values())) == len(secrets())


def test_no_secret_is_in_anything_that_is_produced(tmp_path: Path) -> None:
    given = secrets()
    home = str(tmp_path / "home")

    # Indexing, asking, a backup, and Discord with its log.
    seen = run(tmp_path, "-m", "tests.hostile.watched", "scripted", str(tmp_path), given=given)
    assert '"approved"' in seen, seen[-2000:]
    assert "backup" in seen
    # A model server that is not there, and that the key was meant for.
    server = {"LLM_BASE_URL": "http://127.0.0.1:9/v1", "FOOTNOTE_HOME": home}
    seen = run(tmp_path, "-m", "bot", "doctor", given=given, **server)
    assert "model server" in seen
    # A wrong setting, and a crash with its traceback.
    seen = run(tmp_path, "-m", "bot", "status", given=given, FOOTNOTE_THREADS="-1")
    assert "THREADS" in seen
    crash = (
        "import bot.health\n"
        "def broken(app): raise RuntimeError(app.settings, vars(app))\n"
        "bot.health.show_status = broken\n"
        "import sys; sys.argv = ['footnote', 'status']\n"
        "from bot.cli import main; main()\n"
    )
    seen = run(tmp_path, "-c", crash, given=given, FOOTNOTE_HOME=home)
    assert "RuntimeError" in seen

    assert len(list(produced(tmp_path))) > 10
    assert leaks(tmp_path, given) == []


def test_a_secret_that_leaks_is_found(tmp_path: Path) -> None:
    given = {"A": "s3cr3t-a", "B": "s3cr3t-b", "C": "s3cr3t-c", "D": "s3cr3t-d"}
    (tmp_path / "log").write_text("token=s3cr3t-a")
    (tmp_path / "coded").write_bytes(b"Basic " + base64.b64encode(b"s3cr3t-b"))
    with zipfile.ZipFile(tmp_path / "x.backup", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("receipts", "s3cr3t-c" * 20)

    assert {each[0] for each in leaks(tmp_path, given)} == {"A", "B", "C"}


def test_settings_show_no_secret_of_their_own() -> None:
    settings = BotSettings(
        _env_file=None, discord_token="s3cr3t-t", llm_api_key="s3cr3t-k", web_token="s3cr3t-w"
    )
    shown = f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    assert "s3cr3t" not in shown
    assert isinstance(settings.discord_token, SecretStr)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_with_secrets_that_others_can_read_is_told(mode: int, tmp_path: Path) -> None:
    settings = BotSettings(_env_file=None, discord_token="s3cr3t-t")
    file = tmp_path / ".env"
    file.write_text("DISCORD_TOKEN=s3cr3t-t\n")

    file.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600") as told:
        check_exposed(settings, file)
    assert "s3cr3t" not in str(told.value)
    file.chmod(0o600)
    assert "owner alone" in check_exposed(settings, file)
    # Without a secret in it, anybody may read it.
    file.write_text("FOOTNOTE_THREADS=2\n")
    file.chmod(mode)
    assert "no secret" in check_exposed(settings, file)
