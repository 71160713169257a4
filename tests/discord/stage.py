"""The bot on its stage: a loopback Discord, a real client, scripted knowledge, people."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.client import FootnoteClient
from bot.config import BotSettings
from bot.desk import Desk
from bot.receipts import Receipts
from tests.bot.scripted import ScriptedAnswerer, ScriptedLibrary
from tests.discord.play import Person
from tests.discord.rest import Sent
from tests.discord.server import TOKEN, Loopback
from tests.discord.world import Channel, Message, User


def settings_for(home: Path, **changes: Any) -> BotSettings:
    """Settings of a test; edits follow fast unless the test is about their pace."""
    settings = BotSettings(_env_file=None, home=home, discord_token=TOKEN)
    return settings.model_copy(update={"edit_interval_s": 0.02, **changes})


@dataclass
class Stage:
    """Everything a story needs."""

    home: Path
    settings: BotSettings
    server: Loopback = field(default_factory=Loopback)
    answerer: ScriptedAnswerer = field(default_factory=ScriptedAnswerer)
    library: ScriptedLibrary = field(default_factory=ScriptedLibrary)
    heartbeat_s: float | None = None
    patience_s: float = 10.0
    desk: Callable[[], Desk] | None = None

    async def __aenter__(self) -> Stage:
        self.hall: Channel = self.server.world.channel("reading-room")
        await self.server.__aenter__()
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.let_go()
        await self.stop()
        await self.server.__aexit__()

    def let_go(self) -> None:
        """Hold no answer back any more."""
        self.answerer.gate.set()

    async def start(self) -> None:
        """Start the bot, in the same home as before."""
        self.receipts = Receipts(self.home / "receipts.sqlite")
        self.client = FootnoteClient(
            self.settings,
            answerer=self.answerer,
            library=self.library,
            receipts=self.receipts,
            desk=self.desk() if self.desk is not None else None,
            connector=self.server.connector(),
        )
        if self.heartbeat_s is not None:
            self.client._connection.heartbeat_timeout = self.heartbeat_s
        before = len(self.server.gateway.identified)
        self.connection = asyncio.create_task(self.client.start(TOKEN))
        await self.server.until(
            lambda: self.connection.done() or len(self.server.gateway.identified) > before
        )
        if self.connection.done():
            await self.connection
        await self.server.until(lambda: self.client.guilds)

    async def stop(self) -> None:
        """Stop the bot as a signal would."""
        if not self.client.is_closed():
            await self.client.shut_down()
        await asyncio.gather(self.connection, return_exceptions=True)
        self.receipts.close()

    async def crash(self) -> None:
        """End the bot's process without a word."""
        await self.client.close()
        await asyncio.gather(self.connection, return_exceptions=True)
        self.receipts.close()

    def person(self, name: str, *, channel: Channel | None = None, **how: Any) -> Person:
        """Somebody in the hall, or elsewhere."""
        return Person(self.server, User(name, **how), channel or self.hall)

    async def until(self, condition: Callable[[], Any], *, seconds: float | None = None) -> Any:
        """Wait for something to become true."""
        return await self.server.until(condition, seconds=seconds or self.patience_s)

    async def told(self, sent: Sent) -> Message:
        """The message an interaction led to, once it says something."""

        def said() -> Message | None:
            message = sent.message
            return message if message is not None and not message.flags & 1 << 7 else None

        return await self.until(said)

    async def finished(self, sent: Sent) -> Message:
        """The message with the whole answer to an interaction, once all is written down."""
        return await self._kept(lambda: _with_button(sent.message, *sent.follow_ups))

    async def reply(self, asked: Message) -> Message:
        """The finished answer to a message."""
        return await self._kept(lambda: _with_button(*self.replies(asked)))

    async def _kept(self, answer: Callable[[], Message | None]) -> Message:
        message = await self.until(answer)
        await self.until(lambda: self.receipts.by_message(message.id))
        return message

    def replies(self, asked: Message) -> list[Message]:
        """What the bot wrote in reply to a message, so far."""
        messages = self.server.world.messages.values()
        return [m for m in messages if m.reply_to is asked and m.author.bot]

    def written(self, channel: Channel) -> list[Message]:
        """What the bot wrote in a channel."""
        bot = self.server.world.bot
        messages = self.server.world.messages.values()
        return [m for m in messages if m.channel is channel and m.author is bot]


def story(**changes: Any) -> Callable[[Callable[[Stage], Awaitable[None]]], Callable[..., None]]:
    """Play an asynchronous test on a stage of its own; nothing that Discord refuses may happen."""

    def of(tell: Callable[[Stage], Awaitable[None]]) -> Callable[..., None]:
        def test(tmp_path: Path) -> None:
            asyncio.run(_play(tell, tmp_path, changes))

        functools.update_wrapper(test, tell)
        test.__signature__ = inspect.signature(test, follow_wrapped=False)
        return test

    return of


async def _play(
    tell: Callable[[Stage], Awaitable[None]], home: Path, changes: dict[str, Any]
) -> None:
    async with Stage(home, settings_for(home, **changes)) as stage:
        async with asyncio.timeout(45):
            await tell(stage)
        await stage.stop()
        assert not stage.server.violations, "\n".join(stage.server.violations)


def _with_button(*messages: Message | None) -> Message | None:
    for message in messages:
        if message is not None and "Delete" in message.labels and not message.deleted:
            return message
    return None
