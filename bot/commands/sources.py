"""`/sources`: the documents page by page, one of them opened, or a search in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import app_commands

from bot import shelf
from bot.faults import NotNowError
from bot.language import spoken
from bot.page import Page, shortened
from bot.permissions import scopes
from bot.routes import InteractionRoute
from bot.services import Press, Services, State, turn, whisper, whole
from knowledge.types import DocumentInfo, Passage

_CHOICES = 25
_FOUND = 5
_MARK = "doc:"


def add(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the command."""

    @tree.command(description="See the documents I answer from, or search in them.")
    @app_commands.describe(search="A document's title, or words to look for.")
    async def sources(
        interaction: discord.Interaction, search: app_commands.Range[str, 1, 200] | None = None
    ) -> None:
        if search is None:
            await whisper(interaction, await _listed(services, interaction, 0))
        elif search.startswith(_MARK):
            name = search.removeprefix(_MARK)
            await whisper(interaction, await _opened(services, interaction, name, 0))
        else:
            # Where the models are busy, looking takes longer than Discord waits for a first word.
            await interaction.response.defer(ephemeral=True, thinking=True)
            page = await _found(services, interaction, search)
            await InteractionRoute(interaction, ephemeral=True).send(page)

    @sources.autocomplete("search")
    async def complete(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        listed = await _documents(services, interaction)
        wanted = current.casefold()
        titles = [info for info in listed if wanted in info.title.casefold()]
        titles.sort(key=lambda info: (not info.title.casefold().startswith(wanted), info.title))
        return [
            app_commands.Choice(name=shortened(info.title, 100), value=_MARK + shelf.short_id(info))
            for info in titles[:_CHOICES]
        ]


async def listed(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Turn to a page of the list."""
    await turn(interaction, await _listed(services, interaction, whole(state, len(state) - 1)))


async def opened(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Open the document that was chosen from the menu."""
    data: Mapping[str, Any] = {**(interaction.data or {})}
    name = next(iter(data.get("values", ())), "")
    await turn(interaction, await _opened(services, interaction, name, 0))


async def leafed(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Turn to a page of one document."""
    await turn(interaction, await _opened(services, interaction, state[0], whole(state, 1)))


async def _documents(
    services: Services, interaction: discord.Interaction
) -> Sequence[DocumentInfo]:
    reach = scopes(interaction.guild_id)
    return await services.worker.read(services.library.documents, scopes=reach)


async def _listed(services: Services, interaction: discord.Interaction, page: int) -> Page:
    known = await _documents(services, interaction)
    version = await services.worker.read(lambda: services.library.version)
    return shelf.documents(known, page=page, library_version=version, say=spoken(interaction))


async def _opened(
    services: Services, interaction: discord.Interaction, name: str, page: int
) -> Page:
    known = await _documents(services, interaction)
    info = next((info for info in known if shelf.short_id(info) == name), None)
    if info is None:
        raise NotNowError("That document is no longer in the library.")

    def passages() -> Sequence[Passage]:
        return services.library.passages(info.id, scope=info.scope)

    shown = await services.worker.read(passages)
    return shelf.document(info, shown, page=page, say=spoken(interaction))


async def _found(services: Services, interaction: discord.Interaction, query: str) -> Page:
    reach = scopes(interaction.guild_id)
    search = services.library.search
    found = await services.worker.search(search, query, k=_FOUND, scopes=reach)
    return shelf.found(query, found, say=spoken(interaction))


PRESSES: Mapping[str, Press] = {"documents": listed, "open": opened, "document": leafed}
