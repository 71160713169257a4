"""`footnote stats`: what was asked, in numbers and as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.app import App
    from bot.insight.activity import Figures
    from bot.insight.theme import Theme
    from bot.invocation import Open, Wrap
    from bot.receipts import Receipts


def mount(app: typer.Typer, *, command: Wrap, opened: Open) -> None:
    """Add the command to `app`."""

    @app.command()
    @command
    def stats(
        *,
        days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How far back.")] = 30,
        guild: Annotated[
            int | None, typer.Option("--guild", help="One server, by id; else all.")
        ] = None,
        chart: Annotated[
            Path | None, typer.Option("--chart", help="Where to draw them, as a PNG.")
        ] = None,
        map_file: Annotated[
            Path | None, typer.Option("--map", help="Where to draw the library, as a PNG.")
        ] = None,
        theme: Annotated[
            str, typer.Option("--theme", help="The pictures' ground: dark or light.")
        ] = "light",
        home: Annotated[
            Path | None,
            typer.Option("--home", help="Data folder of the library.", envvar="FOOTNOTE_HOME"),
        ] = None,
    ) -> None:
        """Show what was asked, how it was answered, and which documents were cited."""
        show(opened(home), days=days, guild=guild, chart=chart, map_file=map_file, theme=theme)


def show(
    app: App,
    *,
    days: int,
    guild: int | None,
    chart: Path | None,
    map_file: Path | None,
    theme: str,
) -> None:
    """Print the figures, and draw what is wanted."""
    from bot.insight.theme import THEMES
    from bot.receipts import Receipts
    from knowledge.errors import UsageError

    if theme not in THEMES:
        raise UsageError(f"There is no theme {theme!r}: name dark or light.")
    receipts = Receipts(app.settings.home / "receipts.sqlite3")
    try:
        figures = _figures(receipts, guild, days=days)
        _print(figures)
        title = "Footnote" if guild is None else f"Server {guild}"
        if chart is not None:
            from bot.insight.chart import chart as drawn

            _write(chart, drawn(figures, theme=THEMES[theme], title=title))
        if map_file is not None:
            _write(map_file, _map(app, receipts, guild, figures, THEMES[theme]))
    finally:
        receipts.close()


def _figures(receipts: Receipts, guild: int | None, *, days: int) -> Figures:
    from dataclasses import replace

    figures = receipts.activity.figures(guild, days=days)
    since = figures.since.timestamp()
    guilds = receipts.activity.guilds() if guild is None else (guild,)
    return replace(figures, gaps=sum(len(receipts.gaps.open(each, since=since)) for each in guilds))


def _print(figures: Figures) -> None:
    from rich.markup import escape
    from rich.table import Table

    from bot.console import steady_console
    from bot.insight.words import lines

    console = steady_console()
    console.print(f"{figures.since:%Y-%m-%d} to {figures.until:%Y-%m-%d}", style="dim")
    table = Table(show_header=False, box=None)
    for name, value in lines(figures):
        table.add_row(name, value)
    console.print(table)
    if figures.top:
        cited = Table(box=None)
        cited.add_column("cited in", justify="right")
        cited.add_column("document")
        for each in figures.top:
            cited.add_row(f"{each.times}", escape(f"{each.title} ({each.document_id})"))
        console.print(cited)


def _map(app: App, receipts: Receipts, guild: int | None, figures: Figures, theme: Theme) -> bytes:
    from bot.insight.mapping import map_picture
    from bot.permissions import scopes

    shown = app.library.catalog.scopes() if guild is None else scopes(guild)
    since = figures.since.timestamp()
    guilds = receipts.activity.guilds() if guild is None else (guild,)
    found = [each for one in guilds for each in receipts.gaps.open(one, since=since)]
    cited = {each.document_id: each.times for each in figures.cited}
    drawn = app.jobs.atlas.map(shown, cited=cited, gaps=app.jobs.alike(found))
    return map_picture(drawn, theme=theme, title="What the library holds")


def _write(path: Path, picture: bytes) -> None:
    from knowledge.errors import UsageError

    try:
        path.write_bytes(picture)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}).") from error
    typer.echo(f"Drawn: {path}")
