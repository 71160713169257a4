"""`/knowledge list`, `status` and `history`: what there is, what runs, what was done."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict

import discord
from discord import app_commands

from bot import overview
from bot.keeping import desk_of, named, permitted, suggested
from bot.language import spoken
from bot.page import Page
from bot.routes import NOBODY
from bot.services import Press, Services, State, whisper


def add_to(group: app_commands.Group, services: Services) -> None:
    """Add the commands below a group."""
    _add_list(group, services)
    _add_history(group, services)


def _add_list(group: app_commands.Group, services: Services) -> None:
    @group.command(name="list", description="This server’s own documents.")
    async def listed(interaction: discord.Interaction) -> None:
        scope = permitted(services, interaction)
        documents = await services.worker.read(desk_of(services).jobs.documents, scope=scope)
        await whisper(interaction, overview.listing(documents, say=spoken(interaction)))

    @group.command(description="What the library holds, what runs, and what waits for a decision.")
    async def status(interaction: discord.Interaction) -> None:
        scope = permitted(services, interaction)
        jobs = desk_of(services).jobs

        def page() -> Page:
            return overview.status(
                jobs.documents(scope=scope),
                running=jobs.running,
                waiting=jobs.waiting(scope=scope),
                deeds=jobs.audit.entries(scope=scope, limit=5),
                watched=jobs.watched(scope=scope),
                scope=scope,
                version=next((each.version for each in jobs.history(scope=scope)), 0),
                say=spoken(interaction),
            )

        await whisper(interaction, await services.worker.read(page))


def _add_history(group: app_commands.Group, services: Services) -> None:
    @group.command(description="Which document changed when, and who did it.")
    @app_commands.describe(document="Only this one.")
    async def history(interaction: discord.Interaction, document: str | None = None) -> None:
        scope = permitted(services, interaction)
        jobs = desk_of(services).jobs
        only = None if document is None else await named(services, scope, document)

        def page() -> Page:
            changes = jobs.history(scope=scope, document_id=only)
            deeds = jobs.audit.entries(scope=scope, limit=200)
            return overview.history(changes, deeds, say=spoken(interaction))

        await whisper(interaction, await services.worker.read(page))

    @history.autocomplete("document")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await suggested(services, interaction, current)


async def export(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Hand over this server's log as a file, a JSON object a line."""
    scope = permitted(services, interaction)
    entries = await services.worker.read(desk_of(services).jobs.audit.entries, scope=scope)
    lines = "".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in entries)
    file = discord.File(io.BytesIO(lines.encode()), "footnote-log.jsonl")
    told = spoken(interaction).counted(
        "{count} entry:", "{count} entries, newest first:", len(entries)
    )
    await interaction.response.send_message(
        told,
        file=file,
        ephemeral=True,
        allowed_mentions=NOBODY,
    )


PRESSES: Mapping[str, Press] = {"log": export}
