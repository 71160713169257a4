"""The settings as documentation: names as the environment has them, and the page that lists them.

`python -m bot.reference docs/settings.md` writes the page anew.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from bot.config import BotSettings
from knowledge.config import Settings

FIELDS = BotSettings.model_fields

_PARTS = {
    "The library and the models": tuple(Settings.model_fields),
    "The bot": tuple(name for name in FIELDS if name not in Settings.model_fields),
}
_HEAD = """\
# Settings

Every setting is an environment variable, or a line of a file `.env` in the folder in which
`footnote` is started; the environment wins. What is not set has the default. `footnote init` writes
the first ones, [.env.example](../.env.example) has all of them to copy from, and `footnote doctor`
says where one makes no sense.

This page is made from the code: `make docs` writes it anew.
"""


def environment_name(field: str) -> str:
    """The name under which the environment has a setting."""
    alias = FIELDS[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"FOOTNOTE_{field.upper()}"


def settings_page() -> str:
    """The page, as Markdown."""
    return _HEAD + "".join(_section(title, names) for title, names in _PARTS.items())


def _section(title: str, names: tuple[str, ...]) -> str:
    rows = "".join(
        f"| `{environment_name(name)}` | {FIELDS[name].description} | {_default(name)} |"
        f" {_allowed(FIELDS[name])} |\n"
        for name in names
    )
    head = "| name | what for | default | allowed |\n| --- | --- | --- | --- |\n"
    return f"\n## {title}\n\n{head}{rows}"


def _default(name: str) -> str:
    default = FIELDS[name].default
    if isinstance(default, Path):
        # Where folders are depends on the machine; the example shows the usual place.
        return "see `.env.example`"
    if default is None or default == frozenset():
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def _allowed(field: FieldInfo) -> str:
    signs = {Ge: "≥", Gt: ">", Le: "≤", Lt: "<"}
    limits = [
        f"{sign} {getattr(each, kind.__name__.lower()):g}"
        for each in field.metadata
        for kind, sign in signs.items()
        if isinstance(each, kind)
    ]
    return ", ".join([*_kinds(field.annotation), *limits])


def _kinds(annotation: object) -> Iterator[str]:
    words = {bool: "true, false", int: "whole number", float: "number", str: "text"}
    words |= {Path: "folder", SecretStr: "text, kept secret"}
    if get_origin(annotation) is frozenset:
        yield "ids, separated by commas"
    elif get_origin(annotation) in (types.UnionType, Union):
        for each in get_args(annotation):
            yield from _kinds(each)
    elif isinstance(annotation, type) and annotation in words:
        yield words[annotation]
    elif isinstance(annotation, type) and annotation is not types.NoneType:
        yield annotation.__name__


def main(arguments: list[str]) -> None:
    """Write the page to the file that is named."""
    (path,) = arguments
    Path(path).write_text(settings_page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
