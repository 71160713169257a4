"""`footnote run`, and `footnote health`, which asks a running bot how it is."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.invocation import Home, opened, told_plainly

LOOPBACK = "127.0.0.1"
PORT = 8711

_PATIENCE_S = 5.0


@told_plainly
def run(
    *,
    health_port: Annotated[
        int | None,
        typer.Option(
            "--health-port",
            help="Serve /live, /ready and /metrics at this port, to this machine alone.",
            min=1,
            max=65535,
        ),
    ] = None,
    health_host: Annotated[
        str,
        typer.Option("--health-host", help="Serve them at another address; they hold no text."),
    ] = LOOPBACK,
    home: Home = None,
) -> None:
    """Run the Discord bot until it is told to stop."""
    from bot.progress import index_shipped
    from bot.serving import serve
    from bot.supervisor import required_token
    from bot.vitals.port import Port

    found = opened(home)
    required_token(found.settings)
    index_shipped(found)
    serve(found, port=None if health_port is None else Port(health_port, health_host))


@told_plainly
def health(
    *,
    port: Annotated[int, typer.Option("--port", help="Its health port.", min=1, max=65535)] = PORT,
    ready: Annotated[
        bool, typer.Option("--ready", help="Whether it takes questions, not only lives.")
    ] = False,
) -> None:
    """Ask a bot on this machine, started with --health-port, how it is: exit code 0 or 1."""
    from http.client import HTTPConnection, HTTPException

    from knowledge.errors import FootnoteError

    connection = HTTPConnection(LOOPBACK, port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", "/ready" if ready else "/live")
        answer = connection.getresponse()
        sentence = answer.read(1000).decode("utf-8", "replace").strip()
    except (OSError, HTTPException) as error:
        raise FootnoteError(
            f"No bot answers at port {port} of this machine ({error}). Start it with 'footnote run "
            f"--health-port {port}', or name its port with --port."
        ) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise FootnoteError(sentence)
    typer.echo(sentence)
