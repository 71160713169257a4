"""`footnote knowledge`: what admins do from Discord, from the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import knowledge_looking_cli
from bot.escape import typed
from bot.invocation import Home, Open, Wrap
from bot.knowledge_options import Anyway, Document, Guild, Name


def mount(app: typer.Typer, *, command: Wrap, opened: Open) -> None:
    """Add the commands below `app`."""
    group = typer.Typer(
        help="Add documents one by one, review them, take them back.", no_args_is_help=True
    )
    app.add_typer(group, name="knowledge")
    for part in (_add_adding, _add_watching, _add_deciding, _add_undoing):
        part(group, command, opened)
    knowledge_looking_cli.mount(group, command=command, opened=opened)


def _add_adding(group: typer.Typer, command: Wrap, opened: Open) -> None:
    @group.command()
    @command
    def add(
        file: Annotated[Path | None, typer.Argument(help="A file.")] = None,
        *,
        url: Annotated[str | None, typer.Option("--url", help="Or a public web page.")] = None,
        text: Annotated[
            str | None, typer.Option("--text", help="Or the title of a text on standard input.")
        ] = None,
        yes: Annotated[bool, typer.Option("--yes", help="Approve it at once.")] = False,
        guild: Guild = None,
        home: Home = None,
    ) -> None:
        """Read a document, show what was read and would be answered, and let it wait."""
        from bot import knowledge_work as work

        jobs = opened(home).jobs
        what = work.upload(jobs, file, url=url, text=text, scope=work.scope_of(guild))
        work.add(
            jobs,
            what,
            approve=lambda: sys.stdin.isatty() and typer.confirm("Approve?"),
            at_once=yes,
            say=typer.echo,
        )

    @group.command()
    @command
    def sync(
        folder: Annotated[Path, typer.Argument(help="The folder to keep in step with.")],
        *,
        anyway: Anyway = False,
        guild: Guild = None,
        home: Home = None,
    ) -> None:
        """Bring a library in step with a folder, in one commit."""
        from bot import knowledge_work as work

        jobs, scope = opened(home).jobs, work.scope_of(guild)
        work.decided(
            lambda: jobs.sync(folder, scope=scope, by=work.WHO, anyway=anyway, model=work.MODEL)
        )


def _add_watching(group: typer.Typer, command: Wrap, opened: Open) -> None:
    @group.command()
    @command
    def watch(
        document: Document,
        *,
        hours: Annotated[
            float, typer.Option("--every", help="Hours between two looks; 0: never.", min=0)
        ] = 24.0,
        guild: Guild = None,
        home: Home = None,
    ) -> None:
        """Look at a page again and again: with 'refresh', and while the bot runs."""
        from bot import knowledge_work as work

        scope = work.scope_of(guild)
        opened(home).jobs.watch(document, hours=hours, scope=scope, by=work.WHO)
        typer.echo(f"Looked at every {hours:g} hours." if hours else "Looked at no more.")

    @group.command()
    @command
    def refresh(*, home: Home = None) -> None:
        """Look at the watched pages whose time has come; what changed is read anew."""
        from bot import knowledge_work as work

        app = opened(home)
        work.refresh(app.jobs, at_once=not app.settings.review_documents, say=typer.echo)


def _add_deciding(group: typer.Typer, command: Wrap, opened: Open) -> None:
    @group.command()
    @command
    def approve(
        name: Name, *, anyway: Anyway = False, guild: Guild = None, home: Home = None
    ) -> None:
        """Let a document that waits answer."""
        from bot import knowledge_work as work

        jobs, scope = opened(home).jobs, work.scope_of(guild)
        work.decided(
            lambda: jobs.approve(name, scope=scope, by=work.WHO, anyway=anyway, model=work.MODEL)
        )

    @group.command()
    @command
    def reject(name: Name, *, guild: Guild = None, home: Home = None) -> None:
        """Forget a document that waits."""
        from bot import knowledge_work as work

        staged = opened(home).jobs.reject(name, scope=work.scope_of(guild), by=work.WHO)
        typer.echo(typed(f"Rejected {staged.name}."))


def _add_undoing(group: typer.Typer, command: Wrap, opened: Open) -> None:
    @group.command()
    @command
    def remove(
        document: Document, *, anyway: Anyway = False, guild: Guild = None, home: Home = None
    ) -> None:
        """Take a document out; rollback brings it back."""
        from bot import knowledge_work as work

        jobs, scope = opened(home).jobs, work.scope_of(guild)
        work.decided(
            lambda: jobs.remove(document, scope=scope, by=work.WHO, anyway=anyway, model=work.MODEL)
        )

    @group.command()
    @command
    def rollback(
        document: Annotated[
            str | None, typer.Argument(help="Which; the whole library if left out.")
        ] = None,
        *,
        version: Annotated[
            int | None, typer.Option("--version", help="How it was after this version.", min=0)
        ] = None,
        anyway: Anyway = False,
        guild: Guild = None,
        home: Home = None,
    ) -> None:
        """Go back to an earlier version of a document, or of the library."""
        from bot import knowledge_work as work

        scope = work.scope_of(guild)
        work.roll_back(opened(home).jobs, document, version=version, scope=scope, anyway=anyway)
