"""The command line: the same jobs as the bot's, in the terminal. Heavy parts load when needed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from bot import backup_cli, knowledge_cli
from bot.insight import command as insight_command
from bot.setup import command as setup_command

if TYPE_CHECKING:
    from bot.app import App

P = ParamSpec("P")

app = typer.Typer(
    name="footnote",
    help="Answers from your documents, with a citation for every sentence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
models_app = typer.Typer(
    help="List, fetch and verify the models.", invoke_without_command=True, no_args_is_help=False
)
app.add_typer(models_app, name="models")

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Data folder of the library.", envvar="FOOTNOTE_HOME"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Batch = Annotated[Path | None, typer.Option("--batch", help="Read questions from a .jsonl file.")]
Out = Annotated[Path | None, typer.Option("--out", help="Where to write a batch's results.")]


@contextmanager
def _plain_errors() -> Iterator[None]:
    """One sentence on standard error and an exit code instead of a traceback."""
    from pydantic import ValidationError

    from knowledge.errors import FootnoteError, UsageError

    try:
        yield
    except UsageError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(2) from error
    except FootnoteError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])).upper()
        typer.secho(f"The setting {place} is wrong: {first['msg']}.", err=True, fg="red")
        raise typer.Exit(2) from error
    except BrokenPipeError as error:
        raise typer.Exit(0) from error


def _command(function: Callable[P, None]) -> Callable[P, None]:
    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        with _plain_errors():
            function(*args, **kwargs)

    return wrapped


def _open(home: Path | None) -> App:
    from bot.app import App
    from bot.config import BotSettings
    from bot.progress import model_report

    settings = BotSettings() if home is None else BotSettings(home=home)
    return App(settings, report=model_report())


@app.command()
@_command
def ask(
    question: Annotated[str | None, typer.Argument(help="What to ask.")] = None,
    *,
    as_json: AsJson = False,
    batch: Batch = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """Answer a question: the evidence at once, then the answer, then its quotes."""
    from bot.progress import index_shipped

    if batch is not None:
        from bot.batch import ask_batch

        opened = _open(home)
        ask_batch(opened, batch, out=out)
        return
    text = _required(question, 'Ask something: footnote ask "What is mode collapse?"')
    from knowledge.answer import checked_question

    checked_question(text)
    opened = _open(home)
    index_shipped(opened)
    opened.warm_up()
    if as_json:
        from bot.batch import final_answer
        from bot.wire import answer_object

        _print_json(answer_object(final_answer(opened.answerer.answer(text)), question_id=None))
        return
    from bot.terminal import show_answer

    show_answer(opened.answerer.answer(text))


@app.command()
@_command
def chat(*, home: Home = None) -> None:
    """Ask one question after another; an empty line or Ctrl-D ends it."""
    from bot.progress import index_shipped
    from bot.terminal import converse

    opened = _open(home)
    index_shipped(opened)
    opened.warm_up()
    converse(opened.answerer)


@app.command()
@_command
def search(
    query: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    *,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    as_json: AsJson = False,
    batch: Batch = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """Find passages without asking the language model."""
    from bot.batch import search_all, search_batch
    from bot.progress import index_shipped

    opened = _open(home)
    if batch is not None:
        search_batch(opened, batch, out=out, k=k)
        return
    text = _required(query, 'Look for something: footnote search "latent space"')
    index_shipped(opened)
    ranked = search_all(opened, text)
    if as_json:
        from bot.wire import search_object

        _print_json(search_object(ranked, query=text, question_id=None, k=k))
        return
    from bot.terminal import show_passages

    show_passages(ranked[:k])


@app.command()
@_command
def check(
    claim: Annotated[str | None, typer.Argument(help="A statement, or several.")] = None,
    *,
    as_json: AsJson = False,
    batch: Batch = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """Hold statements against the documents: supported, contradicted, or not in them."""
    from bot.progress import index_shipped

    opened = _open(home)
    if batch is not None:
        from bot.batch import check_batch

        check_batch(opened, batch, out=out)
        return
    text = _required(claim, 'Give a statement: footnote check "GPT-3 has 175 billion parameters."')
    index_shipped(opened)
    if as_json:
        from bot.wire import check_object

        _print_json(check_object(opened.checker.check(text), claim_id=None))
        return
    from bot.terminal import show_checked

    show_checked(opened.answerer.check(text))


@app.command("eval")
@_command
def evaluate(
    cases: Annotated[Path, typer.Argument(help="Questions with what their answers must hold.")],
    *,
    out: Out = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Where to write a report to read.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", help="An earlier --out, to show what changed.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Ask questions with known answers and show how many are right."""
    from bot.evaluation import evaluate_file

    found = evaluate_file(_open(home), cases, out=out, html=html, compare=compare, quiet=as_json)
    if as_json:
        _print_json(found)


@app.command()
@_command
def run(*, home: Home = None) -> None:
    """Run the Discord bot until it is told to stop."""
    from bot.progress import index_shipped
    from bot.serving import serve

    opened = _open(home)
    index_shipped(opened)
    serve(opened)


@app.command()
@_command
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

    shown = index_paths(_open(home), paths or [], empty=empty, dry_run=dry_run, quiet=as_json)
    if as_json:
        _print_json(shown)


@app.command()
@_command
def remove(
    document_ids: Annotated[list[str], typer.Argument(help="Ids as 'footnote status' shows them.")],
    *,
    home: Home = None,
) -> None:
    """Take documents out of the library; they answer no more from that instant."""
    from bot.indexing import remove_documents

    remove_documents(_open(home), document_ids)


@app.command()
@_command
def status(*, as_json: AsJson = False, home: Home = None) -> None:
    """Show documents, passages, models, sizes and the library's version."""
    from bot.health import show_status, status_object

    opened = _open(home)
    if as_json:
        _print_json(status_object(opened))
    else:
        show_status(opened)


@app.command()
@_command
def doctor(
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Build the vector store anew from the catalogue.")
    ] = False,
    home: Home = None,
) -> None:
    """Check settings, disk, models and stores, and say what to do."""
    from bot.health import examine, show_findings

    findings = examine(_open(home), repair=repair)
    show_findings(findings)
    if any(not each.ok for each in findings):
        raise typer.Exit(1)


@models_app.callback()
@_command
def models(ctx: typer.Context) -> None:
    """List the models that are known, and which are there."""
    if ctx.invoked_subcommand is None:
        from bot.health import show_models

        show_models(_open(None))


@models_app.command("list")
@_command
def models_list() -> None:
    """List the models that are known, and which are there."""
    from bot.health import show_models

    show_models(_open(None))


@models_app.command("fetch")
@_command
def models_fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names; without any, what the settings name.")
    ] = None,
) -> None:
    """Fetch models that are missing; what is there is left alone."""
    opened = _open(None)
    for name in names or opened.settings.local_models:
        folder = opened.models.resolve(name)
        typer.echo(f"{name}: {folder}")


@models_app.command("verify")
@_command
def models_verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names; without any, all installed.")
    ] = None,
) -> None:
    """Hash every file of installed models again and compare with the record."""
    opened = _open(None)
    installed = [each.name for each in opened.models.list() if each.installed]
    for name in names or installed:
        opened.models.verify(name)
        typer.echo(f"{name}: whole")


def _required(value: str | None, hint: str) -> str:
    from knowledge.errors import UsageError

    if value is None:
        raise UsageError(hint)
    return value


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


knowledge_cli.mount(app, command=_command, opened=_open)
backup_cli.mount(app, command=_command, located=lambda home: _open(home).settings.home)
setup_command.mount(app, command=_command)
insight_command.mount(app, command=_command, opened=_open)


def main() -> None:
    """Run the command line."""
    from knowledge.hardware import share_cores

    share_cores()
    app()
