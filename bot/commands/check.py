"""The message menu that checks each sentence of a message against the documents."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event as Flag

import discord
from discord import app_commands

from bot import detail
from bot.arrival import member_of
from bot.faults import NotNowError
from bot.knowing import Checked
from bot.language import spoken
from bot.page import Page
from bot.permissions import scopes
from bot.render import notice
from bot.routes import InteractionRoute
from bot.services import Services


def add(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the menu."""

    @tree.context_menu(name="Fact-check")
    async def fact_check(interaction: discord.Interaction, message: discord.Message) -> None:
        text = message.content.strip()
        if not text:
            raise NotNowError("There is no text in that message to check.")
        with services.admission.held(member_of(interaction)):
            await interaction.response.defer(ephemeral=True, thinking=True)
            await _check(services, interaction, text)


async def _check(services: Services, interaction: discord.Interaction, text: str) -> None:
    def work(_: Flag) -> Iterator[Checked]:
        yield services.answerer.check(text, scopes=scopes(interaction.guild_id))

    job = services.worker.submit(work, asker=interaction.user.id)
    route = InteractionRoute(interaction, ephemeral=True)
    try:
        first: int | None = None
        if place := services.worker.place(job):
            say = spoken(interaction)
            waiting = say.counted(
                "{count} question before this one", "{count} questions before this one", place
            )
            first = await route.send(notice(f"-# ⏳ {waiting}"))
        async for results in job.items():
            for page in detail.checked(results, say=spoken(interaction)):
                first = await _show(route, first, page)
    finally:
        services.worker.withdraw(job)


async def _show(route: InteractionRoute, first: int | None, page: Page) -> int | None:
    """Fill the waiting message if there is one, else send the next."""
    if first is None:
        await route.send(page)
    else:
        await route.edit(first, page)
    return None
