"""What waits for a decision: shown with sample answers, approved or rejected."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import discord
import structlog

from bot import outcome, review
from bot.commands.gaps import GAPS_DAYS
from bot.delivery import Delivery
from bot.keeping import (
    confirming,
    delivery_of,
    desk_of,
    permitted,
    promise,
    show_receipt,
)
from bot.language import Language, spoken
from bot.page import Button
from bot.pipeline import Model
from bot.queued import queued
from bot.render import notice
from bot.replay import GoldenError
from bot.routes import InteractionRoute
from bot.services import Press, Services, State
from bot.stream import Live
from bot.trial import Tried
from bot.turn import Moved
from bot.views import action_id
from indexer.pending import Staged, Upload
from indexer.receipt import Receipt
from indexer.reviewing import Review
from knowledge.errors import DocumentError, FootnoteError

log = structlog.get_logger(__name__)


async def take_in(services: Services, interaction: discord.Interaction, upload: Upload) -> None:
    """Read, show what was read, and let somebody decide, where nobody trusted skips it."""
    await promise(interaction)
    desk = desk_of(services)
    delivery = delivery_of(interaction)
    async with Live(delivery.show, interval=services.settings.edit_interval_s) as live:

        def read(moved: Moved) -> Review:
            return desk.jobs.add(upload, moved=moved)

        say = spoken(interaction)
        found = await desk.run(read, live=live, scope=upload.scope, say=say)
        suspect = bool(found.suspicious) and services.settings.quarantine_planted
        if services.settings.review_documents or suspect or found.notes:
            await live.finish([review.decision(found, trying=True, say=say)])
        else:
            await _publish(services, found, live, say)
            return
    await _decide(services, interaction, found, delivery)


async def _publish(services: Services, found: Review, live: Live, say: Language) -> None:
    """Let a document answer without a review, where no golden answer becomes worse."""
    desk, model, staged = desk_of(services), queued(services.worker), found.staged

    def publish(moved: Moved) -> Receipt:
        return desk.jobs.approve(
            staged.id, scope=staged.scope, by=staged.by, moved=moved, model=model
        )

    try:
        done = await desk.run(publish, live=live, scope=staged.scope, say=say)
    except GoldenError as error:
        await live.finish([review.regression(error.found, *_anyway(staged.id, say), say=say)])
        return
    await live.finish([outcome.receipt(done, title=say("Added without a review"), say=say)])
    desk.changed.set()


async def _decide(
    services: Services, interaction: discord.Interaction, found: Review, delivery: Delivery
) -> None:
    """Show a document that waits; what it would answer is added while somebody reads the rest."""
    say = spoken(interaction)
    await delivery.show([review.decision(found, trying=True, say=say)])
    work = _try_out(services, interaction.guild_id or 0, found, delivery, say)
    desk_of(services).try_out(found.staged.id, work)


async def _try_out(
    services: Services, guild: int, found: Review, delivery: Delivery, say: Language
) -> None:
    desk, staged, samples = desk_of(services), found.staged, list[Tried]()
    model = queued(services.worker, patient=False)
    since = time.time() - GAPS_DAYS * 86_400
    gaps = await services.worker.read(services.receipts.gaps.open, guild, since=since)
    asked = [each.question for each in gaps]
    trying = desk.jobs.samples(staged.id, scope=staged.scope, asked=asked, model=model)
    try:
        while (one := await desk.apart(lambda: next(trying, None))) is not None:
            samples.append(one)
            await delivery.show([review.decision(found, samples=samples, trying=True, say=say)])
    except FootnoteError as error:
        log.info("samples not answered", staged=staged.id, reason=str(error))
    await delivery.show([review.decision(found, samples=samples, say=say)])


async def approve(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Let a document that waits answer."""
    scope, desk = permitted(services, interaction), desk_of(services)
    name, who = state[0], str(interaction.user.id)
    await promise(interaction)
    await desk.decided(name)

    def work(moved: Moved, model: Model) -> Receipt:
        anyway = state[1:] == ("anyway",)
        return desk.jobs.approve(name, scope=scope, by=who, moved=moved, anyway=anyway, model=model)

    say = spoken(interaction)
    title, anyway = say("Approved"), _anyway(name, say)
    try:
        await show_receipt(services, interaction, work, title=title, anyway=anyway)
    except FootnoteError:
        await _as_before(services, interaction, name, scope)
        raise


def _anyway(name: str, say: Language) -> Sequence[Button]:
    reject = Button(say("Reject"), action_id("reject", name))
    return confirming(say("Approve anyway"), "approve", name, "anyway"), reject


async def _as_before(
    services: Services, interaction: discord.Interaction, name: str, scope: str
) -> None:
    """Give a message whose progress came to nothing its review again, if that still waits."""
    desk, say = desk_of(services), spoken(interaction)
    try:
        found = await desk.quietly(lambda: desk.jobs.review(name, scope=scope))
        page = review.decision(found, say=say)
    except DocumentError as error:
        page = notice(say.again(error))
    await delivery_of(interaction).show([page])


async def reject(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Forget a document that waits."""
    scope, desk = permitted(services, interaction), desk_of(services)
    who = str(interaction.user.id)
    await promise(interaction)
    await desk.decided(state[0])

    def work() -> Staged:
        return desk.jobs.reject(state[0], scope=scope, by=who)

    gone = review.rejected(await desk.quietly(work), say=spoken(interaction))
    await delivery_of(interaction).show([gone])


async def opened(services: Services, interaction: discord.Interaction, _: State) -> None:
    """Show one of those that wait, chosen from the menu of the status."""
    scope, desk = permitted(services, interaction), desk_of(services)
    data: Mapping[str, Any] = {**(interaction.data or {})}
    name = next(iter(data.get("values", ())), "")
    await interaction.response.defer(ephemeral=True, thinking=True)
    found = await desk.quietly(lambda: desk.jobs.review(name, scope=scope))
    await _decide(services, interaction, found, Delivery([InteractionRoute(interaction)]))


PRESSES: Mapping[str, Press] = {"approve": approve, "reject": reject, "review": opened}
