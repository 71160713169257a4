"""Keeps the bot connected until it is told to stop: passing trouble is retried, the rest told."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
from collections.abc import Callable, Iterator

import aiohttp
import discord
import structlog

from bot.client import FootnoteClient
from bot.config import BotSettings
from bot.desk import desk_for
from bot.jobs import Jobs
from bot.knowing import Answerer, Library
from bot.receipts import Receipts
from bot.vitals.condition import Condition
from bot.vitals.figures import Figures
from bot.vitals.watch import Watch
from knowledge.errors import SettingsError

log = structlog.get_logger(__name__)

Connector = aiohttp.BaseConnector | Callable[[], aiohttp.BaseConnector]

NOT_SET = (
    "There is no Discord token: set DISCORD_TOKEN to the one on the Bot page of"
    " https://discord.com/developers/applications."
)
REFUSED = (
    "Discord refuses the token: make a new one with Reset Token on the application's Bot page"
    " and set DISCORD_TOKEN to it."
)
INTENTS = (
    "Discord refuses the bot's intents (4014): Footnote asks for none that is privileged, so"
    " check that DISCORD_TOKEN belongs to the application you mean."
)
FORBIDDEN = (
    "Discord denies the bot a permission: invite it again with the scopes 'bot' and"
    " 'applications.commands'."
)
_REFUSED_CODE = 4004
_INTENTS_CODES = frozenset({4013, 4014})
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0


async def run(
    settings: BotSettings,
    *,
    answerer: Answerer,
    library: Library,
    receipts: Receipts,
    jobs: Jobs | None = None,
    load: Callable[[], None] | None = None,
    watch: Watch | None = None,
    connector: Connector | None = None,
) -> None:
    """Run the bot until SIGTERM or SIGINT.

    `load` is called in a thread while the bot logs in; it shows as online when that is done, so
    that nobody's question waits for a model. Raises what `load` raises, and SettingsError with one
    line of help where the token, the intents or a permission is refused. A `connector` given as a
    function is called for each new connection.
    """
    token = required_token(settings)
    watch = watch or Watch(Condition(settings.answer_timeout_s), Figures())

    def made() -> FootnoteClient:
        client = FootnoteClient(
            settings,
            answerer=answerer,
            library=library,
            receipts=receipts,
            desk=None if jobs is None else desk_for(jobs, settings),
            figures=watch.figures,
            connector=_connector(connector),
        )
        watch.connect(client)
        return client

    with _stopping() as stop:
        async with watch.serving():
            loading = asyncio.create_task(_loaded(load, watch.condition))
            await _kept_connected(made, token, stop, loading)


async def _kept_connected(
    made: Callable[[], FootnoteClient], token: str, stop: asyncio.Event, loading: asyncio.Task[None]
) -> None:
    """One client after the other until told to stop, the next ever later where none holds."""
    pause = _FIRST_PAUSE_S
    while not stop.is_set():
        client = made()
        started = asyncio.get_running_loop().time()
        try:
            await _until_stopped(client, token, stop, loading)
        except _PassingError as error:
            log.warning("no connection", reason=str(error.__cause__), retry_s=pause)
        finally:
            await client.close()
        if asyncio.get_running_loop().time() - started > _LONGEST_PAUSE_S:
            pause = _FIRST_PAUSE_S
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(pause * 2, _LONGEST_PAUSE_S)


def required_token(settings: BotSettings) -> str:
    """The bot's token; raises SettingsError where there is none."""
    if settings.discord_token is None:
        raise SettingsError(NOT_SET)
    return settings.discord_token.get_secret_value()


async def _loaded(load: Callable[[], None] | None, condition: Condition) -> None:
    if load is not None:
        started = asyncio.get_running_loop().time()
        log.info("loading models")
        await asyncio.to_thread(load)
        seconds = round(asyncio.get_running_loop().time() - started, 1)
        log.info("models loaded", seconds=seconds)
    condition.loaded = True


class _PassingError(Exception):
    """The connection failed in a way that may pass."""


async def _until_stopped(
    client: FootnoteClient, token: str, stop: asyncio.Event, loading: asyncio.Task[None]
) -> None:
    connected = asyncio.create_task(_online(client, token, loading))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({connected, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        await client.shut_down()
        connected.cancel()
        await asyncio.gather(connected, return_exceptions=True)
        return
    stopped.cancel()
    await connected


async def _online(client: FootnoteClient, token: str, loading: asyncio.Task[None]) -> None:
    """Log in, and stay connected once the models are there."""
    with _explained(client):
        await client.login(token)
    # Another connection may be tried while they still load.
    await asyncio.shield(loading)
    with _explained(client):
        await client.connect()


@contextlib.contextmanager
def _explained(client: FootnoteClient) -> Iterator[None]:
    """Turn discord.py's errors into _PassingError or an error a person can act on."""
    try:
        yield
    except discord.LoginFailure:
        raise SettingsError(REFUSED) from None
    except discord.PrivilegedIntentsRequired:
        raise SettingsError(INTENTS) from None
    except discord.ConnectionClosed as error:
        raise _closed(error) from error
    except discord.Forbidden:
        raise SettingsError(FORBIDDEN) from None
    except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError) as error:
        raise _PassingError from error
    except (OSError, TimeoutError) as error:
        raise _PassingError from error
    except AttributeError as error:
        # discord.py 2.7 dies with it where the gateway is down at the very first connect.
        if client.ws is not None:
            raise
        raise _PassingError from error


def _closed(error: discord.ConnectionClosed) -> Exception:
    """What a close code means."""
    if error.code == _REFUSED_CODE:
        return SettingsError(REFUSED)
    if error.code in _INTENTS_CODES:
        return SettingsError(INTENTS)
    return _PassingError()


def _connector(given: Connector | None) -> aiohttp.BaseConnector:
    if given is None:
        # Names are resolved as the operating system says, certificates as SSL_CERT_FILE does.
        return aiohttp.TCPConnector(
            limit=0, resolver=aiohttp.ThreadedResolver(), ssl=ssl.create_default_context()
        )
    return given() if callable(given) else given


@contextlib.contextmanager
def _stopping() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    for each in signals:
        loop.add_signal_handler(each, stop.set)
    try:
        yield stop
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
