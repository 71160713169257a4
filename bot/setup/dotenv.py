"""The file `.env`: settings are put in, everything else in it stays as it was."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from knowledge.errors import SettingsError

_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=")
# What needs no quotes in such a file, and means the same to every reader of it.
_PLAIN = re.compile(r"[\w./:@~+-]*", re.ASCII)


def merged(before: str, values: Mapping[str, tuple[str, str]]) -> str:
    """The file's text with `values` (name → value, what it is for) in the place of older ones."""
    left = dict(values)
    lines: list[str] = []
    for line in before.splitlines():
        found = _LINE.match(line)
        name = found["name"] if found else None
        if name not in values:
            lines.append(line)
        elif name in left:
            lines.append(_assignment(name, left.pop(name)[0]))
    for name, (value, purpose) in left.items():
        if lines and lines[-1]:
            lines.append("")
        lines += [f"# {purpose}", _assignment(name, value)]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Put the file in place whole, readable by its owner only: it holds the token."""
    try:
        # Made with mode 0600, and only then filled.
        handle, name = tempfile.mkstemp(prefix=".env-", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written ({error.strerror}). Name another file with --env."
        ) from error


def read(path: Path) -> str:
    """The file's text; '' where there is none."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read ({error}). Name another file with --env."
        ) from error


def _assignment(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    if "\n" in value or "'" in value:
        raise SettingsError(f"{name} may hold neither a line break nor an apostrophe.")
    return f"{name}='{value}'"
