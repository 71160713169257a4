"""`footnote knowledge`, as far as it looks: the library, what was asked, what must stay right."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.escape import typed
from bot.invocation import Home, Open, Wrap
from bot.knowledge_options import AsJson, Days, Guild, Server


def mount(group: typer.Typer, *, command: Wrap, opened: Open) -> None:
    """Add the commands to the group."""
    for part in (_add_library, _add_asked, _add_golden):
        part(group, command, opened)


def _add_library(group: typer.Typer, command: Wrap, opened: Open) -> None:
    @group.command("list")
    @command
    def listed(*, guild: Guild = None, as_json: AsJson = False, home: Home = None) -> None:
        """List a library's documents."""
        from bot import knowledge_work as work

        for each in opened(home).jobs.documents(scope=work.scope_of(guild)):
            line = f"{each.id}\t{each.title}\t{each.passages} passages"
            typer.echo(work.lined(each) if as_json else typed(line))

    @group.command()
    @command
    def status(*, guild: Guild = None, home: Home = None) -> None:
        """Show what waits for a decision."""
        from bot import knowledge_work as work

        waiting = opened(home).jobs.waiting(scope=work.scope_of(guild))
        for each in waiting:
            typer.echo(typed(f"{each.id}\t{each.name}\tby {each.by}\tsince {each.at}"))
        if not waiting:
            typer.echo("Nothing waits for a decision.")

    @group.command()
    @command
    def history(
        document: Annotated[str | None, typer.Argument(help="Only this document.")] = None,
        *,
        guild: Guild = None,
        as_json: AsJson = False,
        home: Home = None,
    ) -> None:
        """List what changed in a library, newest first."""
        from bot import knowledge_work as work

        jobs, scope = opened(home).jobs, work.scope_of(guild)
        for each in jobs.history(scope=scope, document_id=document, limit=1000):
            line = f"{each.version}\t{each.at[:16]}\t{each.action}\t{each.document_id}"
            typer.echo(work.lined(each) if as_json else typed(line))

    @group.command()
    @command
    def log(*, guild: Guild = None, home: Home = None) -> None:
        """Print who did what to which document and when, as JSON Lines, newest first."""
        from bot import knowledge_work as work

        for each in opened(home).jobs.audit.entries(scope=work.scope_of(guild)):
            typer.echo(work.lined(each))


def _add_asked(group: typer.Typer, command: Wrap, opened: Open) -> None:
    @group.command()
    @command
    def gaps(
        *, days: Days = 30, guild: Server = None, as_json: AsJson = False, home: Home = None
    ) -> None:
        """List what the documents did not answer, alike questions together, most asked first."""
        from bot import knowledge_asked as asked

        for each in asked.gaps(opened(home), guild, days=days):
            line = f"{each.times}\t{each.newest.question}\t{each.newest.receipt}"
            typer.echo(asked.lined(each) if as_json else typed(line))

    @group.command()
    @command
    def feedback(
        *, days: Days = 30, guild: Server = None, as_json: AsJson = False, home: Home = None
    ) -> None:
        """Show the thumbs, with what members say was wrong; complaints first."""
        from bot import knowledge_asked as asked

        found = asked.feedback(opened(home), guild, days=days)
        if as_json:
            typer.echo(asked.lined(found))
        else:
            asked.show_feedback(found)


def _add_golden(group: typer.Typer, command: Wrap, opened: Open) -> None:
    below = typer.Typer(
        help="Answers that must stay possible whatever changes.", no_args_is_help=True
    )
    group.add_typer(below, name="golden")

    @below.command("list")
    @command
    def listed(*, guild: Guild = None, as_json: AsJson = False, home: Home = None) -> None:
        """List the golden answers, newest first."""
        from bot import knowledge_work as work

        for each in opened(home).jobs.golden.all(scope=work.scope_of(guild)):
            line = f"{each.id}\t{each.question}\t{each.answer}"
            typer.echo(work.lined(each) if as_json else typed(line))

    @below.command()
    @command
    def write(
        question: Annotated[str, typer.Argument(help="The question.")],
        answer: Annotated[str, typer.Argument(help="Sentences that must stay provable.")],
        *,
        guild: Guild = None,
        home: Home = None,
    ) -> None:
        """Write down a question with its right answer."""
        from bot import knowledge_work as work

        opened(home).jobs.golden.write(question, answer, scope=work.scope_of(guild))
        typer.echo("Golden.")

    @below.command()
    @command
    def mark(
        receipt: Annotated[str, typer.Argument(help="The id that /why and 'gaps' show.")],
        *,
        home: Home = None,
    ) -> None:
        """Keep an answer that was given possible, in the library of the server it was given in."""
        from bot import knowledge_asked as asked

        asked.mark(opened(home), receipt)
        typer.echo("Golden.")

    @below.command()
    @command
    def drop(
        name: Annotated[str, typer.Argument(help="The id that 'golden list' shows.")],
        *,
        guild: Guild = None,
        home: Home = None,
    ) -> None:
        """Take an answer off the list."""
        from bot import knowledge_work as work

        work.drop_golden(opened(home).jobs, name, scope=work.scope_of(guild))
        typer.echo("No longer golden.")
