"""People who use the bot: they type, choose, press, fill in forms and write messages."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from tests.discord.rest import Sent
from tests.discord.server import Loopback
from tests.discord.world import Channel, Message, User, snowflake

Payload = dict[str, Any]


@dataclass
class Person:
    """Somebody in a channel."""

    server: Loopback
    user: User
    channel: Channel

    def at(self, channel: Channel) -> Person:
        """The same person elsewhere."""
        return Person(self.server, self.user, channel)

    def directly(self) -> Person:
        """The same person in their direct channel with the bot."""
        return self.at(self.server.world.direct(self.user))

    async def slash(self, command: str, **options: Any) -> Sent:
        """Use a slash command, such as 'ask' or 'knowledge add file'; a file is (name, bytes)."""
        return await self._interact(2, self._command(command, options, kind=1))

    async def autocomplete(self, command: str, **options: Any) -> list[Payload]:
        """Type into an option; returns the suggestions."""
        data = self._command(command, options, kind=1)
        inner = data["options"]
        while "options" in inner[-1]:
            inner = inner[-1]["options"]
        inner[-1]["focused"] = True
        sent = await self._interact(4, data)
        await self.server.until(lambda: sent.response)
        return sent.response["data"]["choices"]

    async def menu(self, name: str, message: Message) -> Sent:
        """Choose an entry of a message's menu."""
        data = self._command(name, {}, kind=3)
        resolved = {"messages": {str(message.id): message.payload()}}
        return await self._interact(2, {**data, "target_id": str(message.id), "resolved": resolved})

    async def press(self, message: Message, label: str) -> Sent:
        """Press a button, named by its label or its emoji."""
        for item in message.controls:
            if label in {item.get("label"), (item.get("emoji") or {}).get("name")}:
                assert not item.get("disabled"), f"{label} is disabled"
                data = {"custom_id": item["custom_id"], "component_type": 2}
                return await self._interact(3, data, source=message)
        raise AssertionError(f"no button {label!r} among {message.labels}")

    async def choose(self, message: Message, value: str) -> Sent:
        """Choose an option of a message's menu."""
        item = next(item for item in message.controls if item["type"] == 3)
        assert value in {option["value"] for option in item["options"]}
        data = {"custom_id": item["custom_id"], "component_type": 3, "values": [value]}
        return await self._interact(3, data, source=message)

    async def submit(self, opened: Sent, **fields: str) -> Sent:
        """Fill in the form that an interaction opened, and send it."""
        await self.server.until(lambda: opened.response)
        assert opened.response["type"] == 9, "no form was opened"
        form = opened.response["data"]
        filled = [_filled(component, fields) for component in form["components"]]
        data = {"custom_id": form["custom_id"], "components": filled}
        return await self._interact(5, data, source=opened.source)

    async def raw(self, kind: int, data: Payload, *, source: Message | None = None) -> Sent:
        """Send an interaction as it is, also one that no client would send."""
        return await self._interact(kind, data, source=source)

    async def say(
        self,
        text: str,
        *,
        reply_to: Message | None = None,
        bot: bool = False,
        file: tuple[str, bytes] | None = None,
    ) -> Message:
        """Write a message; '@bot' mentions the bot, as replying to it does."""
        me = self.server.world.bot
        text = text.replace("@bot", f"<@{me.id}>")
        author = self.user if not bot else User("another bot", bot=True)
        message = self.server.world.add(
            Message(self.channel, author, {"content": text}, reply_to=reply_to)
        )
        mentioned = f"<@{me.id}>" in text or (reply_to is not None and reply_to.author is me)
        readable = mentioned or self.channel.guild is None or self.server.gateway.reads_messages
        data = message.payload()
        data["content"] = text if readable else ""
        if file is not None and readable:
            data["attachments"] = [self._attachment(*file)]
        data["mentions"] = [me.payload()] if mentioned else []
        if self.channel.guild is not None:
            data["guild_id"] = str(self.channel.guild)
            data["member"] = {k: v for k, v in author.member().items() if k != "user"}
        await self.server.gateway.emit("MESSAGE_CREATE", data)
        return message

    async def take_back(self, message: Message) -> None:
        """Delete a message of one's own."""
        message.deleted = True
        data = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if message.channel.guild is not None:
            data["guild_id"] = str(message.channel.guild)
        await self.server.gateway.emit("MESSAGE_DELETE", data)

    def _command(self, name: str, options: Payload, *, kind: int) -> Payload:
        name, *path = name.split(" ") if kind == 1 else [name]
        known = next(
            c for c in self.server.rest.commands if c["name"] == name and c["type"] == kind
        )
        inner = known
        for part in path:
            inner = next(o for o in inner["options"] if o["name"] == part)
        types = {option["name"]: option["type"] for option in inner.get("options", [])}
        files = {k: self._attachment(*v) for k, v in options.items() if types[k] == 11}
        given: list[Payload] = [
            {"name": k, "type": types[k], "value": files[k]["id"] if k in files else v}
            for k, v in options.items()
        ]
        for depth, part in enumerate(reversed(path)):
            given = [{"name": part, "type": 1 if depth == 0 else 2, "options": given}]
        data = {"id": known["id"], "name": name, "type": kind, "options": given}
        if files:
            data["resolved"] = {"attachments": {each["id"]: each for each in files.values()}}
        return data

    def _attachment(self, name: str, data: bytes) -> Payload:
        number = snowflake()
        self.server.world.attachments[number] = data
        url = f"https://cdn.discordapp.com/attachments/{self.channel.id}/{number}/{name}"
        size = {"size": len(data), "url": url, "proxy_url": url}
        return {"id": str(number), "filename": name, **size, "ephemeral": True}

    async def _interact(self, kind: int, data: Payload, *, source: Message | None = None) -> Sent:
        sent = Sent(snowflake(), secrets.token_urlsafe(24), self.user, self.channel, kind, source)
        self.server.rest.interactions[sent.token] = sent
        await self.server.gateway.emit("INTERACTION_CREATE", self._event(sent, data))
        return sent

    def _event(self, sent: Sent, data: Payload) -> Payload:
        event: Payload = {
            "id": str(sent.id),
            "application_id": str(self.server.world.bot.id),
            "type": sent.kind,
            "data": data,
            "channel_id": str(self.channel.id),
            "channel": self.channel.payload(),
            "token": sent.token,
            "version": 1,
            "app_permissions": str(0x400 | 0x800 | 0x4000 | 0x10000 | 1 << 38),
            "locale": self.user.locale,
            "entitlements": [],
            "authorizing_integration_owners": {},
            "attachment_size_limit": 10_485_760,
        }
        if self.channel.guild is not None:
            event |= {"guild_id": str(self.channel.guild), "guild_locale": "en-US", "context": 0}
            event |= {"member": self.user.member()}
        else:
            event |= {"user": self.user.payload(), "context": 1}
        if sent.source is not None:
            event["message"] = sent.source.payload()
        return event


def _filled(component: Payload, fields: dict[str, str]) -> Payload:
    inner = component["component"]
    value = fields.get(inner["custom_id"], "")
    assert value or inner.get("required") is False, f"{inner['custom_id']} must be filled in"
    common = {"type": inner["type"], "custom_id": inner["custom_id"], "id": 2}
    given = {"values": [value]} if inner["type"] == 3 else {"value": value}
    return {"type": 18, "id": 1, "component": common | given}


def unescaped(text: str) -> str:
    """A text as it looks: without backslashes, bold, quote marks and small print."""
    text = re.sub(r"(?m)^(> )?(-# )?", "", text)
    text = text.replace("**", "")
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)
