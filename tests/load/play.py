"""One load run: the bot started, the members let loose, everything measured, the bot stopped."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.discord.server import Loopback, authority
from tests.load.crowd import Book, join, people, servers
from tests.load.paced import Pace
from tests.load.report import Run, Sample
from tests.pages import REPOSITORY

_START_S = 600.0
_STOP_S = 90.0


@dataclass(frozen=True)
class Load:
    """What is played."""

    members: int = 200
    servers: int = 8
    seconds: float = 600.0
    think_s: float = 60.0
    upload_s: float = 60.0
    model: str = "scripted"
    pace: Pace = field(default_factory=Pace)
    seed: int = 1
    acknowledge_s: float = 3.0
    settings: dict[str, Any] = field(default_factory=dict)


async def play(load: Load, home: Path) -> Run:
    """Play it; the bot's log is left in `home`."""
    async with Loopback() as server:
        server.rest.acknowledge_s = load.acknowledge_s
        channels = servers(server.world, load.servers)
        port = free_port()
        async with running(load, home, server, port) as bot:
            await ready(server, port, bot)
            await join(server, channels)
            book, samples = Book(), list[Sample]()
            watching = asyncio.create_task(sampled(bot.pid, port, book, samples, load.seconds))
            how = {"think_s": load.think_s, "upload_s": load.upload_s}
            crowd = people(server, channels, members=load.members, seed=load.seed, book=book, **how)
            await asyncio.gather(*(each.go_on(load.seconds) for each in crowd))
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        allowed = {"queue_length": 16, "user_questions": 10, **load.settings}
        return Run(
            book=book,
            samples=tuple(samples),
            queue_length=allowed["queue_length"],
            user_questions=allowed["user_questions"],
            violations=tuple(server.violations),
        )


@asynccontextmanager
async def running(
    load: Load, home: Path, server: Loopback, port: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot in a process of its own, stopped by a signal at the end."""
    certificate, config = home / "authority.pem", home / "load.json"
    authority().cert_pem.write_to_path(certificate)
    settings = {"home": str(home / "home"), **load.settings}
    written = {
        "settings": settings,
        "discord_port": server.port,
        "health_port": port,
        "certificate": str(certificate),
        "model": load.model,
        "pace": asdict(load.pace),
    }
    config.write_text(json.dumps(written), "utf-8")
    with (home / "bot.log").open("wb") as log:
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.load.child", str(config)),
            cwd=REPOSITORY,
            stdout=log,
            stderr=log,
        )
    try:
        yield bot
    finally:
        if bot.returncode is None:
            bot.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(bot.wait(), _STOP_S)
        except TimeoutError:
            bot.kill()
            await bot.wait()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def ready(server: Loopback, port: int, bot: asyncio.subprocess.Process) -> None:
    """Wait until the bot says that it answers."""
    deadline = time.monotonic() + _START_S
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline:
            assert bot.returncode is None, "the bot ended before it was ready: see its log"
            with suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{port}/ready") as answer:
                    if answer.status == 200 and server.rest.commands:
                        return
            await asyncio.sleep(0.1)
    raise AssertionError("the bot was not ready in time")


async def sampled(
    process: int, port: int, book: Book, samples: list[Sample], seconds: float
) -> None:
    """Look at the bot over and over."""
    every = max(0.2, min(2.0, seconds / 300))
    async with aiohttp.ClientSession() as session:
        while True:
            figures = await read(session, port)
            samples.append(
                Sample(
                    at=book.now(),
                    memory=resident(process),
                    waiting=figures["footnote_queue_length"],
                    running=figures["footnote_running_answers"],
                )
            )
            await asyncio.sleep(every)


async def read(session: aiohttp.ClientSession, port: int) -> dict[str, float]:
    """The bot's figures that have no label."""
    async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        text = await answer.text()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.labels
    }


def resident(process: int) -> float:
    """Bytes of memory that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))
