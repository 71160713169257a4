"""`/why`: what an answer rests on."""

from __future__ import annotations

import discord
from discord import app_commands

from bot import feedback
from bot.faults import NotNowError
from bot.labels import day
from bot.page import shortened
from bot.services import Services


def add(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the command."""

    @tree.command(description="See what an answer rests on: evidence, scores, verdicts, versions.")
    @app_commands.describe(answer="Which answer; the newest of this channel if you leave it out.")
    async def why(interaction: discord.Interaction, answer: str | None = None) -> None:
        recent = await services.worker.read(
            services.receipts.recent, interaction.user.id, interaction.channel_id or 0
        )
        if not recent:
            raise NotNowError("There is no answer in this channel yet. Ask me something first.")
        await feedback.why(services, interaction, (answer or recent[0].id,))

    @why.autocomplete("answer")
    async def complete(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        recent = await services.worker.read(
            services.receipts.recent, interaction.user.id, interaction.channel_id or 0
        )
        return [
            app_commands.Choice(
                name=shortened(f"{day(each.asked_at)} · {each.question}", 100), value=each.id
            )
            for each in recent
            if current.casefold() in each.question.casefold()
        ]
