"""`/knowledge gaps`: what the documents do not answer, and a text that does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot import overview
from bot.faults import NotNowError
from bot.forms import text_form
from bot.keeping import desk_of, permitted
from bot.language import spoken
from bot.page import Page
from bot.routes import InteractionRoute
from bot.services import Press, Services, State

GAPS_DAYS = 30


def add_to(group: app_commands.Group, services: Services) -> None:
    """Add the command below a group."""

    @group.command(description="Questions the documents do not answer; write what is missing.")
    async def gaps(interaction: discord.Interaction) -> None:
        permitted(services, interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        jobs, since = desk_of(services).jobs, time.time() - GAPS_DAYS * 86_400

        def page() -> Page:
            found = services.receipts.gaps.open(interaction.guild_id or 0, since=since)
            return overview.gaps(jobs.alike(found), say=spoken(interaction))

        shown = await services.worker.read(page)
        await InteractionRoute(interaction, ephemeral=True).send(shown)


async def gap(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Open the form for a text that answers a question chosen from the gaps."""
    permitted(services, interaction)
    data: Mapping[str, Any] = {**(interaction.data or {})}
    name = next(iter(data.get("values", ())), "")
    asked = await services.worker.read(services.receipts.get, name)
    if asked is None or asked.guild != interaction.guild_id:
        raise NotNowError("I no longer have the record of this question.")
    await interaction.response.send_modal(text_form(asked.question, say=spoken(interaction)))


PRESSES: Mapping[str, Press] = {"gap": gap}
