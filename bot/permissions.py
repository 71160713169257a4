"""Who may ask, where and how often: pure decisions, each with the sentence a person is told."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import discord

from bot.config import BotSettings
from bot.receipts import Receipt
from knowledge.said import said

_MINUTE = 60.0
SHARED = "shared"
NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    read_message_history=True,
)

# Where Discord shows a permission under another name than its interface has for it.
_SHOWN = {
    "read_messages": "View Channels",
    "send_messages_in_threads": "Send Messages in Threads",
}


@dataclass(frozen=True, slots=True)
class Member:
    """The person behind an interaction or a message, as far as permission cares.

    `channels` holds the channel and, for a thread, its parent.
    """

    id: int
    guild: int | None
    channels: frozenset[int]
    roles: frozenset[int] = frozenset()
    moderator: bool = False
    manager: bool = False
    bot: bool = False


def scopes(guild: int | None) -> tuple[str, ...]:
    """The collections a question from there may reach: the shared one and the guild's own."""
    return (SHARED,) if guild is None else (SHARED, own_scope(guild))


def reach_of(scope: str) -> tuple[str, ...]:
    """What is found together with a scope's own documents."""
    return (SHARED,) if scope == SHARED else (SHARED, scope)


def own_scope(guild: int) -> str:
    """A guild's own collection."""
    return f"guild:{guild}"


def guild_of(scope: str) -> int:
    """The guild that a collection of its own belongs to."""
    return int(scope.removeprefix("guild:"))


def refusal(settings: BotSettings, member: Member) -> str | None:
    """Why a member may not ask here, or None where they may."""
    if member.bot:
        return said("I answer people, not bots.")
    if member.guild is None:
        if settings.direct_messages:
            return None
        return said("I don't answer direct messages here. Ask me in a server we share.")
    if settings.allowed_channels and not settings.allowed_channels & member.channels:
        places = ", ".join(f"<#{channel}>" for channel in sorted(settings.allowed_channels)[:5])
        return said(f"I don't answer in this channel. Ask me in {places}.")
    roles = settings.allowed_roles
    if roles and not roles & member.roles and not moderates(settings, member):
        names = ", ".join(f"<@&{role}>" for role in sorted(roles)[:5])
        return said(f"Only members with {names} may ask me. A moderator can give you the role.")
    return None


def moderates(settings: BotSettings, member: Member) -> bool:
    """Whether a member may do what moderators may: Manage Messages, or the admin role."""
    return member.moderator or (
        settings.admin_role is not None and settings.admin_role in member.roles
    )


def keeps(settings: BotSettings, member: Member) -> bool:
    """Whether a member may change the guild's library: Manage Server, or the admin role."""
    return member.manager or (
        settings.admin_role is not None and settings.admin_role in member.roles
    )


def may_delete(settings: BotSettings, member: Member, *, asker: int, guild: int | None) -> bool:
    """Whether a member may stop or delete an answer: its asker and its server's moderators may."""
    if member.id == asker:
        return True
    return guild is not None and member.guild == guild and moderates(settings, member)


def may_see(member: Member, receipt: Receipt) -> bool:
    """Whether a member may look into an answer: their own, or a public one where it was given."""
    if member.id == receipt.asker:
        return True
    here = receipt.guild == member.guild and receipt.channel in member.channels
    return here and receipt.guild is not None and not receipt.private


def invitation(application: int) -> str:
    """The address that invites the bot with exactly the permissions it needs."""
    return (
        "https://discord.com/oauth2/authorize"
        f"?client_id={application}&permissions={NEEDED.value}"
        "&scope=bot%20applications.commands"
    )


def missing(granted: discord.Permissions) -> tuple[str, ...]:
    """The names of the permissions the bot needs and was not given, as Discord shows them."""
    return tuple(
        _SHOWN.get(name) or name.replace("_", " ").title()
        for name, needed in NEEDED
        if needed and not getattr(granted, name)
    )


@dataclass(slots=True)
class Limits:
    """How often people and guilds asked within the window; `now` is in seconds, monotonic."""

    settings: BotSettings
    _asked: dict[str, deque[float]] = field(default_factory=dict)

    def refusal(self, member: Member, *, now: float) -> str | None:
        """Why a member must wait, or None; None counts as a question asked."""
        window = self.settings.window_minutes * _MINUTE
        self._forget(now - window)
        keys = [(f"user:{member.id}", self.settings.user_questions)]
        if member.guild is not None:
            keys.append((f"guild:{member.guild}", self.settings.guild_questions))
        for key, limit in keys:
            asked = self._asked.get(key, deque())
            if limit and len(asked) >= limit:
                return _patience(key, limit, minutes=(asked[0] + window - now) / _MINUTE)
        for key, _ in keys:
            self._asked.setdefault(key, deque()).append(now)
        return None

    def _forget(self, before: float) -> None:
        for key, asked in list(self._asked.items()):
            while asked and asked[0] <= before:
                asked.popleft()
            if not asked:
                del self._asked[key]


def _patience(key: str, limit: int, *, minutes: float) -> str:
    mine = key.startswith("user")
    if limit == 1:
        asked = (
            said("You have asked 1 question") if mine else said("This server has asked 1 question")
        )
    elif mine:
        asked = said(f"You have asked {limit} questions")
    else:
        asked = said(f"This server has asked {limit} questions")
    if minutes <= 1:
        return said(f"{asked} in a short time, which is the limit. Ask again in a minute.")
    wait = round(minutes + 0.49)
    return said(f"{asked} in a short time, which is the limit. Ask again in {wait} minutes.")
