"""The health port: /live, /ready and /metrics over HTTP, served by the loop that they speak of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot.vitals.condition import Condition
from bot.vitals.figures import CONTENT_TYPE, Figures
from knowledge.errors import SettingsError

log = structlog.get_logger(__name__)

LOOPBACK = "127.0.0.1"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

_FINE = "ok"
_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Port:
    """Where to listen; port 0 takes any that is free."""

    number: int
    host: str = LOOPBACK


@asynccontextmanager
async def served(port: Port, *, condition: Condition, figures: Figures) -> AsyncIterator[int]:
    """Serve until the end of the block; yields the port.

    Raises SettingsError where it cannot be had.
    """
    application = web.Application()
    application.router.add_get("/live", _told(condition.dead))
    application.router.add_get("/ready", _told(condition.unready))
    application.router.add_get("/metrics", _metrics(figures))
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_GRACE_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, port.host, port.number).start()
        except OSError as error:
            raise SettingsError(
                f"{port.host}, port {port.number} cannot be listened at ({error.strerror}). Name "
                "another with --health-port, or end what listens there."
            ) from error
        number = int(runner.addresses[0][1])
        log.info("health port", host=port.host, port=number)
        yield number
    finally:
        await runner.cleanup()


def _told(wrong: Callable[[], str | None]) -> Answer:
    """200 where nothing is wrong, else 503 with the sentence."""

    async def answer(_: web.Request) -> web.StreamResponse:
        sentence = wrong()
        return web.Response(text=f"{sentence or _FINE}\n", status=503 if sentence else 200)

    return answer


def _metrics(figures: Figures) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=figures.text(), headers={"Content-Type": CONTENT_TYPE})

    return answer
