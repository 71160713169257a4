"""`/knowledge add` and the message menu that adds a message."""

from __future__ import annotations

import re
from collections.abc import Mapping

import discord
from discord import app_commands

from bot.commands.deciding import take_in
from bot.commands.watching import HOURS, Often
from bot.faults import NotNowError
from bot.forms import text_form
from bot.keeping import desk_of, permitted, promise
from bot.language import spoken
from bot.services import Fields, Services, State, Submit
from indexer.addresses import document_id
from indexer.load import KNOWN, RECORDS, SUFFIXES
from indexer.pending import Upload


def add_to(group: app_commands.Group, services: Services) -> None:
    """Add the commands below a group."""
    adding = app_commands.Group(name="add", description="Add a document.", parent=group)

    @adding.command(name="file", description="Add a file: it is read, and waits for approval.")
    @app_commands.describe(
        file="Text, Markdown, PDF, Word, slides, a table, subtitles, source code, …"
    )
    async def add_file(interaction: discord.Interaction, file: discord.Attachment) -> None:
        scope = permitted(services, interaction)
        _refuse_unreadable(file, desk_of(services).jobs.limits.file_bytes)
        await promise(interaction)
        upload = Upload(
            file.filename, await file.read(), file.filename, scope, str(interaction.user.id)
        )
        await take_in(services, interaction, upload)

    @adding.command(name="url", description="Add a public web page: its text, not its menus.")
    @app_commands.describe(
        address="The page’s address, with https://",
        watch="How often to look whether it has changed; never if you leave it out.",
    )
    async def add_url(
        interaction: discord.Interaction,
        address: app_commands.Range[str, 1, 1000],
        watch: Often = "never",
    ) -> None:
        scope = permitted(services, interaction)
        await promise(interaction)
        found = await desk_of(services).fetch(address)
        upload = Upload(
            found.name,
            found.data,
            document_id(found.url),
            scope,
            str(interaction.user.id),
            source=found.url,
        )
        await take_in(services, interaction, upload)
        watching = desk_of(services).jobs.watch_added
        await services.worker.read(watching, upload, hours=HOURS[watch])

    @adding.command(name="text", description="Write or paste a text to add.")
    async def add_text(interaction: discord.Interaction) -> None:
        permitted(services, interaction)
        await interaction.response.send_modal(text_form(say=spoken(interaction)))


def add_menu(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the menu."""

    @tree.context_menu(name="Add to knowledge")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def add_message(interaction: discord.Interaction, message: discord.Message) -> None:
        scope = permitted(services, interaction)
        words = message.content.strip()
        if not words:
            raise NotNowError("There is no text in that message to add.")
        title = f"{message.author.display_name}, {message.created_at:%d %B %Y}"
        await take_in(
            services,
            interaction,
            Upload(
                f"{title}.md",
                f"# {title}\n\n{words}".encode(),
                f"message {message.id}",
                scope,
                str(interaction.user.id),
                source=message.jump_url,
            ),
        )


async def written(
    services: Services, interaction: discord.Interaction, _: State, fields: Fields
) -> None:
    """Take in the text of a submitted form."""
    scope = permitted(services, interaction)
    title = " ".join(fields.get("title", "").split())
    slug = re.sub(r"[^\w]+", "-", title.lower()).strip("-")
    name = f"{slug or 'text'}.md"
    data = f"# {title}\n\n{fields.get('text', '')}".encode()
    await take_in(services, interaction, Upload(name, data, name, scope, str(interaction.user.id)))


def _refuse_unreadable(file: discord.Attachment, most: int) -> None:
    """Before anything is fetched."""
    dot = file.filename.rfind(".")
    ending = file.filename[dot:].lower() if dot >= 0 else ""
    if not ending:
        raise NotNowError(f"I cannot read a file without an ending. Known are {KNOWN}.")
    if ending not in SUFFIXES | {RECORDS}:
        raise NotNowError(f"I cannot read {ending}. Known are {KNOWN}.")
    if file.size > most:
        raise NotNowError(
            f"{file.filename} has {file.size / 1e6:.1f} MB; at most {most / 1e6:g} MB are read."
        )


SUBMITS: Mapping[str, Submit] = {"addtext": written}
