"""`/knowledge remove`, `rollback` and `sync`: what is taken out, taken back, brought in step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import discord
from discord import app_commands

from bot.faults import NotNowError
from bot.keeping import (
    CHOICES,
    confirming,
    desk_of,
    named,
    permitted,
    permitted_scope,
    show_receipt,
    suggested,
)
from bot.language import Language, spoken
from bot.page import shortened
from bot.pipeline import Model
from bot.services import Press, Services, State, part, whole
from bot.shelf import short_name
from bot.turn import Moved
from indexer.receipt import Receipt
from knowledge.types import Change

_ALL, _BEFORE = "all", "before"


def add_to(group: app_commands.Group, services: Services) -> None:
    """Add the commands below a group."""
    _add_remove(group, services)
    _add_rollback(group, services)
    _add_sync(group, services)


def _add_remove(group: app_commands.Group, services: Services) -> None:
    @group.command(description="Take a document out; it answers no more from that moment.")
    @app_commands.describe(document="Which of this server’s documents.")
    async def remove(interaction: discord.Interaction, document: str) -> None:
        scope = permitted(services, interaction)
        await _remove(services, interaction, await named(services, scope, document))

    @remove.autocomplete("document")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await suggested(services, interaction, current)


async def _remove(
    services: Services, interaction: discord.Interaction, name: str, *, anyway: bool = False
) -> None:
    scope, who = permitted(services, interaction), str(interaction.user.id)
    jobs = desk_of(services).jobs

    def work(moved: Moved, model: Model) -> Receipt:
        return jobs.remove(name, scope=scope, by=who, moved=moved, anyway=anyway, model=model)

    say = spoken(interaction)
    hint = say("**/knowledge rollback** brings it back.")
    button = confirming(say("Remove anyway"), "remove", short_name(name, scope=scope))
    title = say("Removed")
    await show_receipt(services, interaction, work, title=title, hint=hint, anyway=[button])


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
        if document is None and version is None:
            raise NotNowError("Name a document, or the version to take everything back to.")
        name = None if document is None else await named(services, scope, document)
        await _roll_back(services, interaction, name, version)

    @rollback.autocomplete("document")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await suggested(services, interaction, current)

    @rollback.autocomplete("version")
    async def versions(
        interaction: discord.Interaction, current: int | str
    ) -> list[app_commands.Choice[int]]:
        return await _versions(services, interaction, str(current or ""))


async def _roll_back(
    services: Services,
    interaction: discord.Interaction,
    name: str | None,
    version: int | None,
    *,
    anyway: bool = False,
) -> None:
    scope, who = permitted(services, interaction), str(interaction.user.id)
    jobs = desk_of(services).jobs

    def work(moved: Moved, model: Model) -> Receipt:
        if name is None:
            return jobs.roll_back_all(
                version or 0, scope=scope, by=who, moved=moved, anyway=anyway, model=model
            )
        return jobs.roll_back(
            name, scope=scope, by=who, version=version, moved=moved, anyway=anyway, model=model
        )

    which = _ALL if name is None else short_name(name, scope=scope)
    then = _BEFORE if version is None else version
    say = spoken(interaction)
    button = confirming(say("Roll back anyway"), "rollback", which, then)
    await show_receipt(services, interaction, work, title=say("Rolled back"), anyway=[button])


async def _versions(
    services: Services, interaction: discord.Interaction, typed: str
) -> list[app_commands.Choice[int]]:
    scope = permitted_scope(services, interaction)
    if scope is None:
        return []
    changes = await services.worker.read(desk_of(services).jobs.history, scope=scope)
    say = spoken(interaction)
    return [
        app_commands.Choice(name=shortened(_change(each, say), 100), value=each.version)
        for each in changes
        if typed in str(each.version)
    ][:CHOICES]


def _change(each: Change, say: Language) -> str:
    return f"{each.version} · {each.at[:10]} · {say.again(each.action)} {each.document_id}"


def _add_sync(group: app_commands.Group, services: Services) -> None:
    @group.command(description="Bring the library in step with this server’s documents folder.")
    async def sync(interaction: discord.Interaction) -> None:
        await _sync(services, interaction)


async def _sync(
    services: Services, interaction: discord.Interaction, *, anyway: bool = False
) -> None:
    scope, who = permitted(services, interaction), str(interaction.user.id)
    jobs = desk_of(services).jobs
    folder = _folder(services, interaction)

    def work(moved: Moved, model: Model) -> Receipt:
        return jobs.sync(
            folder,
            scope=scope,
            by=who,
            moved=moved,
            anyway=anyway,
            model=model,
            quarantine=services.settings.quarantine_planted,
        )

    say = spoken(interaction)
    button = confirming(say("Bring in step anyway"), "sync", "now")
    title = say("In step with the folder")
    await show_receipt(services, interaction, work, title=title, anyway=[button])


def _folder(services: Services, interaction: discord.Interaction) -> Path:
    parent, guild = services.settings.documents_folder, str(interaction.guild_id)
    if parent is None or not (parent / guild).is_dir():
        raise NotNowError(
            "This server has no documents folder. Whoever runs me can make one: a folder named"
            f" {guild} inside the one that FOOTNOTE_DOCUMENTS_FOLDER names."
        )
    return parent / guild


async def remove_anyway(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Take a document out, whatever golden answers lose."""
    name = await named(services, permitted(services, interaction), state[0])
    await _remove(services, interaction, name, anyway=True)


async def roll_back_anyway(
    services: Services, interaction: discord.Interaction, state: State
) -> None:
    """Go back, whatever golden answers lose."""
    which, then = part(state, 0), part(state, 1)
    scope = permitted(services, interaction)
    name = None if which == _ALL else await named(services, scope, which)
    version = None if then == _BEFORE else whole(state, 1)
    await _roll_back(services, interaction, name, version, anyway=True)


async def sync_anyway(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Follow the folder, whatever golden answers lose."""
    await _sync(services, interaction, anyway=True)


PRESSES: Mapping[str, Press] = {
    "remove": remove_anyway,
    "rollback": roll_back_anyway,
    "sync": sync_anyway,
}
