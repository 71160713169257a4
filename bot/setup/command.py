"""`footnote init`: its options, and the order of its steps."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.invocation import Wrap
    from bot.setup.account import Account, Connector
    from bot.setup.flow import Wanted
    from bot.setup.machine import Choice


def mount(app: typer.Typer, *, command: Wrap, connector: Connector | None = None) -> None:
    """Add the command to `app`; `connector` makes the way to Discord another one."""

    @app.command()
    @command
    def init(
        *,
        server: Annotated[
            str | None, typer.Option("--server", help="Name or id of the server.")
        ] = None,
        admin_role: Annotated[
            str | None, typer.Option("--admin-role", help="Name or id of the admins' role.")
        ] = None,
        model: Annotated[
            str | None, typer.Option("--model", help="The language model; 'auto' measures.")
        ] = None,
        env: Annotated[
            Path, typer.Option("--env", help="The file to write the settings to.")
        ] = Path(".env"),
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Change a file that is there, unasked.")
        ] = False,
        fetch: Annotated[
            bool | None, typer.Option("--fetch/--no-fetch", help="Whether to fetch the models now.")
        ] = None,
        offline: Annotated[
            bool, typer.Option("--offline", help="Do not ask Discord about the token.")
        ] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take what fits.")] = False,
    ) -> None:
        """Set Footnote up: token, admins, a model that fits, .env, the invite link, doctor.

        Asks for what the options leave open. Without a terminal, or with --yes, it asks nothing:
        the token is then taken from DISCORD_TOKEN, since a command line is no place for a secret.
        """
        from bot.setup.flow import Wanted

        ask = not yes and terminal()
        wanted = Wanted(
            env, server, admin_role, model, ask, offline, overwrite=overwrite, fetch=fetch
        )
        run(wanted, connector=connector)


def terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def run(wanted: Wanted, *, connector: Connector | None = None) -> None:
    """Take every step; raises what stops it, before anything was written."""
    from bot.config import BotSettings
    from bot.reference import FIELDS, environment_name
    from bot.setup import dotenv, flow

    before = dotenv.read(wanted.env)
    now = BotSettings(_env_file=wanted.env)  # type: ignore[call-arg]  # pydantic-settings' own
    known = now.discord_token.get_secret_value() if now.discord_token else None
    token, account = flow.choose_token(wanted, known=known, connector=connector)
    if account is not None:
        flow.say_account(account)
    server = flow.choose_server(wanted, account) if account else None
    role = flow.choose_role(wanted, account, server)
    name = flow.choose_model(wanted, _measured)
    values = {"llm_model": name}
    values |= {"discord_token": token} if token else {}
    values |= {"admin_role": str(role)} if role else {}
    described = {
        environment_name(field): (value, FIELDS[field].description or "")
        for field, value in values.items()
    }
    text = dotenv.merged(before, described)
    if not flow.may_write(wanted, changed=text != before):
        raise typer.Exit(1)
    dotenv.write(wanted.env, text)
    typer.echo(f"Wrote {', '.join(described)} to {wanted.env}, readable by you only.")
    _finish(wanted, account)


def _measured() -> Sequence[Choice]:
    from bot.setup.machine import choices
    from knowledge.embedded import EMBEDDED
    from knowledge.hardware import fast_dtype, machine, measure

    here = machine()
    gpu = f", {here.gpu} with {here.gpu_memory / 1e9:.0f} GB" if here.gpu else ", no GPU"
    typer.echo(f"This machine: {here.cores} cores, {here.memory / 1e9:.0f} GB of memory{gpu}.")
    return choices(
        EMBEDDED.values(),
        machine=here,
        speed=measure(),
        element_bytes=fast_dtype().itemsize,
    )


def _finish(wanted: Wanted, account: Account | None) -> None:
    """Fetch what is missing if that is wanted, examine all, and say what comes next."""
    from bot.app import App
    from bot.config import BotSettings
    from bot.health import examine, show_findings
    from bot.progress import model_report

    settings = BotSettings(_env_file=wanted.env)  # type: ignore[call-arg]  # as above
    opened = App(settings, report=model_report())
    missing = [name for name in settings.local_models if not opened.models.installed(name)]
    fetch = wanted.fetch
    if fetch is None and missing and wanted.ask:
        fetch = typer.confirm(f"Fetch the missing models now ({', '.join(missing)})?", default=True)
    for name in missing if fetch else ():
        opened.models.resolve(name)
    show_findings(examine(opened, repair=False))
    if account is not None:
        typer.echo(
            f"Invite link, with the permissions the bot needs and no others:\n{account.invite}"
        )
    typer.echo(
        'Next: footnote ask "What is mode collapse?"' + (", or footnote run" if account else "")
    )
