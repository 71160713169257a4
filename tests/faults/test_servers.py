"""A server that is gone in the middle and comes back: Chroma's, the language model's, Discord."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.config import BotSettings
from bot.health import Finding, examine
from knowledge.endpoint import Endpoint
from knowledge.errors import LibraryError
from knowledge.library import Library
from knowledge.prompt import Prompt
from knowledge.served import ServedGenerator
from tests.discord.stage import Stage, story
from tests.fakes import HashingEmbedder
from tests.faults.probe import ProbeApp
from tests.faults.stage import words
from tests.knowledge.chroma_server import chroma_run
from tests.knowledge.model_servers import free_port
from tests.knowledge.test_endpoint import event, serving
from tests.stores import HALL, NAME, open_jobs, said, text


def added(library: Library, name: str, number: int) -> None:
    """Add and approve a document as admins do."""
    jobs = open_jobs(library)
    try:
        jobs.approve(jobs.add(text(words(number), name=name)).staged.id, scope=HALL, by="ada")
    finally:
        jobs.close()


def found(library: Library, what: str) -> set[str]:
    """The documents that a look-up by meaning comes upon."""
    hits = library.nearest(HashingEmbedder().embed_query(what), k=100, scopes=[HALL])
    return {passage.document_id for passage, _ in hits}


def doctor(home: Path, url: str) -> dict[str, Finding]:
    """What the doctor says of a library whose vectors are on a server."""
    settings = BotSettings(
        _env_file=None, home=home, embedding_model=NAME, models_dir=home / "none", chroma_url=url
    )
    app = ProbeApp(settings)
    try:
        return {each.what: each for each in examine(app, repair=False)}
    finally:
        app.library.close()


def test_a_chroma_server_gone_in_the_middle_loses_nothing_and_is_found_again(
    tmp_path: Path,
) -> None:
    home, data, port = tmp_path / "home", tmp_path / "data", free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as running:
        running.enter_context(chroma_run(data, port=port))
        library = Library(home, embedder=NAME, chroma_url=url)
        added(library, "first.md", 1)
        told = said(library)

    # Gone: a sentence each, and what was committed is what there is.
    with pytest.raises(LibraryError, match="Start it, or correct CHROMA_URL"):
        added(library, "second.md", 2)
    with pytest.raises(LibraryError, match="Start it"):
        found(library, "reading room")
    assert said(library) == told
    finding = doctor(home, url)["vectors"]
    assert not finding.ok
    assert "Start it" in finding.advice

    with chroma_run(data, port=port):
        added(library, "second.md", 2)
        assert found(library, "reading room") == {"first.md", "second.md"}
        assert library.catalog.live_ids(scope=HALL) == library.vectors.ids(scope=HALL)
        assert library.catalog.journal() == []
        assert doctor(home, url)["vectors"].ok
        library.close()


def test_a_model_server_that_dies_in_the_middle_is_told_and_asked_again_when_it_is_back() -> None:
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    back = threading.Event()

    def chunk(data: bytes) -> bytes:
        return f"{len(data):x}\r\n".encode() + data + b"\r\n"

    def serve(connection: socket.socket, _: bytes) -> None:
        if back.is_set():
            end = chunk(b"data: [DONE]\n\n") + chunk(b"")
            connection.sendall(head + chunk(event("Back again.")) + end)
        else:
            # Half of what was promised, and no more.
            connection.sendall(head + chunk(event("Mode ")) + chunk(event("collapse"))[:40])

    with serving(serve) as (url, _):
        endpoint = Endpoint(url, key=None, timeout_s=5.0)
        generator = ServedGenerator(endpoint, model="any")
        prompt = Prompt("Answer.", "Mode collapse occurs.", "When?")
        pieces: list[str] = []
        with pytest.raises(Exception, match=r"LLM_BASE_URL|Start it|server") as told:
            pieces.extend(generator.read(prompt).write(max_tokens=9, stop=None))
        assert "\n" not in str(told.value)
        back.set()
        assert "".join(generator.read(prompt).write(max_tokens=9, stop=None)) == "Back again."


@story()
async def test_an_answer_waits_for_a_discord_that_cannot_be_reached(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent = await stage.person("ada").slash("ask", question="What is mode collapse?")
    await stage.told(sent)
    later = await stage.person("bob").slash("ask", question="What is a VAE?")
    await stage.told(later)

    # Nobody listens any more, and the answers are ready while it is so.
    await stage.server.__aexit__()
    stage.answerer.gate.set()
    await asyncio.sleep(4.0)
    assert "Delete" not in sent.message.labels
    assert len(stage.receipts.waiting.all()) == 2
    await stage.server.__aenter__()

    for each in (sent, later):
        await stage.until(lambda each=each: "Delete" in each.message.labels, seconds=30)
        assert "[2]" in each.message.content
    await stage.until(lambda: stage.receipts.waiting.all() == ())
    # And it hears what is said from now on.
    await stage.until(lambda: stage.server.gateway.connected, seconds=30)
    asked = await stage.person("cai").slash("ask", question="And now?")
    assert "[2]" in (await stage.finished(asked)).content
