"""The REST interface of the loopback Discord: what each request does to the world."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from tests.discord import limits
from tests.discord.world import EPHEMERAL, LOADING, Channel, Message, User, World, snowflake

Payload = dict[str, Any]
Files = list[tuple[str, bytes]]

TOKEN_LIFE_S = 900.0
ACKNOWLEDGE_S = 3.0


@dataclass(frozen=True)
class DiscordError(Exception):
    """An error as Discord answers it."""

    status: int
    code: int
    text: str


@dataclass(eq=False)
class Sent:
    """An interaction that was sent to the bot, and what the bot made of it."""

    id: int
    token: str
    person: User
    channel: Channel
    kind: int
    source: Message | None = None
    started: float = field(default_factory=time.monotonic)
    acknowledged: float | None = None
    response: Payload | None = None
    message: Message | None = None
    follow_ups: list[Message] = field(default_factory=list)
    expired: bool = False

    @property
    def seconds_to_acknowledge(self) -> float | None:
        """How long the bot took to react."""
        return None if self.acknowledged is None else self.acknowledged - self.started


class Rest:
    """The handlers; each takes path parameters, a body and files, and gives (status, body)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.interactions: dict[str, Sent] = {}
        self.commands: list[Payload] = []
        self.synchronised = 0
        self.acknowledge_s = ACKNOWLEDGE_S
        self.violations: list[str] = []
        self.on_message: Callable[[Message], Coroutine[Any, Any, None]] | None = None

    async def me(self, _: Payload, __: Any, ___: Files) -> tuple[int, Any]:
        """GET /users/@me."""
        extra = {"mfa_enabled": False, "locale": "en-US", "premium_type": 0, "verified": True}
        return 200, {**self.world.bot.payload(), **extra, "email": None}

    async def application(self, _: Payload, __: Any, ___: Files) -> tuple[int, Any]:
        """GET /oauth2/applications/@me."""
        owner = User("owner").payload()
        return 200, {
            "id": str(self.world.bot.id),
            "name": "Footnote",
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "00" * 32,
            "flags": 0,
            "flags_new": "0",
            "approximate_guild_count": 1,
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "eligible_oauth2_scopes": [],
            "hook": True,
            "owner": owner,
            "team": None,
            "rpc_origins": [],
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "type": None,
        }

    async def put_commands(self, _: Payload, body: Any, __: Files) -> tuple[int, Any]:
        """PUT /applications/{app}/commands."""
        self.refuse(limits.commands(body))
        self.synchronised += 1
        application = str(self.world.bot.id)
        self.commands = [
            {
                "id": str(snowflake()),
                "application_id": application,
                "version": str(snowflake()),
                "default_member_permissions": None,
                "type": 1,
                "description": "",
                # Discord answers with a string what discord.py sends as a number.
                **{
                    key: str(value) if key == "default_member_permissions" else value
                    for key, value in command.items()
                    if value is not None
                },
            }
            for command in body
        ]
        return 200, untranslated(self.commands)

    async def callback(self, path: Payload, body: Any, files: Files) -> tuple[int, Any]:
        """POST /interactions/{id}/{token}/callback."""
        sent = self.interactions.get(path["interaction_token"])
        if sent is None or time.monotonic() - sent.started > self.acknowledge_s:
            raise DiscordError(404, 10062, "Unknown interaction")
        if sent.acknowledged is not None:
            raise DiscordError(400, 40060, "Interaction has already been acknowledged.")
        self._check_callback(body, files)
        sent.acknowledged, sent.response = time.monotonic(), body
        data = body.get("data") or {}
        if body["type"] in {4, 5}:
            flags = data.get("flags", 0) | (LOADING if body["type"] == 5 else 0)
            sent.message = self._post(sent, data, flags, files)
        if body["type"] == 7 and sent.source is not None:
            sent.source.edit(_shown(data))
        if body["type"] in {6, 7}:
            sent.message = sent.source
        answer: Payload = {
            "interaction": {
                "id": str(sent.id),
                "type": sent.kind,
                "response_message_loading": body["type"] == 5,
                "response_message_ephemeral": bool(data.get("flags", 0) & EPHEMERAL),
            }
        }
        if sent.message is not None:
            answer["interaction"]["response_message_id"] = str(sent.message.id)
            message = sent.message.payload()
            answer["resource"] = {"type": body["type"], "message": message}
            if body["type"] in {5, 6}:
                del answer["resource"]
        return 200, answer

    async def edit_original(self, path: Payload, body: Any, files: Files) -> tuple[int, Any]:
        """PATCH /webhooks/{app}/{token}/messages/@original."""
        sent = self._sent(path)
        if sent.message is None:
            raise DiscordError(404, 10008, "Unknown Message")
        return self._edit(sent.message, body, files)

    async def delete_original(self, path: Payload, _: Any, __: Files) -> tuple[int, Any]:
        """DELETE /webhooks/{app}/{token}/messages/@original."""
        sent = self._sent(path)
        if sent.message is None or sent.message.deleted:
            raise DiscordError(404, 10008, "Unknown Message")
        sent.message.deleted = True
        return 204, None

    async def follow_up(self, path: Payload, body: Any, files: Files) -> tuple[int, Any]:
        """POST /webhooks/{app}/{token}."""
        sent = self._sent(path)
        if sent.acknowledged is None:
            raise DiscordError(404, 10015, "Unknown Webhook")
        self.refuse(limits.message(body, new=True, files=len(files)))
        message = self._post(sent, body, body.get("flags") or 0, files)
        sent.follow_ups.append(message)
        return 200, message.payload()

    async def edit_follow_up(self, path: Payload, body: Any, files: Files) -> tuple[int, Any]:
        """PATCH /webhooks/{app}/{token}/messages/{message}."""
        sent = self._sent(path)
        message = self.world.messages.get(int(path["message_id"]))
        if message is None or message not in {sent.message, *sent.follow_ups}:
            raise DiscordError(404, 10008, "Unknown Message")
        return self._edit(message, body, files)

    async def post(self, path: Payload, body: Any, files: Files) -> tuple[int, Any]:
        """POST /channels/{channel}/messages."""
        channel = self._channel(path)
        self.refuse(limits.message(body, new=True, files=len(files)))
        reference = body.get("message_reference") or {}
        replied = self.world.messages.get(int(reference.get("message_id", 0)))
        message = Message(
            channel, self.world.bot, _shown(body), reply_to=replied, files=list(files)
        )
        self.world.add(message)
        if self.on_message is not None:
            await self.on_message(message)
        return 200, message.payload()

    async def read(self, path: Payload, _: Any, __: Files) -> tuple[int, Any]:
        """GET /channels/{channel}/messages/{message}."""
        self._channel(path)
        message = self.world.messages.get(int(path["message_id"]))
        if message is None or message.ephemeral or message.deleted:
            raise DiscordError(404, 10008, "Unknown Message")
        return 200, message.payload()

    async def edit(self, path: Payload, body: Any, files: Files) -> tuple[int, Any]:
        """PATCH /channels/{channel}/messages/{message}."""
        return self._edit(self._own(path), body, files)

    async def delete(self, path: Payload, _: Any, __: Files) -> tuple[int, Any]:
        """DELETE /channels/{channel}/messages/{message}."""
        message = self._own(path)
        if message.deleted:
            raise DiscordError(404, 10008, "Unknown Message")
        message.deleted = True
        return 204, None

    async def typing(self, path: Payload, _: Any, __: Files) -> tuple[int, Any]:
        """POST /channels/{channel}/typing."""
        self._channel(path)
        return 204, None

    async def open_direct(self, _: Payload, body: Any, __: Files) -> tuple[int, Any]:
        """POST /users/@me/channels."""
        wanted = int(body["recipient_id"])
        known = [sent.person for sent in self.interactions.values()]
        known += [message.author for message in self.world.messages.values()]
        person = next((each for each in known if each.id == wanted), None)
        if person is None:
            raise DiscordError(400, 50033, "Invalid Recipient(s)")
        if person.id in self.world.closed_to_bot:
            raise DiscordError(403, 50007, "Cannot send messages to this user")
        return 200, self.world.direct(person).payload()

    def refuse(self, problems: Any) -> None:
        """Answer as Discord does to a request that breaks a limit, and note it."""
        found = list(problems)
        if found:
            self.violations += found
            raise DiscordError(400, 50035, "Invalid Form Body: " + "; ".join(found))

    def _check_callback(self, body: Payload, files: Files) -> None:
        data = body.get("data") or {}
        if body["type"] == 4:
            self.refuse(limits.message(data, new=True, files=len(files)))
        elif body["type"] == 7:
            self.refuse(limits.message(data, new=False, files=len(files)))
        elif body["type"] == 8:
            self.refuse(limits.choices(data))
        elif body["type"] == 9:
            self.refuse(limits.modal(data))

    def _sent(self, path: Payload) -> Sent:
        sent = self.interactions.get(path["webhook_token"])
        if sent is None or sent.expired or time.monotonic() - sent.started > TOKEN_LIFE_S:
            raise DiscordError(401, 50027, "Invalid Webhook Token")
        return sent

    def _post(self, sent: Sent, data: Payload, flags: int, files: Files) -> Message:
        return self.world.add(
            Message(
                sent.channel,
                self.world.bot,
                _shown(data),
                flags=flags,
                reply_to=None,
                seen_by=sent.person if flags & EPHEMERAL else None,
                interaction=sent.id,
                files=list(files),
            )
        )

    def _edit(self, message: Message, body: Payload, files: Files) -> tuple[int, Any]:
        if message.deleted:
            raise DiscordError(404, 10008, "Unknown Message")
        self.refuse(limits.message(body, new=False, files=len(files)))
        after = {**message.body, **_shown(body)}
        if not any(after.get(part) for part in ("content", "embeds", "components")):
            self.refuse(["the edit leaves an empty message"])
        message.edit(_shown(body))
        message.files += files
        return 200, message.payload()

    def _channel(self, path: Payload) -> Channel:
        channel = self.world.channels.get(int(path["channel_id"]))
        if channel is None:
            raise DiscordError(404, 10003, "Unknown Channel")
        if not channel.writable:
            raise DiscordError(403, 50013, "Missing Permissions")
        return channel

    def _own(self, path: Payload) -> Message:
        self._channel(path)
        message = self.world.messages.get(int(path["message_id"]))
        if message is None or message.ephemeral:
            raise DiscordError(404, 10008, "Unknown Message")
        if message.author is not self.world.bot:
            raise DiscordError(403, 50005, "Cannot edit a message authored by another user")
        return message


def _shown(body: Payload) -> Payload:
    return {key: body[key] for key in ("content", "embeds", "components") if key in body}


def untranslated(value: Any) -> Any:
    """Commands as Discord answers them: what it was told in other languages is not repeated."""
    if isinstance(value, list):
        return [untranslated(each) for each in value]
    if isinstance(value, dict):
        kept = (key for key in value if not key.endswith("_localizations"))
        return {key: untranslated(value[key]) for key in kept}
    return value
