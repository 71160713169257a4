"""What the commands of admins share: who may, how a job shows itself, what a document is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import discord
from discord import app_commands

from bot import outcome, review
from bot.arrival import member_of
from bot.delivery import Delivery
from bot.desk import Desk
from bot.faults import NotNowError
from bot.language import spoken
from bot.page import Button, shortened
from bot.permissions import keeps, own_scope
from bot.pipeline import Model
from bot.queued import queued
from bot.replay import GoldenError
from bot.routes import DirectRoute, InteractionRoute, Route
from bot.services import Services
from bot.shelf import short_name
from bot.stream import Live
from bot.turn import Moved
from bot.views import action_id
from indexer.receipt import Receipt
from knowledge.said import said

KEEPERS = discord.Permissions(manage_guild=True)
CHOICES = 25

_MARK = "doc:"


def permitted(services: Services, interaction: discord.Interaction) -> str:
    """The scope that this member may change; raises where they may not.

    Discord checks too, but an admin of the server can open the commands to anybody there.
    """
    member = member_of(interaction)
    if member.guild is None:
        raise NotNowError("A library belongs to a server: use this in yours.")
    if not keeps(services.settings, member):
        raise NotNowError(
            "Only members with **Manage Server**, or the role set for it, may change the library."
        )
    return own_scope(member.guild)


def permitted_scope(services: Services, interaction: discord.Interaction) -> str | None:
    """The same for a suggestion, which has nowhere to show a sentence."""
    try:
        return permitted(services, interaction)
    except NotNowError:
        return None


def desk_of(services: Services) -> Desk:
    """The desk; a bot without a library of its own has none."""
    if services.desk is None:
        raise NotNowError("This bot cannot change its library.")
    return services.desk


async def show_receipt(
    services: Services,
    interaction: discord.Interaction,
    work: Callable[[Moved, Model], Receipt],
    *,
    title: str,
    hint: str = "",
    anyway: Sequence[Button] = (),
) -> None:
    """Do a job with its progress shown, then its receipt.

    Where golden answers would become worse they are shown instead, with the buttons `anyway`.
    """
    scope, desk = permitted(services, interaction), desk_of(services)
    await promise(interaction)
    delivery, model, say = delivery_of(interaction), queued(services.worker), spoken(interaction)
    async with Live(delivery.show, interval=services.settings.edit_interval_s) as live:
        try:
            done = await desk.run(lambda moved: work(moved, model), live=live, scope=scope, say=say)
        except GoldenError as error:
            await live.finish([review.regression(error.found, *anyway, say=say)])
            return
        await live.finish([outcome.receipt(done, title=title, hint=hint, say=say)])
    desk.changed.set()


def confirming(label: str, action: str, *state: object) -> Button:
    """A button that does a job although golden answers become worse."""
    return Button(label, action_id(action, *state), style=discord.ButtonStyle.danger)


async def promise(interaction: discord.Interaction) -> None:
    """Tell Discord that an answer comes: in the message whose button it was, else in private."""
    if interaction.response.is_done():
        return
    if interaction.type is discord.InteractionType.component:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


def delivery_of(interaction: discord.Interaction) -> Delivery:
    """The message that shows a job: the one pressed, or the one promised."""
    pressed = interaction.message if interaction.type is discord.InteractionType.component else None
    original = pressed.id if pressed is not None else None
    late = spoken(interaction)(
        "This took longer than Discord lets me answer there, so here is how it ended:"
    )
    routes: list[Route] = [
        InteractionRoute(interaction, original=original, ephemeral=True),
        DirectRoute(interaction.client, interaction.user.id, note=late),
    ]
    return Delivery(routes, messages=() if original is None else (original,))


async def named(services: Services, scope: str, given: str) -> str:
    """The id of a document that was chosen or written; one that is gone is found by its past."""
    known = await services.worker.read(_known, desk_of(services), scope)
    for name in known:
        short = short_name(name, scope=scope)
        if given in (name, short, _MARK + short):
            return name
    raise NotNowError("This server’s library never had such a document. See **/knowledge list**.")


async def suggested(
    services: Services, interaction: discord.Interaction, current: str
) -> list[app_commands.Choice[str]]:
    """Documents whose title or id holds what was typed so far; none for those who may not."""
    scope = permitted_scope(services, interaction)
    if scope is None:
        return []
    known = await services.worker.read(_known, desk_of(services), scope)
    wanted, say = current.casefold(), spoken(interaction)
    return [
        app_commands.Choice(
            name=shortened(f"{say.again(title)} · {name}", 100),
            value=_MARK + short_name(name, scope=scope),
        )
        for name, title in known.items()
        if wanted in f"{title} {name}".casefold()
    ][:CHOICES]


def _known(desk: Desk, scope: str) -> dict[str, str]:
    """Ids with titles: files of records and what is live first, then what was."""
    past = desk.jobs.history(scope=scope, limit=500)
    live = {each.id: each.title for each in desk.jobs.documents(scope=scope)}
    files = {
        name: said(f"{name}: all of its {many} documents" if many else f"{name}: what was in it")
        for name, many in desk.jobs.files(scope=scope).items()
    }
    return (files | live) | {
        each.document_id: each.title or each.document_id
        for each in past
        if each.document_id not in live
    }
