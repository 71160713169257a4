"""A process in which every look-up of a name and every connection is noted.

    python -m tests.hostile.watched scripted|real FOLDER

It indexes, asks, backs up and restores from the command line, then plays asking and admins' work on
the loopback Discord, and prints what was done and whom anything wanted to reach, as JSON. Noted is
what goes through Python's sockets; code beside them has no network in tests/discord/isolated.py.
"""

from __future__ import annotations

import ipaddress
import json
import os
import sys
from pathlib import Path

OURS = {"localhost", "discord.com", "gateway.discord.gg", "cdn.discordapp.com", "site.example"}
reached: list[str] = []


def note(event: str, arguments: tuple[object, ...]) -> None:
    """The audit hook: whatever leads out of this machine."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
        name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
        if name not in OURS and not _here(name):
            reached.append(f"{event} {name}")
    elif event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not _here(str(address[0])):
            reached.append(f"{event} {address[0]}:{address[1]}")


def _here(name: str) -> bool:
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def command_line(folder: Path, *, real: bool) -> list[str]:
    """What somebody does in a terminal; returns the commands that went well."""
    from typer.testing import CliRunner

    import bot.app
    from bot.cli import app
    from tests.bot_cli.conftest import OfflineApp

    if not real:
        bot.app.App = OfflineApp  # type: ignore[misc]
    documents = folder / "documents"
    documents.mkdir()
    (documents / "hours.md").write_text("# Hours\n\nThe reading room opens at nine.\n")
    page = "<html><body><h1>Tea</h1><p>Tea is served at four o'clock in the hall.</p></body></html>"
    (documents / "tea.html").write_text(page)
    kept, done = folder / "kept.backup", []
    for command in (
        ["index", "--empty", str(documents)],
        ["ask", "When does the reading room open?"],
        ["search", "reading room"],
        ["check", "The reading room opens at nine."],
        ["status"],
        ["doctor"],
        ["models", "list"],
        ["knowledge", "add", str(documents / "tea.html"), "--yes"],
        ["knowledge", "history"],
        ["backup", str(kept)],
        ["stats"],
    ):
        result = CliRunner().invoke(app, command)
        if result.exit_code == 0 or command[0] == "doctor":
            done.append(command[0])
        else:
            sys.stderr.write(f"{command}: {result.output}{result.exception!r}\n")
    return done


def discord(folder: Path) -> list[str]:
    """Asking and admins' work on Discord."""
    from tests.bot.hall import Hall, hall_story
    from tests.bot.test_knowledge import approved

    done = []

    @hall_story()
    async def story(hall: Hall) -> None:
        ada = hall.admin()
        await approved(hall, ada)
        done.append("approved")
        await hall.finished(await ada.slash("ask", question="When does the reading room open?"))
        done.append("asked")
        for command in ("knowledge list", "knowledge status", "knowledge history", "privacy"):
            await hall.told(await ada.slash(command))
            done.append(command)

    story(folder / "hall")
    return done


def main() -> None:
    """Do it all, watched from before anything is imported."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    sys.addaudithook(note)
    os.environ |= {"FOOTNOTE_HOME": str(folder / "home"), "COLUMNS": "200"}
    from knowledge.quiet import be_quiet

    be_quiet()
    done = command_line(folder, real=kind == "real")
    (folder / "hall").mkdir()
    done += discord(folder)
    json.dump({"done": done, "reached": reached}, sys.stdout)


if __name__ == "__main__":
    main()
