"""The health port over a real socket, while a real client answers on a loopback Discord."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from bot import logbook
from bot.cli import app
from bot.receipts import Receipts
from bot.supervisor import run
from bot.vitals.condition import Condition
from bot.vitals.figures import Figures
from bot.vitals.port import Port, served
from bot.vitals.watch import Watch
from knowledge.errors import LibraryError, SettingsError
from tests.bot.scripted import ScriptedAnswerer, ScriptedLibrary, refused
from tests.discord.play import Person
from tests.discord.server import Loopback
from tests.discord.stage import settings_for
from tests.discord.world import User

Told = tuple[int, str]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@dataclass
class Watched:
    """A bot that runs, with what its health port says."""

    server: Loopback
    answerer: ScriptedAnswerer
    watch: Watch
    port: int
    loading: threading.Event = field(default_factory=threading.Event)
    unread: list[LibraryError] = field(default_factory=list)

    async def get(self, path: str) -> Told:
        """What stands at a path."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.port}{path}") as answer,
        ):
            return answer.status, await answer.text()

    async def until(self, path: str, status: int) -> str:
        """What stands there once it has this status."""
        async with asyncio.timeout(15):
            while True:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    told = await self.get(path)
                    if told[0] == status:
                        return told[1]
                await asyncio.sleep(0.01)

    async def figures(self) -> dict[str, float]:
        """The figures by name, with the label's value behind it where there is one."""
        _, text = await self.get("/metrics")
        return {
            ":".join([sample.name, *sample.labels.values()]): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def version(self) -> str:
        if self.unread:
            raise self.unread[0]
        return "42"

    def person(self, name: str) -> Person:
        return Person(self.server, User(name), self.server.world.channel("hall"))

    async def ask(self, name: str, question: str) -> str:
        """An answer as it is shown in the end."""
        sent = await self.person(name).slash("ask", question=question)
        await self.server.until(lambda: sent.message and "Delete" in sent.message.labels)
        return str(sent.message.content)


def watched(tmp_path: Path, tell: Callable[[Watched], Awaitable[None]], **settings: object) -> None:
    """Play a story beside a bot that `run` runs, and stop it by a signal."""

    async def play() -> None:
        async with Loopback() as server:
            wanted = settings_for(tmp_path, **settings)
            condition = Condition(wanted.answer_timeout_s)
            port, figures = free_port(), Figures()
            watch = Watch(condition, figures, port=Port(port))
            seen = Watched(server, ScriptedAnswerer(), watch, port)
            condition.library = seen.version
            receipts = Receipts(tmp_path / "receipts.sqlite")
            logbook.begin(figures)
            running = asyncio.create_task(
                run(
                    wanted,
                    answerer=seen.answerer,
                    library=ScriptedLibrary(),
                    receipts=receipts,
                    load=lambda: seen.loading.wait(20) and None,
                    watch=watch,
                    connector=server.connector,
                )
            )
            try:
                async with asyncio.timeout(40):
                    await tell(seen)
            finally:
                seen.loading.set()
                seen.answerer.gate.set()
                if not running.done():
                    os.kill(os.getpid(), signal.SIGTERM)
                await asyncio.wait_for(running, 20)
                receipts.close()
                structlog.reset_defaults()

    asyncio.run(play())


def test_it_lives_at_once_and_is_ready_when_questions_are_answered(tmp_path: Path) -> None:
    async def tell(seen: Watched) -> None:
        assert await seen.until("/live", 200) == "ok\n"
        assert await seen.get("/ready") == (503, "The models are being loaded.\n")
        seen.loading.set()
        assert await seen.until("/ready", 200) == "ok\n"
        assert "[2]" in await seen.ask("ada", "What is mode collapse?")

        await seen.server.gateway.drop()
        assert "no connection to Discord" in await seen.until("/ready", 503)
        assert await seen.get("/live") == (200, "ok\n")
        await seen.until("/ready", 200)

        seen.unread.append(LibraryError("The catalogue cannot be read. Put a backup back."))
        assert await seen.get("/ready") == (503, f"{seen.unread[0]}\n")

    watched(tmp_path, tell)


def test_the_figures_say_what_was_asked_and_how_it_went(tmp_path: Path) -> None:
    async def tell(seen: Watched) -> None:
        seen.loading.set()
        await seen.until("/ready", 200)
        await seen.ask("ada", "What is mode collapse?")
        await seen.ask("bob", "What is mode collapse?")
        seen.answerer.write = refused
        await seen.ask("cai", "Who sold the company?")
        seen.answerer.error = ValueError("broke")
        sent = await seen.person("dan").slash("ask", question="What breaks?")
        await seen.server.until(lambda: sent.message and "went wrong" in sent.message.content)
        sent = await seen.person("eve").slash("ask", question="x" * 700)
        await seen.server.until(lambda: sent.acknowledged)

        found = await seen.figures()
        assert found["footnote_questions_total"] == 4
        assert found["footnote_answers_total:answered"] == 2
        assert found["footnote_answers_total:refused"] == 1
        assert found["footnote_answers_repeated_total"] == 1
        assert found["footnote_declined_total:too long"] == 1
        assert found["footnote_errors_total:ValueError"] == 1
        # An answer that is given again has its evidence from before.
        assert found["footnote_evidence_seconds_count"] == 2
        assert found["footnote_answer_seconds_count"] == 3
        assert 0 < found["footnote_evidence_seconds_sum"] < found["footnote_answer_seconds_sum"]
        assert found["footnote_tokens_total:read"] == 600
        assert found["footnote_tokens_total:written"] == 80
        assert found["footnote_tokens_per_second"] == pytest.approx(40 / (1.5 - 0.5))
        assert found["footnote_index_version"] == 42
        assert found["footnote_ready"] == 1
        assert found["process_resident_memory_bytes"] > 1e6
        _, text = await seen.get("/metrics")
        assert not {"collapse", "company", "ada"} & set(text.lower().split())

    watched(tmp_path, tell)


def test_the_queue_is_seen_and_a_model_that_hangs_is_told(tmp_path: Path) -> None:
    async def tell(seen: Watched) -> None:
        seen.loading.set()
        await seen.until("/ready", 200)
        seen.answerer.hold_at = 1
        for name in ("ada", "bob", "cai"):
            await seen.person(name).slash("ask", question=f"What does {name} ask?")
        connection = seen.watch.condition.connection
        assert connection is not None
        await seen.server.until(lambda: (connection.running, connection.waiting) == (1, 2))

        found = await seen.figures()
        assert (found["footnote_running_answers"], found["footnote_queue_length"]) == (1, 2)
        assert await seen.get("/live") == (200, "ok\n")
        # As if the answer's time had been over for long.
        seen.watch.condition.answer_timeout_s = -120.0
        told = await seen.get("/live")
        assert told[0] == 503
        assert "has been at one answer for" in told[1]
        assert "Restart the bot" in told[1]

    watched(tmp_path, tell, concurrent_answers=1)


def test_footnote_health_asks_a_bot_on_this_machine(tmp_path: Path) -> None:
    async def health(*arguments: str) -> tuple[int, str]:
        done = await asyncio.to_thread(CliRunner().invoke, app, ["health", *arguments])
        return done.exit_code, done.output

    async def tell(seen: Watched) -> None:
        port = ("--port", str(seen.port))
        await seen.until("/live", 200)
        assert await health(*port) == (0, "ok\n")
        assert await health(*port, "--ready") == (1, "The models are being loaded.\n")
        seen.loading.set()
        await seen.until("/ready", 200)
        assert await health(*port, "--ready") == (0, "ok\n")
        code, told = await health("--port", str(free_port()))
        assert code == 1
        assert "footnote run --health-port" in told

    watched(tmp_path, tell)


def test_a_port_that_is_taken_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    async def play(port: int) -> None:
        async with Loopback() as server:
            receipts = Receipts(tmp_path / "receipts.sqlite")
            try:
                await run(
                    settings_for(tmp_path),
                    answerer=ScriptedAnswerer(),
                    library=ScriptedLibrary(),
                    receipts=receipts,
                    watch=Watch(Condition(1.0), Figures(), port=Port(port)),
                    connector=server.connector,
                )
            finally:
                receipts.close()

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port} cannot be listened at"):
            asyncio.run(play(port))


def test_only_this_machine_can_reach_it_unless_another_address_is_named() -> None:
    async def reached(port: Port, address: str) -> bool:
        async with served(port, condition=Condition(1.0), figures=Figures()) as number:
            try:
                _, writer = await asyncio.open_connection(address, number)
            except ConnectionRefusedError:
                return False
            writer.close()
            return True

    assert asyncio.run(reached(Port(0), "127.0.0.1"))
    assert not asyncio.run(reached(Port(0), "127.0.0.2"))
    assert asyncio.run(reached(Port(0, "127.0.0.2"), "127.0.0.2"))
    told = CliRunner().invoke(app, ["run", "--help"], env={"COLUMNS": "200"}).output
    assert "default: 127.0.0.1" in told
