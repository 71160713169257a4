"""Whether a file with secrets can be read by others on this machine."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from bot.config import BotSettings
from knowledge.errors import SettingsError

ENVIRONMENT_FILE = Path(".env")


def check_exposed(settings: BotSettings, file: Path = ENVIRONMENT_FILE) -> str:
    """Raise SettingsError where others can read a file that holds a secret that is in use."""
    try:
        mode, text = file.stat().st_mode, file.read_text("utf-8", "replace")
    except OSError:
        return f"no file {file} that could be read"
    if not any(secret in text for secret in _secrets(settings)):
        return f"{file} holds no secret that is in use"
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(
            f"{file} holds a secret, and others on this machine can read it. "
            f"Run 'chmod 600 {file}'."
        )
    return f"{file} is for its owner alone"


def _secrets(settings: BotSettings) -> Iterator[str]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr) and value.get_secret_value():
            yield value.get_secret_value()
