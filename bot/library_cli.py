"""The terminal's commands that change the library, or tell how it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.invocation import AsJson, Home, opened, print_json, told_plainly


@told_plainly
def index(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders; a folder is kept in step.")
    ] = None,
    *,
    empty: Annotated[
        bool, typer.Option("--empty", help="Keep the shipped documents out of this library.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change and change nothing.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Bring the library in step with files and folders, and the shipped documents."""
    from bot.indexing import index_paths

    shown = index_paths(opened(home), paths or [], empty=empty, dry_run=dry_run, quiet=as_json)
    if as_json:
        print_json(shown)


@told_plainly
def remove(
    document_ids: Annotated[list[str], typer.Argument(help="Ids as 'footnote status' shows them.")],
    *,
    home: Home = None,
) -> None:
    """Take documents out of the library; they answer no more from that instant."""
    from bot.indexing import remove_documents

    remove_documents(opened(home), document_ids)


@told_plainly
def status(*, as_json: AsJson = False, home: Home = None) -> None:
    """Show documents, passages, models, sizes and the library's version."""
    from bot.health import show_status, status_object

    app = opened(home)
    if as_json:
        print_json(status_object(app))
    else:
        show_status(app)


@told_plainly
def doctor(
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Build the vector store anew from the catalogue.")
    ] = False,
    home: Home = None,
) -> None:
    """Check settings, disk, models and stores, and say what to do."""
    from bot.health import examine, show_findings

    findings = examine(opened(home), repair=repair)
    show_findings(findings)
    if any(not each.ok for each in findings):
        raise typer.Exit(1)
