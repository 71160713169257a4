"""A Discord on loopback: real TLS sockets for the real client, every request checked."""

from __future__ import annotations

import asyncio
import functools
import json
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import trustme
from aiohttp import web
from aiohttp.abc import AbstractResolver

from tests.discord.gateway import Gateway
from tests.discord.guilds import Guilds
from tests.discord.openapi import referee
from tests.discord.rest import DiscordError, Rest
from tests.discord.world import World

HOSTS = ("discord.com", "gateway.discord.gg", "cdn.discordapp.com")
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.loopback-only"
API = "/api/v10"


@functools.cache
def authority() -> trustme.CA:
    """One certificate authority for all tests."""
    return trustme.CA()


@dataclass
class Fault:
    """What happens to requests instead of an answer, `times` times."""

    method: str
    path: str
    times: int = 1
    status: int | None = None
    code: int = 0
    retry_after: float = 0.0
    delay: float = 0.0
    reset: bool = False
    hits: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether it is this fault's turn."""
        return self.hits < self.times and method == self.method and bool(re.search(self.path, path))


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    at: float
    method: str
    path: str
    body: Any
    status: int = 0


@dataclass
class Loopback:
    """The server; `async with` starts and stops it."""

    world: World = field(default_factory=World)
    seen: list[Seen] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self.rest = Rest(self.world)
        self.guilds = Guilds(self.world)
        self.gateway = Gateway(self.world, token=TOKEN)

    async def __aenter__(self) -> Loopback:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority().issue_cert(*HOSTS).configure_cert(context)
        application = web.Application()
        self._route(application)
        self._runner = web.AppRunner(application, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=context)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.drop()
        await self._runner.cleanup()

    @property
    def violations(self) -> list[str]:
        """Everything a real Discord would have refused, and every name that is not Discord's."""
        return [*self.rest.violations, *(f"looked up {host}" for host in self.foreign)]

    def connector(self) -> aiohttp.TCPConnector:
        """What makes a client come here: Discord's names, and no others, lead to this server."""
        context = ssl.create_default_context()
        authority().configure_trust(context)
        return aiohttp.TCPConnector(resolver=Resolver(self), ssl=context)

    def fail(self, method: str, path: str, **how: Any) -> Fault:
        """Make requests fail from now on."""
        fault = Fault(method, path, **how)
        self.faults.append(fault)
        return fault

    def requests(self, method: str, path: str) -> list[Seen]:
        """The requests that came to a path."""
        return [s for s in self.seen if s.method == method and re.search(path, s.path)]

    async def until(self, condition: Callable[[], Any], *, seconds: float = 10.0) -> Any:
        """Wait for something to become true; returns it."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, f"did not happen within {seconds} s"
            await asyncio.sleep(0.005)
        return found

    def _route(self, application: web.Application) -> None:
        rest, hook = self.rest, "/webhooks/{webhook_id}/{webhook_token}"
        original = f"{hook}/messages/@original"
        message = "/channels/{channel_id}/messages/{message_id}"
        table = [
            ("GET", "/users/@me", rest.me),
            ("GET", "/oauth2/applications/@me", rest.application),
            ("GET", "/users/@me/guilds", self.guilds.mine),
            ("GET", "/guilds/{guild_id}/roles", self.guilds.roles),
            ("PUT", "/applications/{application_id}/commands", rest.put_commands),
            (
                "POST",
                "/interactions/{interaction_id}/{interaction_token}/callback",
                rest.callback,
            ),
            ("PATCH", original, rest.edit_original),
            ("DELETE", original, rest.delete_original),
            ("POST", hook, rest.follow_up),
            ("PATCH", f"{hook}/messages/{{message_id}}", rest.edit_follow_up),
            ("POST", "/channels/{channel_id}/messages", rest.post),
            ("GET", message, rest.read),
            ("PATCH", message, rest.edit),
            ("DELETE", message, rest.delete),
            ("POST", "/channels/{channel_id}/typing", rest.typing),
            ("POST", "/users/@me/channels", rest.open_direct),
        ]
        for method, path, handler in table:
            serve = functools.partial(self._serve, path, handler)
            application.router.add_route(method, API + path, serve)
        application.router.add_get("/", self.gateway.handle)
        application.router.add_get("/attachments/{channel}/{id}/{name}", self._attachment)

    async def _attachment(self, request: web.Request) -> web.StreamResponse:
        data = self.world.attachments.get(int(request.match_info["id"]))
        return web.Response(status=404) if data is None else web.Response(body=data)

    async def _serve(self, path: str, handler: Any, request: web.Request) -> web.StreamResponse:
        body, files = await _read(request)
        faulty = await self._fault(request, body)
        if faulty is not None:
            return faulty
        try:
            self._authorised(request, path)
            self._check(self._judge("request", request.method, path, body))
            status, answer = await handler(dict(request.match_info), body, files)
            problems = self._judge("response", request.method, path, answer, status=status)
            self.rest.violations += [f"our own answer: {problem}" for problem in problems]
        except DiscordError as error:
            status = error.status
            answer = {"code": error.code, "message": error.text}
        self._note(request, body, status)
        return _json(answer, status=status)

    def _authorised(self, request: web.Request, path: str) -> None:
        by_token = path.startswith(("/webhooks/", "/interactions/"))
        if not by_token and request.headers.get("Authorization") != f"Bot {TOKEN}":
            raise DiscordError(401, 0, "401: Unauthorized")

    def _check(self, problems: list[str]) -> None:
        self.rest.refuse(problems)

    def _judge(self, what: str, method: str, path: str, body: Any, *, status: int = 0) -> list[str]:
        judge = referee()
        if judge is None:
            return []
        if what == "request":
            return list(judge.request(method, path, body))
        return list(judge.response(method, path, status, body))

    async def _fault(self, request: web.Request, body: Any) -> web.StreamResponse | None:
        path = request.path.removeprefix(API)
        fault = next((f for f in self.faults if f.matches(request.method, path)), None)
        if fault is None:
            return None
        fault.hits += 1
        self._note(request, body, fault.status or 0)
        await asyncio.sleep(fault.delay)
        if fault.reset:
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=500)
        if fault.status is None:
            return None
        answer: dict[str, Any] = {"code": fault.code, "message": "injected"}
        headers = {}
        if fault.status == 429:
            answer |= {"retry_after": fault.retry_after, "global": False}
            headers = {"Via": "1.1 loopback", "Retry-After": str(fault.retry_after)}
        return _json(answer, status=fault.status, headers=headers)

    def _note(self, request: web.Request, body: Any, status: int) -> None:
        path = request.path.removeprefix(API)
        self.seen.append(Seen(time.monotonic(), request.method, path, body, status))


class Resolver(AbstractResolver):
    """Discord's names lead to the server; any other is noted and fails."""

    def __init__(self, server: Loopback) -> None:
        self._server = server

    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_INET
    ) -> list[dict[str, Any]]:
        """Look a name up."""
        if host not in HOSTS:
            self._server.foreign.append(host)
            raise OSError(f"{host} is not Discord's")
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": self._server.port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
        ]

    async def close(self) -> None:
        """Nothing to give back."""


async def _read(request: web.Request) -> tuple[Any, list[tuple[str, bytes]]]:
    """A request's JSON, and its files where it has any."""
    if request.content_type == "multipart/form-data":
        body, files = None, []
        async for part in await request.multipart():
            if part.name == "payload_json":
                body = json.loads(await part.text())
            else:
                files.append((part.filename or "", bytes(await part.read())))
        return body, files
    raw = await request.read()
    return (json.loads(raw) if raw else None), []


def _json(body: Any, *, status: int, headers: dict[str, str] | None = None) -> web.StreamResponse:
    """An answer; the client takes it for JSON only if nothing follows the content type."""
    if status == 204:
        return web.Response(status=status)
    plain = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=plain)
