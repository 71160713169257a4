"""Messages that speak to the bot, by a mention, a reply or directly: answered, greeted, let go."""

from __future__ import annotations

import contextlib

import discord

from bot.arrival import author_of, place_language
from bot.delivery import Delivery, UndeliverableError
from bot.faults import NotNowError, told
from bot.language import Language
from bot.page import Page
from bot.permissions import missing, refusal
from bot.render import notice
from bot.routes import ChannelRoute
from bot.services import Services
from bot.waiting import OpenQuestion

_EMBEDS = "Embed Links"


class Mentions:
    """Takes such messages in, for one client."""

    def __init__(self, services: Services, client: discord.Client) -> None:
        self._services = services
        self._client = client

    async def said(self, message: discord.Message) -> None:
        """Answer a message, if it speaks to us."""
        me = self._client.user
        if message.author.bot or message.webhook_id is not None or me is None:
            return
        if message.guild is not None and me not in message.mentions:
            return
        services, say = self._services, place_language(message.guild)
        parent = await self._replied_to(message)
        text = message.content
        for mention in (f"<@{me.id}>", f"<@!{me.id}>"):
            text = text.replace(mention, " ")
        text = " ".join(text.split())
        question, delivery = services.arrivals.message(message, text, parent=parent)
        member = author_of(message)
        if not text and refusal(services.settings, member) is None:
            await _tell(delivery, Page(_greeting(message, parent, say=say)))
            return
        try:
            with services.admission.admitted(member, question.text):
                await self._answer(message, question, delivery, say=say)
        except NotNowError as error:
            await _tell(delivery, notice(told(error, say=say)))

    async def deleted(self, channel: int, message: int) -> None:
        """Let go of a question whose message its asker deleted, with what its answer shows."""
        place = self._client.get_partial_messageable(channel)
        for shown in await self._services.asking.take_back(message):
            with contextlib.suppress(discord.HTTPException):
                await place.get_partial_message(shown).delete()

    async def _answer(
        self,
        message: discord.Message,
        question: OpenQuestion,
        delivery: Delivery,
        *,
        say: Language,
    ) -> None:
        with contextlib.suppress(discord.HTTPException):
            await message.channel.typing()
            if _hides_sources(message):
                await ChannelRoute(self._client, message.channel.id).send(_without_sources(say))
        await self._services.asking.answer(question, delivery)

    async def _replied_to(self, message: discord.Message) -> str | None:
        """The receipt of the answer that a message replies to."""
        if message.reference is None or message.reference.message_id is None:
            return None
        services = self._services
        replied = message.reference.message_id
        receipt = await services.worker.read(services.receipts.by_message, replied)
        here = message.guild.id if message.guild else None
        return receipt.id if receipt is not None and receipt.guild == here else None


async def _tell(delivery: Delivery, page: Page) -> None:
    with contextlib.suppress(UndeliverableError):
        await delivery.show([page])


def _greeting(message: discord.Message, parent: str | None, *, say: Language) -> str:
    """What somebody is told who has spoken to us and asked nothing."""
    if message.attachments:
        return say(
            "I do not read attachments. Ask me something in words; an admin can add a file to my"
            " documents with **/knowledge add file**."
        )
    if message.reference is not None and parent is None:
        return say(
            "I cannot see the message you replied to. Open its menu (right-click, or long-press) ›"
            " **Apps** › **Explain with sources** or **Fact-check**."
        )
    return say(
        "👋 Ask me something: mention me with your question, or use **/ask**. I answer from this"
        " community’s documents, with a source for every sentence. **/sources** lists them,"
        " **/help** says the rest."
    )


def _hides_sources(message: discord.Message) -> bool:
    """Whether Discord would show our words there and drop the sources beside them."""
    channel, guild = message.channel, message.guild
    if guild is None or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return False
    return _EMBEDS in missing(channel.permissions_for(guild.me))


def _without_sources(say: Language) -> Page:
    return notice(
        say(
            "I lack the permission **{permission}** here, so the sources of my answers are not"
            " shown. A moderator can give it to me; **/ask** shows them all the same.",
            permission=_EMBEDS,
        )
    )
