"""`/privacy`: what is kept about a person; their copy of it, and its deletion."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict

import discord
from discord import app_commands

from bot.labels import BLUE
from bot.language import Language, spoken
from bot.page import Button, Page
from bot.routes import NOBODY
from bot.services import Press, Services, State, turn, whisper
from bot.views import action_id


def add(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the command."""

    @tree.command(description="What I keep about you, for how long; export it or delete it.")
    async def privacy(interaction: discord.Interaction) -> None:
        await whisper(interaction, _statement(services, say=spoken(interaction)))


async def export(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Hand a person all that is kept about them, as a file."""
    text = await services.worker.read(_kept, services, interaction.user.id)
    file = discord.File(io.BytesIO(text.encode()), "footnote-about-you.json")
    say = spoken(interaction)
    await interaction.response.send_message(
        say("Everything I keep about you:"), file=file, ephemeral=True, allowed_mentions=NOBODY
    )


def _kept(services: Services, person: int) -> str:
    kept = json.loads(services.receipts.export(person))
    if services.desk is not None:
        deeds = services.desk.jobs.audit.of(str(person))
        kept["library_log"] = [asdict(each) for each in deeds]
    return json.dumps(kept, ensure_ascii=False, indent=1)


def _forget(services: Services, person: int) -> int:
    """The log keeps what was done to a library, and no longer says by whom."""
    named = 0 if services.desk is None else services.desk.jobs.audit.forget(str(person))
    return services.receipts.forget(person) + named


async def ask_first(_: Services, interaction: discord.Interaction, __: State) -> None:
    """Make sure before deleting."""
    say, person = spoken(interaction), interaction.user.id
    warning = say(
        "Delete all your questions, answers and feedback? This cannot be undone, and the buttons"
        " under your answers will no longer work."
    )
    label, danger = say("Delete everything"), discord.ButtonStyle.danger
    button = Button(label, action_id("forget", person), style=danger)
    await turn(interaction, Page(warning, (), ((button,),)))


async def forget(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Delete all that is kept about a person."""
    rows = await services.worker.read(_forget, services, interaction.user.id)
    done = spoken(interaction).counted(
        "Done: {count} record about you deleted.", "Done: {count} records about you deleted.", rows
    )
    await turn(interaction, Page(done))


def _statement(services: Services, *, say: Language) -> Page:
    what = say(
        "Your **questions** with their answers, sources and timings, your **feedback**, and"
        " what you put on the **admins’ list**, and what you did to a server’s library, each"
        " with your Discord id, so that Sources, Follow up and /why work later."
    )
    where = say(
        "It stays on the machine the bot runs on: the language model runs there too, unless its"
        " owner chose another server."
    )
    read = say(
        "I read only messages that mention me, reply to me or are sent to me directly, and"
        " those you choose a menu entry for."
    )
    card = discord.Embed(
        title=say("What I keep"),
        description=f"{what}\n\n{_term(services, say)} {where}\n\n{read}",
        colour=BLUE,
    )
    buttons = (
        Button(say("Export mine"), action_id("export")),
        Button(say("Delete mine"), action_id("erase"), style=discord.ButtonStyle.danger),
    )
    return Page("", (card,), (buttons,))


def _term(services: Services, say: Language) -> str:
    days = services.settings.retention_days
    if not days:
        return say("This bot keeps it until you or an admin deletes it.")
    return say.counted(
        "This bot keeps it for **{count} day**, then deletes it.",
        "This bot keeps it for **{count} days**, then deletes it.",
        days,
    )


PRESSES: Mapping[str, Press] = {"export": export, "erase": ask_first, "forget": forget}
