"""`/knowledge feedback`: what members thought of answers, and why."""

from __future__ import annotations

import time

import discord
from discord import app_commands

from bot import overview
from bot.commands.gaps import GAPS_DAYS
from bot.keeping import permitted
from bot.language import spoken
from bot.services import Services, whisper


def add_to(group: app_commands.Group, services: Services) -> None:
    """Add the command below a group."""

    @group.command(description="Thumbs of the last weeks, with what members say was wrong.")
    async def feedback(interaction: discord.Interaction) -> None:
        permitted(services, interaction)
        since = time.time() - GAPS_DAYS * 86_400
        guild = interaction.guild_id or 0
        found = await services.worker.read(services.receipts.opinions, guild, since=since)
        await whisper(interaction, overview.feedback(found, say=spoken(interaction)))
