"""Where the bot is: noted when it comes and goes, with the permissions that it misses there."""

from __future__ import annotations

import discord
import structlog

from bot import leaving
from bot.permissions import invitation, missing
from bot.services import Services

log = structlog.get_logger(__name__)


class Presence:
    """The servers of one client."""

    def __init__(self, services: Services, client: discord.Client) -> None:
        self._services = services
        self._client = client

    async def arrived(self) -> None:
        """Say where we are, and what permissions are missing there."""
        guilds = self._client.guilds
        log.info("ready", guilds=len(guilds))
        await self.changed()
        allowed = self._services.settings.allowed_channels
        for guild in guilds:
            for channel in guild.text_channels:
                lacking = missing(channel.permissions_for(guild.me))
                if lacking and channel.id in allowed:
                    self._warn(guild.id, lacking, channel=channel.id)
            if lacking := missing(guild.me.guild_permissions):
                self._warn(guild.id, lacking)

    async def changed(self) -> None:
        """Keep what a return finds, and begin to count the days for what was left."""
        await leaving.note(self._services, {guild.id for guild in self._client.guilds})

    def _warn(self, guild: int, lacking: tuple[str, ...], **where: int) -> None:
        log.warning(
            "missing permission",
            guild=guild,
            permissions=", ".join(lacking),
            help=f"Grant them in the server's settings, or invite the bot again: "
            f"{invitation(self._client.application_id or 0)}",
            **where,
        )
