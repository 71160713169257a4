"""`/knowledge golden` and the menu that marks an answer: what must stay possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot import overview
from bot.faults import NotNowError
from bot.keeping import desk_of, permitted
from bot.page import Page
from bot.services import Press, Services, State, turn, whisper


def add_to(group: app_commands.Group, services: Services) -> None:
    """Add the command below a group."""

    @group.command(description="Answers that must stay possible whatever changes.")
    async def golden(interaction: discord.Interaction) -> None:
        scope = permitted(services, interaction)
        found = await services.worker.read(desk_of(services).jobs.golden.all, scope=scope)
        await whisper(interaction, overview.golden(found))


def add_menu(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the menu."""

    @tree.context_menu(name="Mark as golden")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def mark(interaction: discord.Interaction, message: discord.Message) -> None:
        scope = permitted(services, interaction)
        read = services.worker.read
        receipt = await read(services.receipts.by_message, message.id)
        if receipt is None or receipt.guild != interaction.guild_id:
            raise NotNowError("That message is no answer of mine that I have the record of.")
        if not await read(desk_of(services).jobs.golden.mark, receipt, scope=scope):
            raise NotNowError("That answer quotes nothing, so there is nothing to keep possible.")
        await whisper(interaction, Page("🏅 Golden: **/knowledge golden** lists them."))


async def ungild(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Take an answer off the golden ones."""
    scope, golden = permitted(services, interaction), desk_of(services).jobs.golden
    data: Mapping[str, Any] = {**(interaction.data or {})}
    name = next(iter(data.get("values", ())), "")
    await services.worker.read(golden.unmark, name, scope=scope)
    await turn(interaction, overview.golden(await services.worker.read(golden.all, scope=scope)))


PRESSES: Mapping[str, Press] = {"ungild": ungild}
