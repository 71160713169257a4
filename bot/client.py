"""The Discord client: sets up services and commands, and passes on what Discord sends."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Coroutine
from typing import Any

import aiohttp
import discord
import structlog
from discord import app_commands

from bot import feedback, leaving, rounds, startup
from bot.admission import Admission
from bot.arrival import Arrivals, author_of, place_language
from bot.asking import Asking
from bot.commands import ask, check, knowledge, privacy, sources, why
from bot.commands import help as help_command
from bot.config import BotSettings
from bot.delivery import UndeliverableError
from bot.desk import Desk
from bot.faults import NotNowError, report, told
from bot.following import Following
from bot.forms import filled_in
from bot.knowing import Answerer, Library
from bot.language import ENGLISH
from bot.permissions import invitation, missing
from bot.receipts import Receipts
from bot.render import notice
from bot.services import UNKNOWN, Press, Services, Submit
from bot.views import Control, parse_id
from bot.vitals.figures import Figures
from bot.worker import Worker

log = structlog.get_logger(__name__)

PRESSES: dict[str, Press] = {
    **feedback.PRESSES,
    **sources.PRESSES,
    **privacy.PRESSES,
    **knowledge.PRESSES,
}
SUBMITS: dict[str, Submit] = {**feedback.SUBMITS, **knowledge.SUBMITS}
_COMMANDS = (ask, check, sources, why, help_command, privacy)


class Tree(app_commands.CommandTree):
    """The commands; their errors go to the one handler."""

    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the member."""
        if interaction.type is discord.InteractionType.autocomplete:
            told(error, say=ENGLISH, autocomplete=True)
        else:
            await report(interaction, error)


class FootnoteClient(discord.Client):
    """One connection to Discord; made inside the running loop, used once."""

    services: Services

    def __init__(
        self,
        settings: BotSettings,
        *,
        answerer: Answerer,
        library: Library,
        receipts: Receipts,
        desk: Desk | None = None,
        figures: Figures | None = None,
        connector: aiohttp.BaseConnector | None = None,
    ) -> None:
        # The bot never speaks, so what voice needs is not missed.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        # Without the content of messages: those that mention the bot carry it all the same.
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            connector=connector,
            activity=discord.CustomActivity("/ask · every sentence with its source"),
        )
        self.tree = Tree(self)
        self._settings = settings
        self._tasks: set[asyncio.Task[None]] = set()
        worker = Worker(threads=settings.concurrent_answers, queue_length=settings.queue_length)
        figures = figures or Figures()
        admission = Admission(settings, worker=worker, figures=figures)
        self.services = Services(
            settings=settings,
            answerer=answerer,
            library=library,
            receipts=receipts,
            worker=worker,
            admission=admission,
            asking=Asking(
                settings,
                answerer=answerer,
                library=library,
                receipts=receipts,
                worker=worker,
                admission=admission,
                figures=figures,
            ),
            arrivals=Arrivals(self, receipts=receipts, worker=worker),
            desk=desk,
        )
        for module in _COMMANDS:
            module.add(self.tree, self.services)
        if desk is not None:
            knowledge.add(self.tree, self.services)

    async def setup_hook(self) -> None:
        """Make buttons work, commands known, and take up what an earlier process left open."""
        self.add_dynamic_items(Control)
        await startup.synchronise(self.tree, self.services)
        self._spawn(startup.expire_daily(self.services))
        if self.services.desk is not None:
            self._spawn(self.services.desk.open())
            self._spawn(Following(self.services, self, desk=self.services.desk).go())
            self._spawn(rounds.go(self.services, self, desk=self.services.desk))
        for question in await self.services.worker.read(self.services.receipts.waiting.all):
            self._spawn(startup.resume(self.services, question))

    async def shut_down(self) -> None:
        """Let running answers finish, hand over the others, and leave."""
        log.info("stopping")
        await self.services.asking.drain(self._settings.shutdown_grace_s)
        await self.close()

    async def close(self) -> None:
        """Leave Discord and stop the threads."""
        for task in self._tasks:
            task.cancel()
        await self.services.worker.close()
        if self.services.desk is not None:
            self.services.desk.close()
        await super().close()

    async def on_ready(self) -> None:
        """Say where we are, and what permissions are missing there."""
        log.info("ready", guilds=len(self.guilds))
        await self._note_guilds()
        for guild in self.guilds:
            for channel in guild.text_channels:
                allowed = self._settings.allowed_channels
                lacking = missing(channel.permissions_for(guild.me))
                if lacking and channel.id in allowed:
                    self._warn(guild.id, lacking, channel=channel.id)
            if lacking := missing(guild.me.guild_permissions):
                self._warn(guild.id, lacking)

    async def on_guild_join(self, _: discord.Guild) -> None:
        """Keep what an earlier stay left."""
        await self._note_guilds()

    async def on_guild_remove(self, _: discord.Guild) -> None:
        """Begin to count the days until its data is deleted."""
        await self._note_guilds()

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that mentions us, replies to us, or was sent to us directly."""
        if message.author.bot or message.webhook_id is not None or self.user is None:
            return
        if message.guild is not None and self.user not in message.mentions:
            return
        services = self.services
        parent = await self._replied_to(message)
        text = message.content
        for mention in (f"<@{self.user.id}>", f"<@!{self.user.id}>"):
            text = text.replace(mention, " ")
        question, delivery = services.arrivals.message(
            message, " ".join(text.split()), parent=parent
        )
        try:
            with services.admission.admitted(author_of(message), question.text):
                with contextlib.suppress(discord.HTTPException):
                    await message.channel.typing()
                await services.asking.answer(question, delivery)
        except NotNowError as error:
            with contextlib.suppress(UndeliverableError):
                say = place_language(message.guild)
                await delivery.show([notice(told(error, say=say))])

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take a submitted form; everything else has its own way."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: Any = interaction.data or {}
        parsed = parse_id(str(data.get("custom_id", "")))
        if parsed is None:
            return
        action, state = parsed
        submit = SUBMITS.get(action)
        if submit is None:
            await report(interaction, NotNowError(UNKNOWN))
            return
        fields = filled_in(data.get("components"))
        await self._guarded(interaction, submit(self.services, interaction, state, fields))

    async def pressed(
        self, interaction: discord.Interaction[Any], action: str, state: tuple[str, ...]
    ) -> None:
        """Do what a button or a menu is for."""
        press = PRESSES.get(action)
        if press is None:
            await report(interaction, NotNowError(UNKNOWN))
            return
        await self._guarded(interaction, press(self.services, interaction, state))

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        """Log what no one else took."""
        error = sys.exception()
        if error is not None:
            told(error, say=ENGLISH, handler=event_method)

    async def _guarded(
        self, interaction: discord.Interaction[Any], action: Awaitable[None]
    ) -> None:
        (outcome,) = await asyncio.gather(action, return_exceptions=True)
        if outcome is not None:
            await report(interaction, outcome)

    async def _replied_to(self, message: discord.Message) -> str | None:
        """The receipt of the answer that a message replies to."""
        if message.reference is None or message.reference.message_id is None:
            return None
        services = self.services
        replied = message.reference.message_id
        receipt = await services.worker.read(services.receipts.by_message, replied)
        here = message.guild.id if message.guild else None
        return receipt.id if receipt is not None and receipt.guild == here else None

    async def _note_guilds(self) -> None:
        await leaving.note(self.services, {guild.id for guild in self.guilds})

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _warn(self, guild: int, lacking: tuple[str, ...], **where: int) -> None:
        log.warning(
            "missing permission",
            guild=guild,
            permissions=", ".join(lacking),
            help=f"Grant them in the server's settings, or invite the bot again: "
            f"{invitation(self.application_id or 0)}",
            **where,
        )
