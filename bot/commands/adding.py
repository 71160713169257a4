"""`/knowledge add`, the message menu that adds a message, and the review that decides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot import review
from bot.faults import NotNowError
from bot.forms import text_form
from bot.golden import GoldenError
from bot.jobs import Moved
from bot.keeping import delivery_of, desk_of, follow, permitted, promise, show_receipt
from bot.render import notice
from bot.routes import InteractionRoute
from bot.services import Fields, Press, Services, State, Submit
from bot.stream import Live
from indexer.intake import Review
from indexer.load import KNOWN, RECORDS, SUFFIXES
from indexer.pending import Staged, Upload
from indexer.receipt import Receipt
from indexer.web import document_id
from knowledge.errors import DocumentError, FootnoteError


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
        await _take_in(services, interaction, upload)

    @adding.command(name="url", description="Add a public web page: its text, not its menus.")
    @app_commands.describe(address="The page’s address, with https://")
    async def add_url(
        interaction: discord.Interaction, address: app_commands.Range[str, 1, 1000]
    ) -> None:
        scope = permitted(services, interaction)
        await promise(interaction)
        found = await desk_of(services).fetch(address)
        await _take_in(
            services,
            interaction,
            Upload(
                found.name,
                found.data,
                document_id(found.url),
                scope,
                str(interaction.user.id),
                source=found.url,
            ),
        )

    @adding.command(name="text", description="Write or paste a text to add.")
    async def add_text(interaction: discord.Interaction) -> None:
        permitted(services, interaction)
        await interaction.response.send_modal(text_form())


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
        await _take_in(
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


async def approve(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Let a document that waits answer."""
    scope, jobs = permitted(services, interaction), desk_of(services).jobs
    who = str(interaction.user.id)

    def work(moved: Moved) -> Receipt:
        anyway = state[1:] == ("anyway",)
        return jobs.approve(state[0], scope=scope, by=who, moved=moved, anyway=anyway)

    try:
        await show_receipt(services, interaction, work, title="Approved")
    except GoldenError as error:
        await delivery_of(interaction).show([review.regression(error.lost, state[0])])
    except FootnoteError:
        await _as_before(services, interaction, state[0], scope)
        raise


async def _as_before(
    services: Services, interaction: discord.Interaction, name: str, scope: str
) -> None:
    """Give a message whose progress came to nothing its review again, if that still waits."""
    desk = desk_of(services)
    try:
        page = review.decision(await desk.quietly(lambda: desk.jobs.review(name, scope=scope)))
    except DocumentError as error:
        page = notice(str(error))
    await delivery_of(interaction).show([page])


async def reject(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Forget a document that waits."""
    scope, desk = permitted(services, interaction), desk_of(services)
    who = str(interaction.user.id)
    await promise(interaction)

    def work() -> Staged:
        return desk.jobs.reject(state[0], scope=scope, by=who)

    await delivery_of(interaction).show([review.rejected(await desk.quietly(work))])


async def opened(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Show one of those that wait, chosen from the menu of the status."""
    scope, desk = permitted(services, interaction), desk_of(services)
    data: Mapping[str, Any] = {**(interaction.data or {})}
    name = next(iter(data.get("values", ())), "")
    await interaction.response.defer(ephemeral=True, thinking=True)
    found = await desk.quietly(lambda: desk.jobs.review(name, scope=scope))
    await InteractionRoute(interaction, ephemeral=True).send(review.decision(found))


async def written(
    services: Services, interaction: discord.Interaction, _: State, fields: Fields
) -> None:
    """Take in the text of a submitted form."""
    scope = permitted(services, interaction)
    title = " ".join(fields.get("title", "").split())
    slug = re.sub(r"[^\w]+", "-", title.lower()).strip("-")
    name = f"{slug or 'text'}.md"
    data = f"# {title}\n\n{fields.get('text', '')}".encode()
    await _take_in(services, interaction, Upload(name, data, name, scope, str(interaction.user.id)))


async def _take_in(services: Services, interaction: discord.Interaction, upload: Upload) -> None:
    """Read, show what was read, and let somebody decide, where nobody trusted skips it."""
    await promise(interaction)
    desk = desk_of(services)
    delivery = delivery_of(interaction)
    async with Live(delivery.show, interval=services.settings.edit_interval_s) as live:

        def read(moved: Moved) -> Review:
            return desk.jobs.add(upload, moved=moved)

        found = await desk.run(read, live=live, scope=upload.scope)
        page = review.decision(found)
        if not (services.settings.review_documents or found.suspicious or found.notes):

            def publish(moved: Moved) -> Receipt:
                return desk.jobs.approve(
                    found.staged.id, scope=upload.scope, by=upload.by, moved=moved
                )

            try:
                done = await desk.run(publish, live=live, scope=upload.scope)
            except GoldenError as error:
                page = review.regression(error.lost, found.staged.id)
            else:
                page = review.receipt(done, title="Added without a review")
                follow(services, interaction, done)
        await live.finish([page])


def _refuse_unreadable(file: discord.Attachment, most: int) -> None:
    """Before anything is fetched."""
    ending = file.filename[file.filename.rfind(".") :].lower()
    if ending not in SUFFIXES | {RECORDS}:
        raise NotNowError(
            f"I cannot read {ending or 'a file without an ending'}. Known are {KNOWN}."
        )
    if file.size > most:
        raise NotNowError(
            f"{file.filename} has {file.size / 1e6:.1f} MB; at most {most / 1e6:g} MB are read."
        )


PRESSES: Mapping[str, Press] = {"approve": approve, "reject": reject, "review": opened}
SUBMITS: Mapping[str, Submit] = {"addtext": written}
