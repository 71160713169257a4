"""`/knowledge watch`: pages that are looked at again, and read anew when they have changed."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands

from bot.keeping import desk_of, named, permitted, suggested
from bot.language import spoken
from bot.page import Page
from bot.services import Services, whisper

Often = Literal["never", "every hour", "every day", "every week"]
HOURS: dict[Often, float] = {"never": 0, "every hour": 1, "every day": 24, "every week": 168}


def add_to(group: app_commands.Group, services: Services) -> None:
    """Add the command below a group."""

    @group.command(description="Look at a page again and again, and read it anew when it changes.")
    @app_commands.describe(document="A document that was added by its address.", often="How often.")
    async def watch(interaction: discord.Interaction, document: str, often: Often) -> None:
        scope = permitted(services, interaction)
        name, jobs = await named(services, scope, document), desk_of(services).jobs
        by = str(interaction.user.id)
        await services.worker.read(jobs.watch, name, hours=HOURS[often], scope=scope, by=by)
        say = spoken(interaction)
        if often == "never":
            await whisper(interaction, Page(say("I look at it no more.")))
            return
        told = say(
            "I look at it {often}. **/knowledge status** shows what I find.", often=say(often)
        )
        await whisper(interaction, Page(f"👁 {told}"))

    @watch.autocomplete("document")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await suggested(services, interaction, current)
