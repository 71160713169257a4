"""`/knowledge stats` and `/knowledge map`: what goes on, as pictures with the numbers in text."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from typing import Literal

import discord
from discord import app_commands

from bot.escape import plain
from bot.insight.activity import Figures
from bot.insight.atlas import Map, Missing
from bot.insight.theme import THEMES
from bot.insight.words import chart_description, lines, map_description, period
from bot.keeping import desk_of, permitted
from bot.labels import BLUE
from bot.language import Language, spoken
from bot.page import DESCRIPTION_LIMIT, shortened
from bot.permissions import scopes
from bot.routes import NOBODY
from bot.services import Services

Theme = Literal["dark", "light"]

_TOP = 5
_DAY_S = 86_400
_MAP_DAYS = 30
# Discord's limit for what a screen reader says of a file.
_DESCRIPTION = 1024


def add_to(group: app_commands.Group, services: Services) -> None:
    """Add both commands to `/knowledge`."""
    _add_stats(group, services)
    _add_map(group, services)


def _add_stats(group: app_commands.Group, services: Services) -> None:
    @group.command(description="Questions, answers, opinions and what was cited, over time.")
    @app_commands.describe(
        days="How far back; 30 if you leave it out.", theme="The picture's ground."
    )
    async def stats(
        interaction: discord.Interaction,
        days: app_commands.Range[int, 1, 730] = 30,
        theme: Theme = "dark",
    ) -> None:
        permitted(services, interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild, name, say = interaction.guild_id or 0, _name(interaction), spoken(interaction)

        def drawn() -> tuple[Figures, bytes]:
            from bot.insight.chart import chart

            figures = services.receipts.activity.figures(guild, days=days)
            gaps = services.receipts.gaps.open(guild, since=figures.since.timestamp())
            figures = replace(figures, gaps=len(gaps))
            return figures, chart(figures, theme=THEMES[theme], title=name, say=say)

        figures, picture = await services.worker.read(drawn)
        described = chart_description(figures, say=say)
        await _show(interaction, _stats_card(figures, say), picture, described)


def _add_map(group: app_commands.Group, services: Services) -> None:
    @group.command(
        name="map", description="The library as a picture: what is near what, and what is missing."
    )
    @app_commands.describe(theme="The picture's ground.")
    async def library_map(interaction: discord.Interaction, theme: Theme = "dark") -> None:
        permitted(services, interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild, jobs = interaction.guild_id or 0, desk_of(services).jobs
        say = spoken(interaction)

        def drawn() -> tuple[Map, bytes]:
            from bot.insight.mapping import map_picture

            figures = services.receipts.activity.figures(guild, days=_MAP_DAYS)
            since = time.time() - _MAP_DAYS * _DAY_S
            gaps = jobs.alike(services.receipts.gaps.open(guild, since=since))
            cited = {each.document_id: each.times for each in figures.cited}
            found = jobs.atlas.map(scopes(guild), cited=cited, gaps=gaps)
            picture = map_picture(found, theme=THEMES[theme], title=_name(interaction), say=say)
            return found, picture

        found, picture = await services.worker.read(drawn)
        await _show(interaction, _map_card(found, say), picture, map_description(found, say=say))


async def _show(
    interaction: discord.Interaction, card: discord.Embed, picture: bytes, description: str
) -> None:
    told = shortened(description, _DESCRIPTION)
    file = discord.File(io.BytesIO(picture), "footnote.png", description=told)
    card.set_image(url="attachment://footnote.png")
    await interaction.edit_original_response(
        embed=card, attachments=[file], allowed_mentions=NOBODY
    )


def _stats_card(figures: Figures, say: Language) -> discord.Embed:
    told = [f"**{name}** {value}" for name, value in lines(figures, say=say)]
    if figures.top:
        told.append(f"\n**{say('Cited most')}**")
        told += [f"{each.times} × {_title(each.title)}" for each in figures.top[:_TOP]]
    span = period(figures, say=say)
    return discord.Embed(title=span, description=_limited(told), colour=BLUE)


def _map_card(found: Map, say: Language) -> discord.Embed:
    told = [
        say(
            "Each circle is a document, larger if it was cited more often in {days} days.",
            days=_MAP_DAYS,
        ),
        say("What means alike is near."),
    ]
    if found.missing:
        told.append(f"\n**{say('Asked and not answered')}**")
        told += [_unanswered(each, say) for each in found.missing]
    if not found.spots:
        told = [say("There is no document yet: **/knowledge add** takes the first.")]
    return discord.Embed(description=_limited(told), colour=BLUE)


def _unanswered(each: Missing, say: Language) -> str:
    times = f" ({each.times} ×)" if each.times > 1 else ""
    question = f"{plain(shortened(each.question, 120))}{times}"
    near = say("{question}, near {title}", question=question, title=_title(each.near))
    return f"`{each.number}` {near}"


def _title(title: str) -> str:
    return plain(shortened(title, 80))


def _name(interaction: discord.Interaction) -> str:
    return (
        interaction.guild.name
        if interaction.guild is not None
        else spoken(interaction)("This server")
    )


def _limited(told: list[str]) -> str:
    while len("\n".join(told)) > DESCRIPTION_LIMIT:
        told = told[:-1]
    return "\n".join(told)
