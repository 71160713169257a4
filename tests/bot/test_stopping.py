"""Starting, stopping, crashing: what run() survives and what it says."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from bot.receipts import Receipts
from bot.supervisor import run
from knowledge.errors import ModelError, SettingsError
from tests.bot.scripted import ScriptedAnswerer, ScriptedLibrary
from tests.discord.play import Person
from tests.discord.server import Loopback
from tests.discord.stage import Stage, settings_for, story
from tests.discord.world import User


@story()
async def test_a_running_answer_is_finished_before_the_bot_stops(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent = await stage.person("ada").slash("ask", question="What is mode collapse?")
    await stage.told(sent)

    stopping = asyncio.create_task(stage.client.shut_down())
    told = await stage.told(await stage.person("bob").slash("ask", question="May I?"))
    assert "being restarted" in told.content
    assert told.ephemeral
    stage.answerer.gate.set()
    await stopping

    assert "[2]" in sent.message.content
    assert stage.receipts.waiting.all() == ()


@story(shutdown_grace_s=0.1)
async def test_what_cannot_be_finished_is_handed_over_and_answered_after_the_restart(
    stage: Stage,
) -> None:
    stage.answerer.hold_at = 1
    first = await stage.person("ada").slash("ask", question="The first?")
    await stage.told(first)
    second = await stage.person("bob").slash("ask", question="The second?")
    await stage.told(second)
    cai = stage.person("cai")
    asked = await cai.say("@bot the third?")
    await stage.until(lambda: stage.replies(asked))

    await stage.stop()
    for message in (first.message, second.message, *stage.replies(asked)):
        assert "being restarted. Your question is kept" in message.content
    stage.answerer.hold_at = None
    await stage.start()

    for sent in (first, second):
        await stage.until(lambda s=sent: "Delete" in s.message.labels)
        assert "[2]" in sent.message.content
    assert "[2]" in (await stage.reply(asked)).content
    await stage.until(lambda: stage.receipts.waiting.all() == ())


@story(shutdown_grace_s=0.05)
async def test_a_private_question_is_taken_up_again_in_private(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent = await stage.person("ada").slash("ask", question="A secret?", private=True)
    await stage.told(sent)
    await stage.stop()
    stage.answerer.hold_at = None

    await stage.start()

    await stage.until(lambda: "[2]" in sent.message.content)
    assert stage.written(stage.hall) == [sent.message]


@story()
async def test_a_crash_in_the_middle_loses_no_question(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent = await stage.person("ada").slash("ask", question="What is mode collapse?")
    await stage.told(sent)

    await stage.crash()
    stage.answerer.hold_at = None
    await stage.start()

    await stage.until(lambda: "[2]" in sent.message.content)


@story(resume_minutes=0.0)
async def test_a_question_left_open_too_long_is_told_so(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent = await stage.person("ada").slash("ask", question="What is mode collapse?")
    await stage.told(sent)

    await stage.crash()
    await stage.start()

    await stage.until(lambda: "Please ask again" in sent.message.content)
    await stage.until(lambda: stage.receipts.waiting.all() == ())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_after_the_running_answer(tmp_path: Path, number: int) -> None:
    async def play() -> str:
        async with Loopback() as server:
            answerer = ScriptedAnswerer(hold_at=1)
            receipts = Receipts(tmp_path / "receipts.sqlite")
            running = asyncio.create_task(
                run(
                    settings_for(tmp_path),
                    answerer=answerer,
                    library=ScriptedLibrary(),
                    receipts=receipts,
                    connector=server.connector,
                )
            )
            await server.until(lambda: server.gateway.connected)
            ada = Person(server, User("ada"), server.world.channel("hall"))
            sent = await ada.slash("ask", question="What is mode collapse?")
            await server.until(lambda: sent.message and sent.message.content)
            os.kill(os.getpid(), number)
            await server.until(lambda: answerer.running == 1)
            answerer.gate.set()
            await asyncio.wait_for(running, 10)
            receipts.close()
            return sent.message.content

    assert "[2]" in asyncio.run(play())


def refusal(tmp_path: Path, *, token: str | None = "", close: int | None = None) -> str:
    """What run() says where Discord, or the lack of a token, stops it."""

    async def play() -> None:
        async with Loopback() as server:
            server.gateway.refuse_with = close
            settings = settings_for(tmp_path)
            if token != "":
                secret = SecretStr(token) if token is not None else None
                settings = settings.model_copy(update={"discord_token": secret})
            receipts = Receipts(tmp_path / "receipts.sqlite")
            await run(
                settings,
                answerer=ScriptedAnswerer(),
                library=ScriptedLibrary(),
                receipts=receipts,
                connector=server.connector,
            )

    with pytest.raises(SettingsError) as raised:
        asyncio.run(asyncio.wait_for(play(), 10))
    return str(raised.value)


def test_without_a_token_run_says_where_to_get_one(tmp_path: Path) -> None:
    assert "set DISCORD_TOKEN" in refusal(tmp_path, token=None)


def test_a_wrong_token_is_named(tmp_path: Path) -> None:
    assert "refuses the token" in refusal(tmp_path, token="wrong")


def test_a_token_refused_by_the_gateway_is_named(tmp_path: Path) -> None:
    assert "refuses the token" in refusal(tmp_path, close=4004)


def test_refused_intents_are_explained(tmp_path: Path) -> None:
    said = refusal(tmp_path, close=4014)
    assert "4014" in said
    assert "\n" not in said


def test_the_bot_is_online_once_the_models_are_loaded(tmp_path: Path) -> None:
    async def play() -> None:
        async with Loopback() as server:
            loaded = threading.Event()
            receipts = Receipts(tmp_path / "receipts.sqlite")
            with structlog.testing.capture_logs() as logged:
                running = asyncio.create_task(
                    run(
                        settings_for(tmp_path),
                        answerer=ScriptedAnswerer(),
                        library=ScriptedLibrary(),
                        receipts=receipts,
                        load=lambda: loaded.wait(10) and None,
                        connector=server.connector,
                    )
                )
                await server.until(lambda: server.rest.synchronised)
                assert not server.gateway.connected
                loaded.set()
                await server.until(lambda: server.gateway.connected)
            assert len([e["seconds"] for e in logged if e["event"] == "models loaded"]) == 1
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(running, 10)
            receipts.close()

    asyncio.run(play())


def test_models_that_cannot_be_loaded_end_the_run_with_their_sentence(tmp_path: Path) -> None:
    def broken() -> None:
        raise ModelError("The model is broken. Fetch it again.")

    async def play() -> None:
        async with Loopback() as server:
            receipts = Receipts(tmp_path / "receipts.sqlite")
            await run(
                settings_for(tmp_path),
                answerer=ScriptedAnswerer(),
                library=ScriptedLibrary(),
                receipts=receipts,
                load=broken,
                connector=server.connector,
            )

    with pytest.raises(ModelError, match="Fetch it again"):
        asyncio.run(asyncio.wait_for(play(), 10))


def test_a_gateway_that_is_down_at_start_is_waited_for(tmp_path: Path) -> None:
    async def play() -> None:
        async with Loopback() as server:
            server.gateway.down = True
            receipts = Receipts(tmp_path / "receipts.sqlite")
            running = asyncio.create_task(
                run(
                    settings_for(tmp_path),
                    answerer=ScriptedAnswerer(),
                    library=ScriptedLibrary(),
                    receipts=receipts,
                    connector=server.connector,
                )
            )
            await server.until(lambda: server.gateway.refused)
            server.gateway.down = False
            await server.until(lambda: server.gateway.connected, seconds=20)
            ada = Person(server, User("ada"), server.world.channel("hall"))
            sent = await ada.slash("ask", question="What is mode collapse?")
            await server.until(lambda: sent.message and "[2]" in sent.message.content)
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(running, 10)
            receipts.close()

    asyncio.run(play())


def test_a_server_that_is_down_altogether_is_waited_for(tmp_path: Path) -> None:
    async def play() -> None:
        async with Loopback() as first:
            port = first.port
        server = Loopback(port=port)
        receipts = Receipts(tmp_path / "receipts.sqlite")
        running = asyncio.create_task(
            run(
                settings_for(tmp_path),
                answerer=ScriptedAnswerer(),
                library=ScriptedLibrary(),
                receipts=receipts,
                connector=server.connector,
            )
        )
        await asyncio.sleep(0)
        async with server:
            await server.until(lambda: server.gateway.connected, seconds=20)
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(running, 10)
        receipts.close()

    asyncio.run(play())
