"""The Discord client: sets up services and commands, and passes on what Discord sends."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Coroutine
from typing import Any

import aiohttp
import discord
import structlog
from discord import app_commands

from bot import feedback, rounds, startup
from bot.admission import Admission
from bot.arrival import Arrivals
from bot.asking import Asking
from bot.commands import ask, check, knowledge, privacy, sources, why
from bot.commands import help as help_command
from bot.config import BotSettings
from bot.desk import Desk
from bot.faults import NotNowError, report, told
from bot.following import Following
from bot.forms import filled_in
from bot.knowing import Answerer, Library
from bot.language import ENGLISH
from bot.mentions import Mentions
from bot.presence import Presence
from bot.receipts import Receipts
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
        self._mentions = Mentions(self.services, self)
        self._presence = Presence(self.services, self)
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
        """Look around."""
        await self._presence.arrived()

    async def on_guild_join(self, _: discord.Guild) -> None:
        """Keep what an earlier stay left."""
        await self._presence.changed()

    async def on_guild_remove(self, _: discord.Guild) -> None:
        """Begin to count the days until its data is deleted."""
        await self._presence.changed()

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that speaks to us."""
        await self._mentions.said(message)

    async def on_raw_message_delete(self, gone: discord.RawMessageDeleteEvent) -> None:
        """Let a question be that was taken back."""
        await self._mentions.deleted(gone.channel_id, gone.message_id)

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

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
