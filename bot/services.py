"""What commands and buttons work with, and the shape of what a button does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

import discord

from bot.admission import Admission
from bot.arrival import Arrivals
from bot.asking import Asking
from bot.config import BotSettings
from bot.desk import Desk
from bot.knowing import Answerer, Library
from bot.page import Page
from bot.receipts import Receipts
from bot.routes import NOBODY, shown
from bot.views import view_of
from bot.worker import Worker


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


State = tuple[str, ...]
Fields = Mapping[str, str]
Press = Callable[[Services, discord.Interaction, State], Awaitable[None]]
Submit = Callable[[Services, discord.Interaction, State, Fields], Awaitable[None]]


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
