"""The steps of `footnote init`, each asking only what the flags left open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table

from bot.console import steady_console
from bot.escape import typed
from bot.setup.account import Account, Connector, Named, look_up
from bot.setup.machine import Choice, best
from knowledge.errors import SettingsError, UsageError

_TRIES = 3
_PORTAL = "https://discord.com/developers/applications"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the flags said; None for what they left open. `ask` is off without a terminal."""

    env: Path
    server: str | None = None
    admin_role: str | None = None
    model: str | None = None
    ask: bool = True
    offline: bool = False
    overwrite: bool = False
    fetch: bool | None = None


def choose_token(
    wanted: Wanted, *, known: str | None, connector: Connector | None
) -> tuple[str | None, Account | None]:
    """The token and what Discord says of it; both None where Discord is to wait."""
    token = known
    for left in reversed(range(_TRIES)):
        token = token or (_asked_for_token() if wanted.ask else None)
        if not token or wanted.offline:
            return token or None, None
        try:
            return token, look_up(token, connector=connector)
        except SettingsError as error:
            if not (wanted.ask and left):
                raise
            typer.secho(typed(str(error)), err=True, fg="red")
            token = None
    return None, None


def choose_server(wanted: Wanted, account: Account) -> Named | None:
    """The server whose roles are looked at; None where the bot is in none yet."""
    if wanted.server is not None:
        return _named(wanted.server, account.servers, what="server the bot is in")
    if len(account.servers) < 2 or not wanted.ask:
        return account.servers[0] if len(account.servers) == 1 else None
    return _picked("Which server?", account.servers)


def choose_role(wanted: Wanted, account: Account | None, server: Named | None) -> int | None:
    """The id of the role that may administer; None for members with Manage Server only."""
    if wanted.admin_role is not None:
        if wanted.admin_role.isdigit() and server is None:
            return int(wanted.admin_role)
        roles = account.roles_of(server.id) if account and server else ()
        return _named(wanted.admin_role, roles, what="role").id
    if not wanted.ask or account is None or server is None:
        return None
    roles = account.roles_of(server.id)
    typer.echo("Members with Manage Server may administer. A role may as well:")
    found = _picked("Which role?", (Named(0, "no role"), *roles)) if roles else None
    return found.id or None if found else None


def choose_model(wanted: Wanted, measured: Callable[[], Sequence[Choice]]) -> str:
    """The language model: as named, or the one that fits this machine best."""
    if wanted.model not in (None, "auto"):
        return str(wanted.model)
    found = measured()
    fitting = best(found)
    show_choices(found, fitting)
    if not wanted.ask:
        return fitting.name
    names = [each.name for each in found]
    while (name := typer.prompt("Which model?", default=fitting.name)) not in names:
        typer.echo(f"There is no {name!r}: name one of {', '.join(names)}.")
    return str(name)


def show_choices(found: Sequence[Choice], fitting: Choice) -> None:
    """Print what each model would need and how long it would take here."""
    table = Table(box=None)
    for column in ("model", "memory", "one answer", ""):
        table.add_column(column, no_wrap=True)
    for each in found:
        note = "fits best" if each is fitting else "" if each.fits else "too large here"
        table.add_row(each.name, f"{each.needed / 1e9:.1f} GB", f"about {each.seconds:.0f} s", note)
    steady_console().print(table)


def may_write(wanted: Wanted, *, changed: bool) -> bool:
    """Whether the file may be written: always where it is new, else only where one says so."""
    if not changed or not wanted.env.exists() or wanted.overwrite:
        return True
    if not wanted.ask:
        raise UsageError(
            f"{wanted.env} is there already. Add --overwrite to put the new settings into it "
            "(all else in it stays), or name another file with --env."
        )
    return typer.confirm(f"{wanted.env} is there already. Put these settings into it?")


def say_account(account: Account) -> None:
    """Print who the token is, where it is, and how to get it there."""
    where = ", ".join(escape(each.name) for each in account.servers) or "no server yet"
    console = steady_console()
    console.print(f"The token is [bold]{escape(account.name)}[/]'s; it is in {where}.")
    if not account.servers:
        console.print("Invite it with this link (it asks for what the bot needs and no more):")
        typer.echo(account.invite)


def _asked_for_token() -> str:
    typer.echo(f"Make an application at {_PORTAL}, open its Bot page, and choose Reset Token.")
    hint = "The bot's token (not shown; empty to set Discord up later)"
    return str(typer.prompt(hint, default="", show_default=False, hide_input=True)).strip()


def _picked(question: str, found: Sequence[Named]) -> Named:
    for number, each in enumerate(found, start=1):
        typer.echo(typed(f"  {number}  {each.name}"))
    while not (given := str(typer.prompt(question, default="1"))).isdigit() or not (
        1 <= int(given) <= len(found)
    ):
        typer.echo(f"Give a number from 1 to {len(found)}.")
    return found[int(given) - 1]


def _named(wanted: str, found: Sequence[Named], *, what: str) -> Named:
    fitting = [each for each in found if wanted in (str(each.id), each.name)]
    if len(fitting) != 1:
        known = ", ".join(f"{each.name} ({each.id})" for each in found) or "none"
        raise UsageError(f"There is no {what} {wanted!r}. Known are: {known}.")
    return fitting[0]
