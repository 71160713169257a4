"""The page on a real socket, over real stores, with models that need no weights."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import httpx
import uvicorn

from bot.config import BotSettings
from bot.web.command import site_of
from knowledge.prompt import Prompt
from tests.bot_cli.conftest import COLLAPSE, DOCUMENTS, SCRIPTS, OfflineApp
from tests.fakes import ScriptedGenerator, ScriptedReading, index, write_files

QUESTION = "What is mode collapse?"
TOKEN = "a token that nobody guesses"


class HeldReading(ScriptedReading):
    """Writes its beginning, and the rest when it is let."""

    gate: threading.Event

    def write(self, *, max_tokens: int, stop: threading.Event | None) -> Iterator[str]:
        for number, piece in enumerate(super().write(max_tokens=max_tokens, stop=stop)):
            ends = time.monotonic() + 30
            while number > 2 and not self.gate.wait(0.02) and time.monotonic() < ends:
                if stop is not None and stop.is_set():
                    return
            yield piece


class HeldGenerator(ScriptedGenerator):
    """A language model that can be held in the middle of an answer."""

    gate: threading.Event

    def read(self, prompt: Prompt) -> HeldReading:
        plain = super().read(prompt)
        held = HeldReading(prompt, plain._text, log_odds=plain._log_odds, step=plain._step)
        held.gate = self.gate
        return held


class PageApp(OfflineApp):
    """The application behind the page; while its gate is closed, answers stay half written."""

    @cached_property
    def gate(self) -> threading.Event:
        opened = threading.Event()
        opened.set()
        return opened

    @cached_property
    def generator(self) -> ScriptedGenerator:  # type: ignore[override]
        made = HeldGenerator("Nothing is known.", scripts=SCRIPTS)
        made.gate = self.gate
        return made


def application(
    folder: Path, *, documents: Mapping[str, str] = DOCUMENTS, token: str = ""
) -> PageApp:
    """An application with a library of these documents and no others."""
    settings = BotSettings(_env_file=None, home=folder / "home", models_dir=folder / "models")
    given = {"web_token": token} if token else {}
    app = PageApp(
        BotSettings(_env_file=None, **settings.model_dump(exclude={"web_token"}), **given)
    )
    app.shipped.leave_out_all()
    index(app.library, write_files(folder / "notes", documents), embedder=app.embedder)
    return app


@contextmanager
def served(app: PageApp) -> Iterator[str]:
    """The page's address, while it is served from a thread."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    config = uvicorn.Config(site_of(app, host="127.0.0.1"), lifespan="on", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert time.monotonic() < deadline, "the page did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()
        app.library.close()


def ask(client: httpx.Client, question: str = QUESTION, **more: str) -> httpx.Response:
    """Ask as a browser without scripts does: the answer's page."""
    return client.post("/ask", data={"question": question, **more}, follow_redirects=True)


__all__ = ["COLLAPSE", "QUESTION", "TOKEN", "PageApp", "application", "ask", "served"]
