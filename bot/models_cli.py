"""`footnote models`: the models that are known, fetched, verified."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.invocation import opened, told_plainly

group = typer.Typer(
    help="List, fetch and verify the models.", invoke_without_command=True, no_args_is_help=False
)


@group.callback()
@told_plainly
def models(ctx: typer.Context) -> None:
    """List the models that are known, and which are there."""
    if ctx.invoked_subcommand is None:
        _show()


@group.command("list")
@told_plainly
def models_list() -> None:
    """List the models that are known, and which are there."""
    _show()


@group.command("fetch")
@told_plainly
def models_fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names; without any, what the settings name.")
    ] = None,
) -> None:
    """Fetch models that are missing; what is there is left alone."""
    app = opened(None)
    for name in names or app.settings.local_models:
        folder = app.models.resolve(name)
        typer.echo(f"{name}: {folder}")


@group.command("verify")
@told_plainly
def models_verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names; without any, all installed.")
    ] = None,
) -> None:
    """Hash every file of installed models again and compare with the record."""
    app = opened(None)
    installed = [each.name for each in app.models.list() if each.installed]
    for name in names or installed:
        app.models.verify(name)
        typer.echo(f"{name}: whole")


def _show() -> None:
    from bot.health import show_models

    show_models(opened(None))
