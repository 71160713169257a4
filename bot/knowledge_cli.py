"""`footnote knowledge`: what admins do from Discord, from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, Protocol

import typer

if TYPE_CHECKING:
    from bot.app import App
    from bot.jobs import Jobs
    from indexer.intake import Review
    from indexer.pending import Upload
    from indexer.receipt import Receipt

P = ParamSpec("P")

WHO = "command line"

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Data folder of the library.", envvar="FOOTNOTE_HOME"),
]
Guild = Annotated[
    int | None, typer.Option("--guild", help="A server's own library, by id; else the shared one.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Also where golden answers lose what they quote.")
]
Name = Annotated[str, typer.Argument(help="The id that 'footnote knowledge status' shows.")]
Document = Annotated[str, typer.Argument(help="The id that 'footnote knowledge list' shows.")]


class Wrap(Protocol):
    """Turns a function into a command whose errors are told in a sentence."""

    def __call__(self, function: Callable[P, None]) -> Callable[P, None]:
        """Wrap it."""


Open = Callable[[Path | None], "App"]


def mount(app: typer.Typer, *, command: Wrap, opened: Open) -> None:
    """Add the commands below `app`."""
    group = typer.Typer(
        help="Add documents one by one, review them, take them back.", no_args_is_help=True
    )
    app.add_typer(group, name="knowledge")
    _add_adding(group, command, opened)
    _add_deciding(group, command, opened)
    _add_looking(group, command, opened)
    _add_undoing(group, command, opened)


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
        """Read a document, show what was read, and let it wait for a decision."""
        jobs = opened(home).jobs
        found = jobs.add(_upload(jobs, file, url=url, text=text, scope=_scope(guild)))
        _show_review(found)
        if yes or (sys.stdin.isatty() and typer.confirm("Approve?")):
            _show_receipt(jobs.approve(found.staged.id, scope=_scope(guild), by=WHO))
        else:
            typer.echo(f"It waits: footnote knowledge approve {found.staged.id}")

    @group.command()
    @command
    def sync(
        folder: Annotated[Path, typer.Argument(help="The folder to keep in step with.")],
        *,
        guild: Guild = None,
        home: Home = None,
    ) -> None:
        """Bring a library in step with a folder."""
        _show_receipt(opened(home).jobs.sync(folder, scope=_scope(guild), by=WHO))


def _add_deciding(group: typer.Typer, command: Wrap, opened: Open) -> None:
    @group.command()
    @command
    def approve(
        name: Name, *, anyway: Anyway = False, guild: Guild = None, home: Home = None
    ) -> None:
        """Let a document that waits answer."""
        jobs = opened(home).jobs
        _show_receipt(jobs.approve(name, scope=_scope(guild), by=WHO, anyway=anyway))

    @group.command()
    @command
    def reject(name: Name, *, guild: Guild = None, home: Home = None) -> None:
        """Forget a document that waits."""
        staged = opened(home).jobs.reject(name, scope=_scope(guild), by=WHO)
        typer.echo(f"Rejected {staged.name}.")


def _add_looking(group: typer.Typer, command: Wrap, opened: Open) -> None:
    @group.command("list")
    @command
    def listed(*, guild: Guild = None, as_json: AsJson = False, home: Home = None) -> None:
        """List a library's documents."""
        for each in opened(home).jobs.documents(scope=_scope(guild)):
            typer.echo(
                json.dumps(asdict(each), ensure_ascii=False)
                if as_json
                else f"{each.id}\t{each.title}\t{each.passages} passages"
            )

    @group.command()
    @command
    def status(*, guild: Guild = None, home: Home = None) -> None:
        """Show what waits for a decision."""
        waiting = opened(home).jobs.waiting(scope=_scope(guild))
        for each in waiting:
            typer.echo(f"{each.id}\t{each.name}\tby {each.by}\tsince {each.at}")
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
        jobs = opened(home).jobs
        for each in jobs.history(scope=_scope(guild), document_id=document, limit=1000):
            typer.echo(
                json.dumps(asdict(each), ensure_ascii=False)
                if as_json
                else f"{each.version}\t{each.at[:16]}\t{each.action}\t{each.document_id}"
            )

    @group.command()
    @command
    def log(*, guild: Guild = None, home: Home = None) -> None:
        """Print who did what to which document and when, as JSON Lines, newest first."""
        for each in opened(home).jobs.audit.entries(scope=_scope(guild)):
            typer.echo(json.dumps(asdict(each), ensure_ascii=False))


def _add_undoing(group: typer.Typer, command: Wrap, opened: Open) -> None:
    @group.command()
    @command
    def remove(
        document: Document, *, anyway: Anyway = False, guild: Guild = None, home: Home = None
    ) -> None:
        """Take a document out; rollback brings it back."""
        jobs = opened(home).jobs
        _show_receipt(jobs.remove(document, scope=_scope(guild), by=WHO, anyway=anyway))

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
        guild: Guild = None,
        home: Home = None,
    ) -> None:
        """Go back to an earlier version of a document, or of the library."""
        from knowledge.errors import UsageError

        jobs, scope = opened(home).jobs, _scope(guild)
        if document is not None:
            _show_receipt(jobs.roll_back(document, scope=scope, by=WHO, version=version))
        elif version is not None:
            _show_receipt(jobs.roll_back_all(version, scope=scope, by=WHO))
        else:
            raise UsageError("Name a document, or a --version to take everything back to.")


def _upload(
    jobs: Jobs, file: Path | None, *, url: str | None, text: str | None, scope: str
) -> Upload:
    from indexer.pending import Upload
    from indexer.web import Web, document_id
    from knowledge.errors import DocumentError, UsageError

    if [file, url, text].count(None) != 2:
        raise UsageError("Name one of: a file, --url, --text.")
    if url is not None:
        web = Web(largest=jobs.limits.file_bytes, seconds=jobs.limits.seconds)
        found = web.fetch(url)
        return Upload(found.name, found.data, document_id(found.url), scope, WHO, source=found.url)
    if text is not None:
        name = f"{text}.md"
        return Upload(name, f"# {text}\n\n{sys.stdin.read()}".encode(), name, scope, WHO)
    assert file is not None
    try:
        with file.open("rb") as stream:
            data = stream.read(jobs.limits.file_bytes + 1)
    except OSError as error:
        raise DocumentError(f"{file} cannot be opened ({error.strerror}).") from error
    return Upload(file.name, data, file.name, scope, WHO)


def _scope(guild: int | None) -> str:
    from bot.permissions import SHARED, own_scope

    return SHARED if guild is None else own_scope(guild)


def _show_review(found: Review) -> None:
    pages = f"{found.pages} pages, " if found.pages else ""
    typer.echo(f"{found.info.title} ({found.info.id})")
    typer.echo(f"  {pages}{found.words} words, {len(found.passages)} passages")
    if found.same:
        typer.echo("  The same is in the library already.")
    elif found.replaces is not None:
        typer.echo(f"  Replaces {found.replaces.title}.")
    for note in found.notes:
        typer.secho(f"  Not read: {note}", fg="yellow")
    for alike in found.alike:
        typer.echo(f"  Nearly the same as {alike.title} in {alike.passages} passages.")
    for each in found.suspicious:
        typer.secho(f"  It {each.why}: {each.quote}", fg="yellow")


def _show_receipt(done: Receipt) -> None:
    for label, ids in (
        ("added", done.added),
        ("changed", done.changed),
        ("removed", done.removed),
    ):
        for each in ids:
            typer.echo(f"{label}\t{each}")
    for failure in done.failed:
        typer.secho(f"failed\t{failure.id}\t{failure.reason}", fg="red")
    typer.echo(
        f"Library version {done.version_before} → {done.version_after}, "
        f"{len(done.unchanged)} unchanged, {done.seconds:.1f} s"
    )
