"""The options and arguments that the commands of `footnote knowledge` share."""

from __future__ import annotations

from typing import Annotated

import typer

Guild = Annotated[
    int | None, typer.Option("--guild", help="A server's own library, by id; else the shared one.")
]
Server = Annotated[
    int | None, typer.Option("--guild", help="What was asked in one server, by id; else in all.")
]
Days = Annotated[int, typer.Option("--days", help="How far back.", min=1, max=3650)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Anyway = Annotated[bool, typer.Option("--anyway", help="Also where golden answers become worse.")]
Name = Annotated[str, typer.Argument(help="The id that 'footnote knowledge status' shows.")]
Document = Annotated[str, typer.Argument(help="The id that 'footnote knowledge list' shows.")]
