"""`/knowledge golden` and the menu that marks an answer: what must stay possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot import overview
from bot.faults import NotNowError
from bot.feedback import receipt_of
from bot.forms import golden_form
from bot.keeping import desk_of, permitted
from bot.language import spoken
from bot.page import Page
from bot.permissions import own_scope
from bot.receipts import Receipt
from bot.services import Fields, Press, Services, State, Submit, turn, whisper


def add_to(group: app_commands.Group, services: Services) -> None:
    """Add the command below a group."""

    @group.command(description="Answers that must stay possible whatever changes.")
    async def golden(interaction: discord.Interaction) -> None:
        scope = permitted(services, interaction)
        found = await services.worker.read(desk_of(services).jobs.golden.all, scope=scope)
        await whisper(interaction, overview.golden(found, say=spoken(interaction)))


def add_menu(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the menu."""

    @tree.context_menu(name="Mark as golden")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def mark(interaction: discord.Interaction, message: discord.Message) -> None:
        scope = permitted(services, interaction)
        read = services.worker.read
        receipt = await read(services.receipts.by_message, message.id)
        if receipt is None:
            raise NotNowError("That message is no answer of mine that I have the record of.")
        await _mark(services, receipt, scope)
        await whisper(interaction, _marked(interaction))


async def gild(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Mark the answer whose thumb went up."""
    scope = permitted(services, interaction)
    receipt = await receipt_of(services, interaction, state[0])
    await _mark(services, receipt, scope)
    await turn(interaction, _marked(interaction))


async def write(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Open the form for a question with its right answer."""
    permitted(services, interaction)
    await interaction.response.send_modal(
        golden_form(services.settings.question_length, say=spoken(interaction))
    )


async def written(
    services: Services, interaction: discord.Interaction, _: State, fields: Fields
) -> None:
    """Keep a question with the answer that was written for it."""
    scope, jobs = permitted(services, interaction), desk_of(services).jobs
    question, answer = fields.get("question", ""), fields.get("answer", "")
    await services.worker.read(jobs.golden.write, question, answer, scope=scope)
    await whisper(interaction, _marked(interaction))


async def _mark(services: Services, receipt: Receipt, scope: str) -> None:
    if receipt.guild is None or own_scope(receipt.guild) != scope:
        raise NotNowError("That message is no answer of mine that I have the record of.")
    if not await services.worker.read(desk_of(services).jobs.golden.mark, receipt, scope=scope):
        raise NotNowError("That answer proves nothing, so there is nothing to keep possible.")


async def ungild(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Take an answer off the golden ones."""
    scope, golden = permitted(services, interaction), desk_of(services).jobs.golden
    data: Mapping[str, Any] = {**(interaction.data or {})}
    name = next(iter(data.get("values", ())), "")
    await services.worker.read(golden.unmark, name, scope=scope)
    left = await services.worker.read(golden.all, scope=scope)
    await turn(interaction, overview.golden(left, say=spoken(interaction)))


def _marked(interaction: discord.Interaction) -> Page:
    say = spoken(interaction)
    return Page(f"🏅 {say('Golden: **/knowledge golden** lists them.')}")


PRESSES: Mapping[str, Press] = {"gild": gild, "newgolden": write, "ungild": ungild}
SUBMITS: Mapping[str, Submit] = {"golden": written}
