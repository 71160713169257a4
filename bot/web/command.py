"""`footnote web`: the page, served on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.app import App
    from bot.invocation import Open, Wrap
    from bot.web.guard import Guard
    from bot.web.house import House

PORT = 8710

_SHORTEST_TOKEN = 16
_GRACE_S = 3


def mount(app: typer.Typer, *, command: Wrap, opened: Open) -> None:
    """Add the command to `app`."""

    @app.command()
    @command
    def web(
        *,
        host: Annotated[
            str, typer.Option("--host", help="The address to listen at; needs a token elsewhere.")
        ] = "127.0.0.1",
        port: Annotated[int, typer.Option("--port", help="The port.", min=1, max=65535)] = PORT,
        home: Annotated[
            Path | None,
            typer.Option("--home", help="Data folder of the library.", envvar="FOOTNOTE_HOME"),
        ] = None,
    ) -> None:
        """Ask and look around in a browser on this machine."""
        from bot.progress import index_shipped

        made = opened(home)
        site = site_of(made, host=host)
        index_shipped(made)
        made.warm_up()
        serve(site, host=host, port=port)


def site_of(app: App, *, host: str) -> Guard:
    """The site of an application, open as far as its address and settings allow.

    Raises SettingsError where others could reach it without a token.
    """
    from bot.web.guard import LOOPBACK, Keys
    from bot.web.site import Site
    from knowledge.errors import SettingsError

    secret = app.settings.web_token
    token = secret.get_secret_value() if secret else None
    if host not in LOOPBACK and (token is None or len(token) < _SHORTEST_TOKEN):
        raise SettingsError(
            f"Others can reach {host}: set FOOTNOTE_WEB_TOKEN to at least {_SHORTEST_TOKEN} "
            "characters that nobody guesses, or leave --host out."
        )

    @asynccontextmanager
    async def opening() -> AsyncIterator[House]:
        async with house_of(app) as house:
            yield house

    hosts = LOOPBACK if host in LOOPBACK else frozenset[str]()
    return Site(opening, keys=Keys(token)).app(hosts=hosts)


@asynccontextmanager
async def house_of(app: App) -> AsyncIterator[House]:
    """The services of an application, as the bot has them; opened and closed in the loop."""
    from bot.receipts import Receipts
    from bot.serving import Shelves
    from bot.web.house import House
    from bot.worker import Worker

    settings = app.settings
    worker = Worker(threads=settings.concurrent_answers, queue_length=settings.queue_length)
    receipts = Receipts(settings.home / "receipts.sqlite3")
    try:
        yield House(settings, app.answerer, Shelves(app), receipts, app.jobs, worker)
    finally:
        await worker.close()
        receipts.close()


def serve(site: Guard, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; raises SettingsError where the address cannot be had."""
    import socket

    import uvicorn

    from knowledge.errors import SettingsError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"{host}, port {port} cannot be listened at ({error.strerror}). Name another with "
            "--port, or end what listens there."
        ) from error
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"The page is at http://{shown}:{port}/ until Ctrl-C.")
    config = uvicorn.Config(
        site,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    with listening:
        uvicorn.Server(config).run(sockets=[listening])
