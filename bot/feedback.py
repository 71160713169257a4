"""What the buttons under an answer do, in whichever process they are pressed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping

import discord

from bot import detail
from bot.arrival import member_of
from bot.faults import NotNowError
from bot.forms import follow_up_form, reason_form
from bot.language import spoken
from bot.page import Button, Page, Row
from bot.permissions import keeps, may_delete, may_see
from bot.receipts import Feedback, Receipt
from bot.services import (
    Fields,
    Press,
    Services,
    State,
    Submit,
    turn,
    whisper,
    whisper_more,
    whole,
)
from bot.views import action_id
from bot.wishes import Wish
from knowledge.said import said
from knowledge.types import Passage

_GONE = said("I no longer have the record of this answer. Ask again for a fresh one.")


async def receipt_of(services: Services, interaction: discord.Interaction, name: str) -> Receipt:
    """The receipt a button belongs to; raises where it is gone, or is not this member's to see."""
    receipt = await services.worker.read(services.receipts.get, name)
    if receipt is None or not may_see(member_of(interaction), receipt):
        raise NotNowError(_GONE)
    return receipt


async def stop(services: Services, interaction: discord.Interaction, state: State) -> None:
    """End an answer early; what is written so far is kept."""
    running = services.asking.find(state[0])
    if running is None:
        raise NotNowError("This answer is not being written any more.")
    asked = running.question
    member = member_of(interaction)
    if not may_delete(services.settings, member, asker=asked.asker, guild=asked.guild):
        raise NotNowError("Only the person who asked, or a moderator, can stop this answer.")
    await interaction.response.defer()
    services.asking.stop(state[0])


async def sources(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Show each quote, to this member only."""
    await whisper(interaction, await _sources(services, interaction, state))


async def leaf(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Turn the pages of the quotes."""
    await turn(interaction, await _sources(services, interaction, state))


async def why(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Show what an answer rests on."""
    receipt = await receipt_of(services, interaction, state[0])
    first, *more = detail.why(receipt, say=spoken(interaction))
    await whisper(interaction, first)
    for page in more:
        await whisper_more(interaction, page)


async def follow(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Open the form for the next question."""
    receipt = await receipt_of(services, interaction, state[0])
    await interaction.response.send_modal(
        follow_up_form(
            receipt.id, longest=services.settings.question_length, say=spoken(interaction)
        )
    )


async def followed(
    services: Services, interaction: discord.Interaction, state: State, fields: Fields
) -> None:
    """Answer the next question of a conversation."""
    receipt = await receipt_of(services, interaction, state[0])
    member = member_of(interaction)
    with services.admission.admitted(member, fields.get("question", "")) as text:
        question, delivery = await services.arrivals.interaction(
            interaction, text, private=receipt.private, parent=receipt.id
        )
        await services.asking.answer(question, delivery)


async def helpful(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Keep a thumb up."""
    receipt = await receipt_of(services, interaction, state[0])
    await _rate(services, interaction, receipt, helpful=True, fields={})
    rows: tuple[Row, ...] = ()
    say = spoken(interaction)
    if services.desk is not None and keeps(services.settings, member_of(interaction)):
        rows = ((Button(say("Mark as golden"), action_id("gild", receipt.id), emoji="🏅"),),)
    await whisper(interaction, Page(f"👍 {say('Thank you, noted.')}", (), rows))


async def unhelpful(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Ask what was wrong."""
    receipt = await receipt_of(services, interaction, state[0])
    await interaction.response.send_modal(reason_form(receipt.id, say=spoken(interaction)))


async def reasoned(
    services: Services, interaction: discord.Interaction, state: State, fields: Fields
) -> None:
    """Keep a thumb down with its reason."""
    receipt = await receipt_of(services, interaction, state[0])
    await _rate(services, interaction, receipt, helpful=False, fields=fields)
    say = spoken(interaction)
    await whisper(interaction, Page(f"👎 {say('Thank you, noted. The admins see your reason.')}"))


async def delete(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Take an answer away, with all its messages and its receipt."""
    name = state[0]
    receipt = await services.worker.read(services.receipts.get, name)
    member = member_of(interaction)
    # A message without a receipt stands where the button was pressed.
    asker = receipt.asker if receipt is not None else whole(state, 1)
    guild = receipt.guild if receipt is not None else member.guild
    if not may_delete(services.settings, member, asker=asker, guild=guild):
        raise NotNowError("Only the person who asked, or a moderator, can delete this answer.")
    messages = await services.worker.read(services.receipts.messages, name)
    own = interaction.message.id if interaction.message else 0
    if messages and own not in {message for _, message in messages}:
        raise NotNowError(_GONE)
    await interaction.response.defer()
    await interaction.delete_original_response()
    for channel, message in messages:
        if message != own:
            place = interaction.client.get_partial_messageable(channel)
            with contextlib.suppress(discord.HTTPException):
                await place.get_partial_message(message).delete()
    await services.worker.read(services.receipts.drop, name)


async def wish(services: Services, interaction: discord.Interaction, state: State) -> None:
    """Put an unanswered question on the admins' list."""
    receipt = await receipt_of(services, interaction, state[0])
    new = await services.worker.read(
        services.receipts.wishes.add,
        Wish(
            receipt=receipt.id,
            question=receipt.question,
            asker=receipt.asker,
            guild=receipt.guild,
            channel=receipt.channel,
            made_at=time.time(),
        ),
    )
    say = spoken(interaction)
    kept = say("It is on the admins’ list.") if new else say("It is on the admins’ list already.")
    then = say("The asker is told here when the documents answer it.")
    await whisper(interaction, Page(f"📮 {kept} {then}"))


async def _sources(services: Services, interaction: discord.Interaction, state: State) -> Page:
    page = whole(state, 1)
    receipt = await receipt_of(services, interaction, state[0])
    passages = await _passages(services, receipt)
    return detail.sources(receipt, passages, page, say=spoken(interaction))


async def _passages(services: Services, receipt: Receipt) -> Mapping[str, Passage]:
    def look_up() -> dict[str, Passage]:
        wanted = {source.passage_id for source in receipt.answer.citations}
        found = {name: services.library.passage(name) for name in wanted}
        return {name: passage for name, passage in found.items() if passage is not None}

    return await services.worker.read(look_up)


async def _rate(
    services: Services,
    interaction: discord.Interaction,
    receipt: Receipt,
    *,
    helpful: bool,
    fields: Fields,
) -> None:
    feedback = Feedback(
        receipt=receipt.id,
        person=interaction.user.id,
        helpful=helpful,
        reason=fields.get("reason", ""),
        comment=fields.get("comment", "").strip(),
        given_at=time.time(),
    )
    await services.worker.read(services.receipts.rate, feedback)


PRESSES: Mapping[str, Press] = {
    "stop": stop,
    "sources": sources,
    "leaf": leaf,
    "why": why,
    "follow": follow,
    "up": helpful,
    "down": unhelpful,
    "delete": delete,
    "wish": wish,
}
SUBMITS: Mapping[str, Submit] = {"follow": followed, "down": reasoned}
