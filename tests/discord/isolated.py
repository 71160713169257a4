"""People who ask an unmodified bot process for which Discord's names lead to loopback.

    unshare --user --map-root-user --mount --net python -m tests.discord.isolated FOLDER N COMMAND…

In namespaces of its own there is no network but loopback; the operating system resolves Discord's
names there by a hosts file, port 443 is the loopback Discord's, and SSL_CERT_FILE names its
authority. One person asks; when they have their answer, N people ask at once; when the first of
them has theirs, the command is ended by SIGTERM. Prints what was seen as JSON.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.discord.play import Person
from tests.discord.rest import Sent
from tests.discord.server import HOSTS, TOKEN, Loopback, authority
from tests.discord.world import User

MS_BIND = 4096
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
FIRST = "What is mode collapse?"
QUESTIONS = (
    "Who introduced GANs, and when?",
    "What is a latent space?",
    "What does LoRA save?",
    "Why do language models hallucinate?",
    "What is retrieval-augmented generation?",
    "How does a diffusion model make an image?",
)
LOAD_S, ANSWER_S = 300.0, 240.0


def isolate(folder: Path) -> None:
    """Raise the loopback interface and let the names lead there."""
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {' '.join(HOSTS)}\n")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(str(hosts).encode(), b"/etc/hosts", None, MS_BIND, None):
        raise OSError(ctypes.get_errno(), "cannot replace the hosts file here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))


async def play(folder: Path, people: int, command: list[str]) -> dict[str, Any]:
    """Start the bot, ask, watch, stop it."""
    certificate = folder / "authority.pem"
    authority().cert_pem.write_to_path(certificate)
    environment = {
        "FOOTNOTE_HOME": str(folder),
        "FOOTNOTE_SHUTDOWN_GRACE_S": "1",
        **os.environ,
        "SSL_CERT_FILE": str(certificate),
        "DISCORD_TOKEN": TOKEN,
    }
    async with Loopback(port=443) as server:
        hall = server.world.channel("hall")
        with (folder / "bot.log").open("wb") as log:
            bot = await asyncio.create_subprocess_exec(
                *command, env=environment, stdout=log, stderr=log
            )
        try:
            await server.until(lambda: server.gateway.connected or bot.returncode, seconds=LOAD_S)
            alone = await ask(server, "ada", FIRST, hall)
            await server.until(lambda: answered(alone), seconds=ANSWER_S)
            together = await asyncio.gather(
                *(ask(server, f"reader {n}", QUESTIONS[n], hall) for n in range(people))
            )
            for each in together:
                await server.until(lambda sent=each: evidence_s(sent), seconds=ANSWER_S)
            await server.until(lambda: any(map(answered, together)) or not people, seconds=ANSWER_S)
            bot.send_signal(signal.SIGTERM)
            code = await asyncio.wait_for(bot.wait(), 60)
        finally:
            if bot.returncode is None:
                bot.kill()
        return {
            "alone": described(alone),
            "together": [described(each) for each in together],
            "violations": server.violations,
            "exit_code": code,
            "log": (folder / "bot.log").read_text().splitlines(),
        }


async def ask(server: Loopback, name: str, question: str, hall: Any) -> Sent:
    """One person's /ask."""
    return await Person(server, User(name), hall).slash("ask", question=question)


def answered(sent: Sent) -> bool:
    """Whether the whole answer is there."""
    return sent.message is not None and "Delete" in sent.message.labels


def evidence_s(sent: Sent) -> float | None:
    """Seconds from the question to the first quotes."""
    states = sent.message.history if sent.message is not None else []
    shown = (at for at, body in states if any(e.get("description") for e in body["embeds"]))
    first = next(shown, None)
    return None if first is None else round(first - sent.started, 3)


def described(sent: Sent) -> dict[str, Any]:
    """What a person saw, and when."""
    assert sent.message is not None
    # The first state is the promise that Discord makes of the acknowledgement.
    edits = [at for at, _ in sent.message.history[1:]]
    return {
        "acknowledged_s": round(sent.seconds_to_acknowledge or 0.0, 3),
        "evidence_s": evidence_s(sent),
        "shortest_gap_s": round(min((b - a for a, b in pairwise(edits)), default=60.0), 3),
        "states": [
            {"after_s": round(at - sent.started, 3), "content": body["content"]}
            for at, body in sent.message.history
        ],
        "text": sent.message.text,
    }


def main() -> None:
    """The command line."""
    folder, people, *command = sys.argv[1:]
    isolate(Path(folder))
    json.dump(asyncio.run(play(Path(folder), int(people), command)), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
