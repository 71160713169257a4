"""What commands and buttons work with, and the shape of what a button does."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

import discord

from bot.admission import Admission
from bot.arrival import Arrivals
from bot.asking import Asking
from bot.config import BotSettings
from bot.desk import Desk
from bot.faults import NotNowError
from bot.knowing import Answerer, Library
from bot.page import Page
from bot.receipts import Receipts
from bot.routes import NOBODY, shown
from bot.views import view_of
from bot.worker import Worker
from knowledge.said import said


@dataclass(frozen=True, slots=True)
class Services:
    """Made once for a client."""

    settings: BotSettings
    answerer: Answerer
    library: Library
    receipts: Receipts
    worker: Worker
    admission: Admission
    asking: Asking
    arrivals: Arrivals
    desk: Desk | None = None


_WHOLE = re.compile(r"-?\d{1,20}", re.ASCII)

State = tuple[str, ...]
Fields = Mapping[str, str]
Press = Callable[[Services, discord.Interaction, State], Awaitable[None]]
Submit = Callable[[Services, discord.Interaction, State, Fields], Awaitable[None]]


UNKNOWN = said(
    "I do not know this button any more: it is of an older version. Ask again for a new one."
)


def part(state: State, place: int) -> str:
    """What a button carries at a place; raises NotNowError where it carries less."""
    if place >= len(state):
        raise NotNowError(UNKNOWN)
    return state[place]


def whole(state: State, place: int) -> int:
    """A whole number that a button carries; raises NotNowError where it is none."""
    if not _WHOLE.fullmatch(part(state, place)):
        raise NotNowError(UNKNOWN)
    return int(state[place])


class Whispered(TypedDict):
    """A page as discord.py wants it for a message that one member sees."""

    content: str
    embeds: list[discord.Embed]
    view: discord.ui.View
    ephemeral: bool
    allowed_mentions: discord.AllowedMentions


async def whisper(interaction: discord.Interaction, page: Page) -> None:
    """Answer an interaction with a page that only its member sees."""
    await interaction.response.send_message(**_whispered(page))


async def whisper_more(interaction: discord.Interaction, page: Page) -> None:
    """A further page after the first."""
    await interaction.followup.send(**_whispered(page))


async def turn(interaction: discord.Interaction, page: Page) -> None:
    """Show another page in the message whose button was pressed."""
    await interaction.response.edit_message(**shown(page))


def _whispered(page: Page) -> Whispered:
    return Whispered(
        content=page.content,
        embeds=list(page.embeds),
        view=view_of(page) or discord.utils.MISSING,
        ephemeral=True,
        allowed_mentions=NOBODY,
    )
