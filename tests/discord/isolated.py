"""A whole /ask against an unmodified bot process for which Discord's names lead to loopback.

    unshare --user --map-root-user --mount --net python -m tests.discord.isolated HOME COMMAND…

In namespaces of its own there is no network but loopback; the operating system resolves Discord's
names there by a hosts file, port 443 is the loopback Discord's, and SSL_CERT_FILE names its
authority. Prints what was seen as JSON; the command is ended by SIGTERM.
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
from pathlib import Path

from tests.discord.play import Person
from tests.discord.server import HOSTS, TOKEN, Loopback, authority
from tests.discord.world import User

MS_BIND = 4096
SIOCSIFFLAGS = 0x8914
IFF_UP = 1


def isolate(home: Path) -> None:
    """Raise the loopback interface and let the names lead there."""
    hosts = home / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {' '.join(HOSTS)}\n")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(str(hosts).encode(), b"/etc/hosts", None, MS_BIND, None):
        raise OSError(ctypes.get_errno(), "cannot replace the hosts file here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))


async def ask(home: Path, command: list[str]) -> dict[str, object]:
    """Start the bot, ask, watch, stop it."""
    certificate = home / "authority.pem"
    authority().cert_pem.write_to_path(certificate)
    environment = {
        **os.environ,
        "SSL_CERT_FILE": str(certificate),
        "DISCORD_TOKEN": TOKEN,
        "FOOTNOTE_HOME": str(home),
    }
    async with Loopback(port=443) as server:
        hall = server.world.channel("hall")
        bot = await asyncio.create_subprocess_exec(*command, env=environment)
        try:
            await server.until(lambda: server.gateway.connected, seconds=120)
            ada = Person(server, User("ada"), hall)
            sent = await ada.slash("ask", question="What is mode collapse?")
            await server.until(lambda: sent.message, seconds=5)
            await server.until(lambda: "Delete" in sent.message.labels, seconds=120)
            bot.send_signal(signal.SIGTERM)
            code = await asyncio.wait_for(bot.wait(), 30)
        finally:
            if bot.returncode is None:
                bot.kill()
        return {
            "acknowledged_s": sent.seconds_to_acknowledge,
            "states": [
                {"after_s": round(at - sent.started, 3), "content": body["content"]}
                for at, body in sent.message.history
            ],
            "text": sent.message.text,
            "violations": server.violations,
            "exit_code": code,
        }


def main() -> None:
    """The command line."""
    home = Path(sys.argv[1])
    isolate(home)
    json.dump(asyncio.run(ask(home, sys.argv[2:])), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
