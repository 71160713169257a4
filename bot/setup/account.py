"""The bot's account on Discord: is the token right, where is the bot, which roles are there."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import discord

from bot.permissions import invitation
from bot.supervisor import REFUSED
from knowledge.errors import SettingsError

Connector = Callable[[], aiohttp.BaseConnector]

_LONGEST_S = 30.0


@dataclass(frozen=True, slots=True)
class Named:
    """A server or a role."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    """What Discord knows of a token: the bot, its invite link, its servers and their roles."""

    name: str
    invite: str
    servers: tuple[Named, ...]
    roles: tuple[tuple[int, tuple[Named, ...]], ...]

    def roles_of(self, server: int) -> tuple[Named, ...]:
        """The roles of one server, the highest first."""
        return next((roles for guild, roles in self.roles if guild == server), ())


def look_up(token: str, *, connector: Connector | None = None) -> Account:
    """Ask Discord; raises SettingsError with what to do where it refuses or is out of reach."""
    return asyncio.run(_look_up(token, connector))


async def _look_up(token: str, connector: Connector | None) -> Account:
    # As with the bot itself: no voice, so nothing of it is missed.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    client = discord.Client(
        intents=discord.Intents(guilds=True),
        max_ratelimit_timeout=_LONGEST_S,
        connector=(connector or _usual)(),
    )
    try:
        async with asyncio.timeout(_LONGEST_S), client:
            await client.login(token)
            return await _account(client)
    except discord.LoginFailure:
        raise SettingsError(REFUSED) from None
    except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
        why = str(error) or type(error).__name__
        raise SettingsError(
            f"Discord cannot be reached ({why}). Check the connection and try again, or use "
            "--offline to leave the token unchecked."
        ) from error


def _usual() -> aiohttp.BaseConnector:
    """As the bot's own: names are resolved as the operating system says, SSL_CERT_FILE counts."""
    return aiohttp.TCPConnector(
        resolver=aiohttp.ThreadedResolver(), ssl=ssl.create_default_context()
    )


async def _account(client: discord.Client) -> Account:
    guilds = [guild async for guild in client.fetch_guilds(limit=100, with_counts=False)]
    roles: list[tuple[int, tuple[Named, ...]]] = []
    for guild in guilds:
        found = sorted(await guild.fetch_roles(), key=lambda role: -role.position)
        usable = (role for role in found if not (role.is_default() or role.managed))
        roles.append((guild.id, tuple(Named(role.id, role.name) for role in usable)))
    return Account(
        name=client.user.name if client.user else "",
        invite=invitation(client.application_id or 0),
        servers=tuple(Named(guild.id, guild.name) for guild in guilds),
        roles=tuple(roles),
    )
