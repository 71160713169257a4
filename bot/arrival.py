"""What Discord sent, as a member, a question, and the ways back to its asker."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from dataclasses import replace

import discord

from bot.asking import new_id
from bot.delivery import Delivery
from bot.language import Language, language_of, spoken
from bot.page import Page
from bot.permissions import Member
from bot.receipts import Receipts
from bot.routes import ChannelRoute, DirectRoute, InteractionRoute, Route, TokenRoute, retire
from bot.waiting import OpenQuestion
from bot.worker import Worker


def member_of(interaction: discord.Interaction) -> Member:
    """Who acts in an interaction."""
    permissions = interaction.permissions
    return Member(
        id=interaction.user.id,
        guild=interaction.guild_id,
        channels=_places(interaction.channel),
        roles=_roles(interaction.user),
        moderator=interaction.guild_id is not None
        and (permissions.manage_messages or permissions.manage_guild or permissions.administrator),
        manager=interaction.guild_id is not None
        and (permissions.manage_guild or permissions.administrator),
        bot=interaction.user.bot,
    )


def author_of(message: discord.Message) -> Member:
    """Who wrote a message."""
    return Member(
        id=message.author.id,
        guild=message.guild.id if message.guild else None,
        channels=_places(message.channel),
        roles=_roles(message.author),
        moderator=_moderates(message.author),
        bot=message.author.bot or message.webhook_id is not None,
    )


class Arrivals:
    """Makes questions of interactions and messages, each with its delivery."""

    def __init__(self, client: discord.Client, *, receipts: Receipts, worker: Worker) -> None:
        self._client = client
        self._receipts = receipts
        self._worker = worker

    async def interaction(
        self,
        interaction: discord.Interaction,
        text: str,
        *,
        private: bool = False,
        parent: str | None = None,
    ) -> tuple[OpenQuestion, Delivery]:
        """Promise an answer to a command, a menu or a form, and make its question."""
        promise = await interaction.response.defer(ephemeral=private, thinking=True)
        original = promise.message_id if promise is not None else None
        question = OpenQuestion(
            id=new_id(),
            text=text,
            asked_at=time.time(),
            asker=interaction.user.id,
            guild=interaction.guild_id,
            channel=interaction.channel_id or 0,
            private=private,
            parent=parent,
            titled=True,
            messages=(original,) if original is not None else (),
            token=interaction.token if private else None,
            language=spoken(interaction).tag,
        )
        routes: list[Route] = [InteractionRoute(interaction, original=original, ephemeral=private)]
        whispered = InteractionRoute(interaction, promised=False, ephemeral=True)
        return question, self._delivery(question, routes, whispered)

    def message(
        self, message: discord.Message, text: str, *, parent: str | None
    ) -> tuple[OpenQuestion, Delivery]:
        """A question asked by a message."""
        question = OpenQuestion(
            id=new_id(),
            text=text,
            asked_at=time.time(),
            asker=message.author.id,
            guild=message.guild.id if message.guild else None,
            channel=message.channel.id,
            parent=parent,
            reply_to=message.id,
            language=place_language(message.guild).tag,
        )
        return question, self._delivery(question, [], self._deleted(question))

    def again(self, question: OpenQuestion) -> Delivery:
        """The way back to the asker of a question that an earlier process left open."""
        routes: list[Route] = []
        if question.token is not None and self._client.application_id is not None:
            webhook = discord.Webhook.partial(
                self._client.application_id, question.token, client=self._client
            )
            routes.append(TokenRoute(webhook))
        return self._delivery(question, routes, self._deleted(question))

    def language(self, guild: int | None) -> Language:
        """The language of a server; English outside of any."""
        return place_language(None if guild is None else self._client.get_guild(guild))

    def _delivery(
        self, question: OpenQuestion, routes: Sequence[Route], private: Route
    ) -> Delivery:
        ways = list(routes)
        if not question.private:
            ways.append(ChannelRoute(self._client, question.channel, reply_to=question.reply_to))
        ways.append(self._direct(question, _elsewhere(question)))
        return Delivery(
            ways,
            private=private,
            messages=question.messages,
            placed=functools.partial(self._placed, question),
            left=None if question.private else functools.partial(self._left, question),
        )

    def _deleted(self, question: OpenQuestion) -> Route:
        say = question.say
        note = say("The message with your answer was deleted, so here it is for you:")
        return self._direct(question, note)

    def _direct(self, question: OpenQuestion, note: str) -> Route:
        return DirectRoute(self._client, question.asker, note=note)

    async def _placed(self, question: OpenQuestion, messages: Sequence[int]) -> None:
        kept = replace(question, messages=tuple(messages))
        await self._worker.read(self._receipts.waiting.keep, kept)

    async def _left(self, question: OpenQuestion, messages: Sequence[int]) -> None:
        below = question.say("Continued below.")
        for message in messages:
            await retire(self._client, question.channel, message, Page(f"-# {below}"))


def place_language(guild: discord.Guild | None) -> Language:
    """The language of a server, for those of whom Discord does not tell which one they read."""
    return language_of(None if guild is None else str(guild.preferred_locale))


def _elsewhere(question: OpenQuestion) -> str:
    """Why an answer comes as a direct message."""
    say = question.say
    if question.private or question.guild is None:
        return say("I could not answer you where you asked, so here is your answer:")
    return say(
        "I could not answer your question in {channel}: I may not write there, or no longer."
        " Here is your answer. A moderator can give me **View Channel**, **Send Messages**"
        " and, for threads, **Send Messages in Threads**.",
        channel=f"<#{question.channel}>",
    )


def _places(channel: object) -> frozenset[int]:
    """The channel and, for a thread, its parent."""
    if isinstance(channel, discord.Thread):
        return frozenset({channel.id, channel.parent_id})
    return frozenset({channel.id}) if isinstance(channel, discord.abc.Snowflake) else frozenset()


def _roles(person: discord.User | discord.Member) -> frozenset[int]:
    if not isinstance(person, discord.Member):
        return frozenset()
    # The role of everyone is None while the guild itself is not known yet.
    return frozenset(getattr(role, "id", 0) for role in person.roles)


def _moderates(person: discord.User | discord.Member) -> bool:
    """Whether one of a member's roles may manage messages; an interaction tells it itself."""
    if not isinstance(person, discord.Member):
        return False
    granted = [getattr(role, "permissions", discord.Permissions.none()) for role in person.roles]
    return any(each.manage_messages or each.manage_guild or each.administrator for each in granted)
