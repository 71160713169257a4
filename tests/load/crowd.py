"""The members: who they are, what they do, and what becomes of each question."""

from __future__ import annotations

import asyncio
import random
import re
import time
from dataclasses import dataclass, field
from typing import Any

from tests.bot.hall import EVERYBODY, MANAGE_SERVER
from tests.discord.play import Person
from tests.discord.server import Loopback
from tests.discord.world import LOADING, Channel, Message, User, World, snowflake

ANSWERED, REFUSED, TOLD, LOST = "answered", "refused", "told why", "lost"
PATIENCE_S = 240.0
_CLICK_PATIENCE_S = 60.0
_LOOK_S = 0.1


@dataclass
class Asked:
    """One question and what came of it; times in seconds, `at` since the run began."""

    at: float
    who: str
    guild: int
    greedy: bool
    outcome: str = LOST
    reason: str = ""
    acknowledged_s: float | None = None
    evidence_s: float | None = None
    whole_s: float | None = None


@dataclass
class Book:
    """All that is noted of a run."""

    began: float = field(default_factory=time.monotonic)
    asked: list[Asked] = field(default_factory=list)
    clicks: int = 0
    clicks_lost: int = 0
    uploads: int = 0
    uploads_lost: int = 0

    def now(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began


@dataclass(frozen=True)
class Manners:
    """How members behave: mean seconds between what they do, and how often what."""

    think_s: float = 60.0
    greedy_think_s: float = 2.0
    mention: float = 0.15
    click: float = 0.5
    unanswerable: float = 0.25
    upload_s: float = 60.0


def servers(world: World, count: int) -> list[Channel]:
    """A channel in each of so many servers, the first of which the bot knows already."""
    channels = [world.channel("hall-0")]
    for number in range(1, count):
        made = Channel(f"hall-{number}", guild=snowflake())
        world.channels[made.id] = made
        channels.append(made)
    return channels


async def join(server: Loopback, channels: list[Channel]) -> None:
    """Let the bot into the other servers."""
    for channel in channels[1:]:
        told = server.world.guild_payload()
        role = {**told["roles"][0], "id": str(channel.guild)}
        theirs = {"id": str(channel.guild), "name": channel.name, "roles": [role], "threads": []}
        await server.gateway.emit(
            "GUILD_CREATE", {**told, **theirs, "channels": [channel.payload()]}
        )


def question(chance: random.Random, manners: Manners) -> str:
    """Something that the documents answer, or, now and then, do not."""
    if chance.random() < manners.unanswerable:
        return f"Which emperor painted ceiling {chance.randrange(10**6)} of Samarkand?"
    room, floor = chance.randrange(40), chance.randrange(6)
    return chance.choice(
        [
            f"When does the reading room {room} on floor {floor} open?",
            f"When does reading room {room} close on floor {floor}?",
            f"Who is the keeper of reading room {room} on floor {floor}?",
        ]
    )


@dataclass
class Member:
    """Somebody who asks, reads, clicks, and asks again."""

    person: Person
    book: Book
    chance: random.Random
    manners: Manners
    greedy: bool = False

    async def go_on(self, until: float) -> None:
        """Ask until that moment; whatever is asked is waited for."""
        think = self.manners.greedy_think_s if self.greedy else self.manners.think_s
        await asyncio.sleep(self.chance.uniform(0, think))
        while self.book.now() < until:
            message = await self.ask()
            if message is not None and self.chance.random() < self.manners.click:
                await self.click(message)
            await asyncio.sleep(self.chance.expovariate(1 / think))

    async def ask(self) -> Message | None:
        """Ask once; the answer's message."""
        text, started = question(self.chance, self.manners), time.monotonic()
        guild = self.person.channel.guild or 0
        asked = Asked(self.book.now(), self.person.user.name, guild, self.greedy)
        self.book.asked.append(asked)
        if self.chance.random() < self.manners.mention:
            written = await self.person.say(f"@bot {text}")
            world = self.person.server.world

            def found() -> Message | None:
                replies = (m for m in reversed(world.messages.values()) if m.reply_to is written)
                return next((m for m in replies if m.author.bot), None)

            message = await _settled(found)
        else:
            sent = await self.person.slash("ask", question=text)
            message = await _settled(lambda: sent.message)
            asked.acknowledged_s = sent.seconds_to_acknowledge
        if message is not None:
            judge(asked, message, started)
        return message

    async def click(self, message: Message) -> None:
        """Press one of an answer's buttons."""
        labels = [each for each in message.labels if each in ("Sources", "👍")]
        if not labels:
            return
        self.book.clicks += 1
        sent = await self.person.press(message, self.chance.choice(labels))
        if not await _comes(lambda: sent.acknowledged, seconds=_CLICK_PATIENCE_S):
            self.book.clicks_lost += 1


@dataclass
class Admin:
    """Somebody who adds a document now and then."""

    person: Person
    book: Book
    chance: random.Random
    manners: Manners

    async def go_on(self, until: float) -> None:
        """Add, approve, and add another version."""
        while True:
            await asyncio.sleep(self.chance.expovariate(1 / self.manners.upload_s))
            if self.book.now() >= until:
                return
            self.book.uploads += 1
            number = self.chance.randrange(10**6)
            text = f"# House rules\n\nRule {number} of this server is to be kind.\n"
            sent = await self.person.slash("knowledge add file", file=("rules.md", text.encode()))
            ready = await _comes(
                lambda sent=sent: sent.message and "Approve" in sent.message.labels,
                seconds=PATIENCE_S,
            )
            if not ready:
                self.book.uploads_lost += 1
                continue
            await self.person.press(sent.message, "Approve")
            done = await _comes(
                lambda sent=sent: "Approved" in sent.message.text, seconds=PATIENCE_S
            )
            self.book.uploads_lost += not done


def judge(asked: Asked, message: Message, started: float) -> None:
    """Write down what a settled message says."""
    asked.whole_s = message.history[-1][0] - started
    shown = [
        at for at, body in message.history if any(e.get("description") for e in body["embeds"])
    ]
    if "Delete" not in message.labels:
        asked.outcome, asked.reason = TOLD, re.sub(r"\d+|\(error \w+\)", "…", message.text)
        return
    asked.evidence_s = shown[0] - started if shown else None
    asked.outcome = ANSWERED if "[1]" in message.text else REFUSED


def people(
    server: Loopback, channels: list[Channel], *, members: int, seed: int, book: Book, **how: Any
) -> list[Member | Admin]:
    """Members spread over the servers, one greedy among every twenty, an admin in each."""
    chance = random.Random(seed)
    crowd: list[Member | Admin] = []
    manners = Manners(**how)
    for number in range(members):
        # The first server has half of all members, as servers go.
        channel = channels[0] if number % 2 else chance.choice(channels)
        person = Person(server, User(f"member {number}"), channel)
        own = random.Random(chance.random())
        crowd.append(Member(person, book, own, manners, greedy=number % 20 == 0))
    for number, channel in enumerate(channels):
        user = User(f"admin {number}", permissions=EVERYBODY | MANAGE_SERVER)
        own = random.Random(chance.random())
        crowd.append(Admin(Person(server, user, channel), book, own, manners))
    return crowd


async def _settled(found: Any) -> Message | None:
    """A message once it will not change any more; None where that never comes."""

    def ready() -> Message | None:
        message: Message | None = found()
        if message is None or message.flags & LOADING or "Stop" in message.labels:
            return None
        return message if message.text else None

    return await _comes(ready, seconds=PATIENCE_S)  # type: ignore[no-any-return]


async def _comes(condition: Any, *, seconds: float) -> Any:
    """What becomes true, or None after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            return None
        await asyncio.sleep(_LOOK_S)
    return found
