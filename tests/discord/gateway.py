"""The gateway of the loopback Discord: identify, events in order, resume, and ways to fail."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.discord.world import World

Payload = dict[str, Any]

PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
MESSAGE_CONTENT = 1 << 15


@dataclass
class Session:
    """What a client may resume."""

    id: str
    intents: int
    events: list[Payload] = field(default_factory=list)


class Gateway:
    """One client's connection, over as many sockets as it takes."""

    def __init__(self, world: World, *, token: str) -> None:
        self.down = False
        self.refuse_with: int | None = None
        self.heartbeat_ms = 41_250
        self.identified: list[Payload] = []
        self.resumed: list[Payload] = []
        self.refused = 0
        self._world = world
        self._token = token
        self._session: Session | None = None
        self._socket: web.WebSocketResponse | None = None
        self._silent: web.WebSocketResponse | None = None

    @property
    def connected(self) -> bool:
        """Whether a client listens."""
        return self._socket is not None

    @property
    def reads_messages(self) -> bool:
        """Whether the client asked for the content of all messages."""
        return self._session is not None and bool(self._session.intents & MESSAGE_CONTENT)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket."""
        if self.down:
            self.refused += 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self._send(socket, 10, {"heartbeat_interval": self.heartbeat_ms})
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT and socket is not self._silent:
                    await self._take(socket, json.loads(frame.data))
        finally:
            if self._socket is socket:
                self._socket = None
        return socket

    async def emit(self, name: str, data: Payload) -> None:
        """Tell the client something, now or when it resumes."""
        session = self._session
        assert session is not None, "no client ever identified"
        session.events.append({"op": 0, "t": name, "d": data, "s": len(session.events) + 1})
        if self._socket is not None and self._socket is not self._silent:
            await self._socket.send_str(json.dumps(session.events[-1]))

    async def drop(self, code: int = 4000) -> None:
        """Close the client's socket."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close(code=code)

    def fall_silent(self) -> None:
        """Neither read nor write on the present socket any more, without closing it."""
        self._silent = self._socket

    def forget_session(self) -> None:
        """Refuse the next resume."""
        assert self._session is not None
        self._session.id = "forgotten"

    async def _take(self, socket: web.WebSocketResponse, frame: Payload) -> None:
        if frame["op"] == 1:
            await self._send(socket, 11, None)
        elif frame["op"] == 2:
            await self._identify(socket, frame["d"])
        elif frame["op"] == 6:
            await self._resume(socket, frame["d"])

    async def _identify(self, socket: web.WebSocketResponse, data: Payload) -> None:
        self.identified.append(data)
        if self.refuse_with is not None:
            await socket.close(code=self.refuse_with)
        elif data["token"] != self._token:
            await socket.close(code=4004)
        elif data["intents"] & PRIVILEGED:
            await socket.close(code=4014)
        else:
            self._session = Session(secrets.token_hex(8), data["intents"])
            self._socket = socket
            await self.emit("READY", self._ready(self._session))
            await self.emit("GUILD_CREATE", self._world.guild_payload())

    async def _resume(self, socket: web.WebSocketResponse, data: Payload) -> None:
        self.resumed.append(data)
        if self._session is None or data["session_id"] != self._session.id:
            await self._send(socket, 9, False)
            return
        self._socket = socket
        for event in self._session.events[data["seq"] :]:
            await socket.send_str(json.dumps(event))
        await self.emit("RESUMED", {})

    def _ready(self, session: Session) -> Payload:
        return {
            "v": 10,
            "user": self._world.bot.payload(),
            "guilds": [{"id": str(self._world.guild), "unavailable": True}],
            "session_id": session.id,
            "resume_gateway_url": "wss://gateway.discord.gg",
            "application": {"id": str(self._world.bot.id), "flags": 0},
            "shard": [0, 1],
        }

    async def _send(self, socket: web.WebSocketResponse, op: int, data: Any) -> None:
        await socket.send_str(json.dumps({"op": op, "d": data, "s": None, "t": None}))
