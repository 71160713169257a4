"""What the terminal's commands share: options, the data folder opened, errors in a sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, Protocol

import typer

from bot.escape import encoded, typed

if TYPE_CHECKING:
    from bot.app import App

P = ParamSpec("P")

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Data folder of the library.", envvar="FOOTNOTE_HOME"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Batch = Annotated[Path | None, typer.Option("--batch", help="Read questions from a .jsonl file.")]
Out = Annotated[Path | None, typer.Option("--out", help="Where to write a batch's results.")]


class Wrap(Protocol):
    """Turns a function into a command whose errors are told in a sentence."""

    def __call__(self, function: Callable[P, None]) -> Callable[P, None]:
        """Wrap it."""


Open = Callable[[Path | None], "App"]


def told_plainly(function: Callable[P, None]) -> Callable[P, None]:
    """A command whose errors are one sentence on standard error and an exit code."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        with _plain_errors():
            function(*args, **kwargs)

    return wrapped


@contextmanager
def _plain_errors() -> Iterator[None]:
    from pydantic import ValidationError

    from knowledge.errors import FootnoteError, UsageError

    try:
        yield
    except UsageError as error:
        typer.secho(typed(str(error)), err=True, fg="red")
        raise typer.Exit(2) from error
    except FootnoteError as error:
        typer.secho(typed(str(error)), err=True, fg="red")
        raise typer.Exit(1) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])).upper()
        sentence = f"The setting {place} is wrong: {first['msg']}."
        typer.secho(typed(sentence), err=True, fg="red")
        raise typer.Exit(2) from error
    except BrokenPipeError as error:
        raise typer.Exit(0) from error


def opened(home: Path | None) -> App:
    """The services of a data folder, as it is."""
    from bot.app import App
    from bot.config import BotSettings
    from bot.progress import model_report

    settings = BotSettings() if home is None else BotSettings(home=home)
    return App(settings, report=model_report())


def in_step(home: Path | None) -> App:
    """The services of a data folder that holds the shipped documents as they are today."""
    from bot.progress import index_shipped

    app = opened(home)
    index_shipped(app)
    return app


def required(value: str | None, hint: str) -> str:
    """An argument that only a batch makes needless; UsageError with `hint` where it is missing."""
    from knowledge.errors import UsageError

    if value is None:
        raise UsageError(hint)
    return value


def print_json(value: object) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(encoded(json.dumps(value, ensure_ascii=False)) + "\n")
