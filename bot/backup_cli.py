"""`footnote backup` and `footnote restore`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.invocation import Wrap

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Data folder of the library.", envvar="FOOTNOTE_HOME"),
]
Located = Callable[[Path | None], Path]


def mount(app: typer.Typer, *, command: Wrap, located: Located) -> None:
    """Add the commands to `app`; `located` says which folder the settings mean."""

    @app.command()
    @command
    def backup(
        file: Annotated[
            Path | None, typer.Argument(help="The file to make; named by the time if left out.")
        ] = None,
        *,
        home: Home = None,
    ) -> None:
        """Copy the data folder into one file; the bot may go on meanwhile."""
        from bot.backup import back_up

        to = file or Path(f"footnote-{datetime.now():%Y%m%d-%H%M%S}.backup")
        made = back_up(located(home), to)
        typer.echo(f"{to}: {made.documents} documents, library version {made.version}.")
        typer.echo("It holds what members asked: keep it where only you can read it.")

    @app.command()
    @command
    def restore(
        file: Annotated[Path, typer.Argument(help="What 'footnote backup' made.")],
        *,
        replace: Annotated[
            bool, typer.Option("--replace", help="In the place of the library that is there.")
        ] = False,
        home: Home = None,
    ) -> None:
        """Put a backup in the place of the data folder; the bot must be stopped."""
        from bot.restore import restore as put_back

        made, kept = put_back(file, located(home), replace=replace)
        typer.echo(
            f"Restored {made.documents} documents, library version {made.version}, as they were "
            f"on {made.made}."
        )
        if kept is not None:
            typer.echo(f"What was there is in {kept}; delete it once all is well.")
