"""The three ways a message can reach its asker, each with the errors that Discord gives."""

from __future__ import annotations

import contextlib
from typing import Protocol, TypedDict

import discord

from bot.page import CONTENT_LIMIT, Page
from bot.views import view_of

NOBODY = discord.AllowedMentions.none()


class Route(Protocol):
    """A way to send and edit messages."""

    @property
    def channel(self) -> int | None:
        """Where the messages stand, as far as it is known."""
        ...

    async def send(self, page: Page) -> int:
        """Show a page in a new message; returns its id."""
        ...

    async def edit(self, message: int, page: Page) -> None:
        """Show a page in a message of this way."""
        ...


class Shown(TypedDict):
    """A page as discord.py wants it for an edit; what is empty is taken away."""

    content: str
    embeds: list[discord.Embed]
    view: discord.ui.View | None
    allowed_mentions: discord.AllowedMentions


def shown(page: Page) -> Shown:
    """The arguments that make a message show a page and nothing else."""
    return Shown(
        content=page.content,
        embeds=list(page.embeds),
        view=view_of(page),
        allowed_mentions=NOBODY,
    )


class InteractionRoute:
    """The answer to an interaction, which its token opens for fifteen minutes.

    `promised` is set while the 'is thinking' message waits to be filled; `original` is that
    message's id, where Discord told it already.
    """

    def __init__(
        self,
        interaction: discord.Interaction,
        *,
        promised: bool = True,
        original: int | None = None,
        ephemeral: bool = False,
    ) -> None:
        self._interaction = interaction
        self._ephemeral = ephemeral
        self._promised = promised and original is None
        self._original = original

    @property
    def channel(self) -> int | None:
        """The channel of the interaction."""
        return self._interaction.channel_id

    async def send(self, page: Page) -> int:
        """Fill the message that was promised, or follow up."""
        if self._promised:
            message = await self._interaction.edit_original_response(**shown(page))
            self._promised, self._original = False, message.id
            return message.id
        return await _follow_up(self._interaction.followup, page, ephemeral=self._ephemeral)

    async def edit(self, message: int, page: Page) -> None:
        """Edit the first message or a later one."""
        if message == self._original:
            await self._interaction.edit_original_response(**shown(page))
        else:
            await self._interaction.followup.edit_message(message, **shown(page))


class TokenRoute:
    """A private answer taken up again after a restart: the interaction's token is all there is."""

    def __init__(self, webhook: discord.Webhook) -> None:
        self._webhook = webhook

    @property
    def channel(self) -> int | None:
        """Not known."""
        return None

    async def send(self, page: Page) -> int:
        """Follow up in private."""
        return await _follow_up(self._webhook, page, ephemeral=True)

    async def edit(self, message: int, page: Page) -> None:
        """Edit a private message."""
        await self._webhook.edit_message(message, **shown(page))


class ChannelRoute:
    """Messages of a channel, the first one as a reply where there is something to reply to."""

    def __init__(
        self, client: discord.Client, channel: int, *, reply_to: int | None = None
    ) -> None:
        self._messages = client.get_partial_messageable(channel)
        self._reply_to = reply_to

    @property
    def channel(self) -> int | None:
        """The channel written to."""
        return self._messages.id

    async def send(self, page: Page) -> int:
        """Write to the channel."""
        reference = None
        if self._reply_to is not None:
            reference = discord.MessageReference(
                message_id=self._reply_to, channel_id=self._messages.id, fail_if_not_exists=False
            )
        self._reply_to = None
        return await _write(self._messages, page, reference=reference)

    async def edit(self, message: int, page: Page) -> None:
        """Edit a message of the channel."""
        await self._messages.get_partial_message(message).edit(**shown(page))


class DirectRoute:
    """A direct message, the last resort; `note` says first why it comes this way."""

    def __init__(self, client: discord.Client, person: int, *, note: str) -> None:
        self._client = client
        self._person = person
        self._note = note
        self._channel: discord.DMChannel | None = None

    @property
    def channel(self) -> int | None:
        """The direct channel, once it is open."""
        return self._channel.id if self._channel is not None else None

    async def send(self, page: Page) -> int:
        """Write to the person."""
        if self._channel is None:
            self._channel = await self._client.create_dm(discord.Object(self._person))
            await _write(self._channel, Page(self._note[:CONTENT_LIMIT]))
        return await _write(self._channel, page)

    async def edit(self, message: int, page: Page) -> None:
        """Edit a direct message."""
        if self._channel is not None:
            await self._channel.get_partial_message(message).edit(**shown(page))


async def retire(client: discord.Client, channel: int, message: int, page: Page) -> None:
    """Leave a last word on a message that can no longer be kept up to date, where we may."""
    with contextlib.suppress(discord.HTTPException):
        place = client.get_partial_messageable(channel)
        await place.get_partial_message(message).edit(**shown(page))


async def _follow_up(webhook: discord.Webhook, page: Page, *, ephemeral: bool) -> int:
    message = await webhook.send(
        page.content,
        embeds=list(page.embeds),
        view=view_of(page) or discord.utils.MISSING,
        allowed_mentions=NOBODY,
        ephemeral=ephemeral,
        wait=True,
    )
    return message.id


async def _write(
    place: discord.abc.Messageable,
    page: Page,
    *,
    reference: discord.MessageReference | None = None,
) -> int:
    embeds, view = list(page.embeds), view_of(page) or discord.utils.MISSING
    if reference is None:
        message = await place.send(page.content, embeds=embeds, view=view, allowed_mentions=NOBODY)
    else:
        message = await place.send(
            page.content, embeds=embeds, view=view, allowed_mentions=NOBODY, reference=reference
        )
    return message.id
