"""What a Discord holds: a guild with channels, members and messages, as Discord describes them."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Payload = dict[str, Any]

EPHEMERAL = 1 << 6
LOADING = 1 << 7
_IDS = itertools.count(1)
_EPOCH_MS = 1_420_070_400_000


def snowflake() -> int:
    """A new id; later ones are greater, as Discord's are."""
    return (int(time.time() * 1000) - _EPOCH_MS << 22) | (next(_IDS) & 0x3FFFFF)


def now() -> str:
    """The moment, as Discord writes it."""
    return datetime.now(UTC).isoformat()


@dataclass(eq=False)
class User:
    """A person or a bot."""

    name: str
    id: int = field(default_factory=snowflake)
    bot: bool = False
    roles: list[int] = field(default_factory=list)
    permissions: int = 0x400 | 0x800 | 0x4000 | 0x10000
    locale: str = "en-US"

    def payload(self) -> Payload:
        """A user object."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": self.name.title(),
            "avatar": None,
            "bot": self.bot,
            "flags": 0,
            "public_flags": 0,
            "primary_guild": None,
        }

    def member(self) -> Payload:
        """A member object."""
        return {
            "user": self.payload(),
            "roles": [str(role) for role in self.roles],
            "joined_at": "2024-01-01T00:00:00+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "nick": None,
            "avatar": None,
            "banner": None,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
            "permissions": str(self.permissions),
        }


@dataclass(eq=False)
class Channel:
    """A text channel (0), a direct one (1) or a thread (11)."""

    name: str
    type: int = 0
    id: int = field(default_factory=snowflake)
    guild: int | None = None
    parent: int | None = None
    recipient: User | None = None
    writable: bool = True

    def payload(self) -> Payload:
        """A channel object."""
        common = {"id": str(self.id), "type": self.type, "flags": 0, "last_message_id": None}
        if self.recipient is not None:
            return {**common, "recipients": [self.recipient.payload()]}
        shared = {**common, "name": self.name, "guild_id": str(self.guild)}
        if self.type == 11:
            archive = {
                "archived": False,
                "auto_archive_duration": 60,
                "archive_timestamp": now(),
                "locked": False,
            }
            owner = {"owner_id": str(self.guild), "message_count": 0, "member_count": 1}
            return {**shared, **owner, "parent_id": str(self.parent), "thread_metadata": archive}
        return {
            **shared,
            "position": 0,
            "permission_overwrites": [],
            "nsfw": False,
            "parent_id": None,
            "topic": None,
            "rate_limit_per_user": 0,
        }


@dataclass(eq=False)
class Message:
    """A message with everything it ever showed: (seconds, payload) for each state."""

    channel: Channel
    author: User
    body: Payload
    id: int = field(default_factory=snowflake)
    flags: int = 0
    reply_to: Message | None = None
    seen_by: User | None = None
    interaction: int | None = None
    deleted: bool = False
    history: list[tuple[float, Payload]] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.body = {"content": "", "embeds": [], "components": [], **self.body}
        self.history.append((time.monotonic(), dict(self.body)))

    def edit(self, changes: Payload) -> None:
        """Show something else from now on."""
        self.body = {**self.body, **{k: v or type(self.body[k])() for k, v in changes.items()}}
        self.flags &= ~LOADING
        self.history.append((time.monotonic(), dict(self.body)))

    @property
    def content(self) -> str:
        """The text above the embeds."""
        return self.body["content"]

    @property
    def text(self) -> str:
        """All that can be read in the message."""
        parts = [self.content]
        for embed in self.body["embeds"]:
            parts += [embed.get("title") or "", embed.get("description") or ""]
            parts += [f"{f['name']}\n{f['value']}" for f in embed.get("fields") or []]
            parts.append((embed.get("footer") or {}).get("text") or "")
        return "\n".join(part for part in parts if part)

    @property
    def controls(self) -> list[Payload]:
        """Its buttons and menus."""
        return [item for row in self.body["components"] for item in row["components"]]

    @property
    def labels(self) -> list[str]:
        """What its buttons say."""
        return [
            item.get("label") or item["emoji"]["name"]
            for item in self.controls
            if item["type"] == 2
        ]

    @property
    def ephemeral(self) -> bool:
        """Whether only one member sees it."""
        return bool(self.flags & EPHEMERAL)

    def payload(self, *, nested: bool = False) -> Payload:
        """A message object."""
        edited = now() if len(self.history) > 1 else None
        embeds = [{"type": "rich", **embed} for embed in self.body["embeds"]]
        shown: Payload = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "type": 19 if self.reply_to else 0,
            "author": self.author.payload(),
            "content": self.content,
            "embeds": embeds,
            "components": _numbered(self.body["components"]),
            "attachments": [],
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "pinned": False,
            "tts": False,
            "timestamp": now(),
            "edited_timestamp": edited,
            "flags": self.flags,
        }
        if self.reply_to is not None:
            shown["message_reference"] = {
                "type": 0,
                "message_id": str(self.reply_to.id),
                "channel_id": str(self.channel.id),
            }
            if not nested:
                shown["referenced_message"] = self.reply_to.payload(nested=True)
        return shown


def _numbered(rows: list[Payload]) -> list[Payload]:
    """Components as Discord gives them back: each with a number."""
    numbers = itertools.count(1)

    def fill(item: Payload) -> Payload:
        filled = {**item, "id": next(numbers)}
        if "emoji" in item:
            filled["emoji"] = {"name": item["emoji"]["name"]}
        if "components" in item:
            filled["components"] = [fill(each) for each in item["components"]]
        return filled

    return [fill(row) for row in rows]


@dataclass
class World:
    """One guild and everyone in it."""

    bot: User = field(default_factory=lambda: User("footnote", bot=True))
    guild: int = field(default_factory=snowflake)
    messages: dict[int, Message] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    roles: dict[int, str] = field(default_factory=dict)
    everyone: int = 0x400 | 0x800 | 0x4000 | 0x10000 | 1 << 38
    closed_to_bot: set[int] = field(default_factory=set)
    attachments: dict[int, bytes] = field(default_factory=dict)

    def add(self, message: Message) -> Message:
        """Keep a message."""
        self.messages[message.id] = message
        return message

    def channel(self, name: str, *, parent: Channel | None = None) -> Channel:
        """A new text channel, or a thread of one."""
        made = Channel(
            name,
            type=0 if parent is None else 11,
            guild=self.guild,
            parent=parent.id if parent else None,
        )
        self.channels[made.id] = made
        return made

    def direct(self, person: User) -> Channel:
        """The direct channel with a person."""
        for channel in self.channels.values():
            if channel.recipient is person:
                return channel
        made = Channel(person.name, type=1, recipient=person)
        self.channels[made.id] = made
        return made

    def guild_payload(self) -> Payload:
        """What GUILD_CREATE tells."""
        everyone = _role(self.guild, "@everyone", self.everyone)
        named = [_role(role, name) for role, name in self.roles.items()]
        channels = [c.payload() for c in self.channels.values() if c.guild and c.type == 0]
        threads = [c.payload() for c in self.channels.values() if c.type == 11]
        return {
            "id": str(self.guild),
            "name": "Reading room",
            "owner_id": "1",
            "roles": [everyone, *named],
            "channels": channels,
            "threads": threads,
            "members": [self.bot.member()],
            "member_count": 5,
            "emojis": [],
            "stickers": [],
            "features": [],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "afk_timeout": 300,
            "preferred_locale": "en-US",
            "joined_at": now(),
            "large": False,
            "unavailable": False,
        }


def _role(name_id: int, name: str, permissions: int = 0) -> Payload:
    return {
        "id": str(name_id),
        "name": name,
        "permissions": str(permissions),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
