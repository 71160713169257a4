"""`/knowledge`: what admins see of their library, and how they take things back."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import discord
from discord import app_commands

from bot import review
from bot.commands import adding, insight
from bot.faults import NotNowError
from bot.forms import text_form
from bot.jobs import Moved
from bot.keeping import (
    CHOICES,
    KEEPERS,
    desk_of,
    named,
    permitted,
    permitted_scope,
    show_receipt,
    suggested,
)
from bot.page import Page, shortened
from bot.routes import NOBODY, InteractionRoute
from bot.services import Press, Services, State, Submit, turn, whisper
from bot.stale import again
from indexer.receipt import Receipt

_GAPS_DAYS = 30


def add(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the commands and the menu."""
    group = app_commands.Group(
        name="knowledge",
        description="Add documents to this server’s library, review them, take them back.",
        guild_only=True,
        default_permissions=KEEPERS,
    )
    adding.add_to(group, services)
    insight.add_to(group, services)
    for part in (
        _add_status,
        _add_history,
        _add_gaps,
        _add_golden,
        _add_remove,
        _add_rollback,
        _add_sync,
    ):
        part(group, services)
    tree.add_command(group)
    adding.add_menu(tree, services)
    _add_golden_menu(tree, services)


def _add_status(group: app_commands.Group, services: Services) -> None:
    @group.command(name="list", description="This server’s own documents.")
    async def listed(interaction: discord.Interaction) -> None:
        scope = permitted(services, interaction)
        documents = await services.worker.read(desk_of(services).jobs.documents, scope=scope)
        await whisper(interaction, review.listing(documents))

    @group.command(description="What the library holds, what runs, and what waits for a decision.")
    async def status(interaction: discord.Interaction) -> None:
        scope = permitted(services, interaction)
        jobs = desk_of(services).jobs

        def page() -> Page:
            return review.status(
                jobs.documents(scope=scope),
                running=jobs.running,
                waiting=jobs.waiting(scope=scope),
                deeds=jobs.audit.entries(scope=scope, limit=5),
                scope=scope,
                version=next((each.version for each in jobs.history(scope=scope)), 0),
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
            return review.history(changes, jobs.audit.entries(scope=scope, limit=200))

        await whisper(interaction, await services.worker.read(page))

    @history.autocomplete("document")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await suggested(services, interaction, current)


def _add_gaps(group: app_commands.Group, services: Services) -> None:
    @group.command(description="Questions the documents do not answer; write what is missing.")
    async def gaps(interaction: discord.Interaction) -> None:
        permitted(services, interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        jobs, since = desk_of(services).jobs, time.time() - _GAPS_DAYS * 86_400

        def page() -> Page:
            found = services.receipts.gaps.open(interaction.guild_id or 0, since=since)
            return review.gaps(jobs.alike(found))

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
    await interaction.response.send_modal(text_form(asked.question))


def _add_golden(group: app_commands.Group, services: Services) -> None:
    @group.command(description="Answers that must stay possible whatever changes.")
    async def golden(interaction: discord.Interaction) -> None:
        scope = permitted(services, interaction)
        found = await services.worker.read(desk_of(services).jobs.golden.all, scope=scope)
        await whisper(interaction, review.golden(found))


def _add_golden_menu(tree: app_commands.CommandTree, services: Services) -> None:
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
    await turn(interaction, review.golden(await services.worker.read(golden.all, scope=scope)))


def _add_remove(group: app_commands.Group, services: Services) -> None:
    @group.command(description="Take a document out; it answers no more from that moment.")
    @app_commands.describe(
        document="Which of this server’s documents.",
        anyway="Also where golden answers lose what they quote.",
    )
    async def remove(interaction: discord.Interaction, document: str, anyway: bool = False) -> None:
        scope = permitted(services, interaction)
        who, jobs = str(interaction.user.id), desk_of(services).jobs
        name = await named(services, scope, document)

        def work(_: Moved) -> Receipt:
            return jobs.remove(name, scope=scope, by=who, anyway=anyway)

        hint = "**/knowledge rollback** brings it back."
        await show_receipt(services, interaction, work, title="Removed", hint=hint)

    @remove.autocomplete("document")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await suggested(services, interaction, current)


def _add_rollback(group: app_commands.Group, services: Services) -> None:
    @group.command(description="Go back to an earlier version of a document, or of everything.")
    @app_commands.describe(
        document="Which document; all of this server’s if you leave it out.",
        version="How it was after this change; before the newest one if you leave it out.",
    )
    async def rollback(
        interaction: discord.Interaction,
        document: str | None = None,
        version: app_commands.Range[int, 0] | None = None,
    ) -> None:
        scope = permitted(services, interaction)
        who, jobs = str(interaction.user.id), desk_of(services).jobs
        if document is None and version is None:
            raise NotNowError("Name a document, or the version to take everything back to.")
        name = None if document is None else await named(services, scope, document)

        def work(_: Moved) -> Receipt:
            if name is not None:
                return jobs.roll_back(name, scope=scope, by=who, version=version)
            return jobs.roll_back_all(version or 0, scope=scope, by=who)

        await show_receipt(services, interaction, work, title="Rolled back")

    @rollback.autocomplete("document")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await suggested(services, interaction, current)

    @rollback.autocomplete("version")
    async def versions(
        interaction: discord.Interaction, current: int | str
    ) -> list[app_commands.Choice[int]]:
        scope = permitted_scope(services, interaction)
        if scope is None:
            return []
        changes = await services.worker.read(desk_of(services).jobs.history, scope=scope)
        return [
            app_commands.Choice(
                name=shortened(
                    f"{each.version} · {each.at[:10]} · {each.action} {each.document_id}", 100
                ),
                value=each.version,
            )
            for each in changes
            if str(current or "") in str(each.version)
        ][:CHOICES]


def _add_sync(group: app_commands.Group, services: Services) -> None:
    @group.command(description="Bring the library in step with this server’s documents folder.")
    async def sync(interaction: discord.Interaction) -> None:
        scope = permitted(services, interaction)
        who, jobs = str(interaction.user.id), desk_of(services).jobs
        parent = services.settings.documents_folder
        if parent is None or not (parent / str(interaction.guild_id)).is_dir():
            raise NotNowError(
                "This server has no documents folder. Whoever runs me can make one: a folder named"
                f" {interaction.guild_id} inside the one that FOOTNOTE_DOCUMENTS_FOLDER names."
            )
        folder = parent / str(interaction.guild_id)

        def work(moved: Moved) -> Receipt:
            return jobs.sync(folder, scope=scope, by=who, moved=moved)

        await show_receipt(services, interaction, work, title="In step with the folder")


async def export(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Hand over this server's log as a file, a JSON object a line."""
    scope = permitted(services, interaction)
    entries = await services.worker.read(desk_of(services).jobs.audit.entries, scope=scope)
    lines = "".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in entries)
    file = discord.File(io.BytesIO(lines.encode()), "footnote-log.jsonl")
    await interaction.response.send_message(
        f"{len(entries)} entries, newest first:",
        file=file,
        ephemeral=True,
        allowed_mentions=NOBODY,
    )


PRESSES: Mapping[str, Press] = {
    **adding.PRESSES,
    "log": export,
    "gap": gap,
    "again": again,
    "ungild": ungild,
}
SUBMITS: Mapping[str, Submit] = {**adding.SUBMITS}
