"""Follow the README word for word on a machine that has nothing of ours yet.

    python3.11 -m tests.follow [--without "make test"]

Clones the repository into an empty folder with an empty home, runs every line of the README's shell
blocks there in their order, and prints what each took and, after the first, the seconds from the
clone to the first cited answer. What would wait for a person is given what one would do: a question
for `chat`, a browser's request for `web`, the members of a loopback Discord for `run` and `health`.
Needs only Python, make and git, and for Discord's names a kernel that gives namespaces. Exit code 1
where a command fails.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.pages import README, REPOSITORY, shell_lines

_TIMEOUT_S = 3600.0
_WEB_S = 120.0
_TOKEN = "MTE4.follow.README"
_ADDRESS = re.compile(r"http://\S+")
_QUOTED = re.compile(r"^ *\[1\] “", re.MULTILINE)
# Written by the environment that the first command sets up; the README names these files.
_FILES = """
import json, pathlib
from tests.indexer.formats.files import pdf
pathlib.Path("notes").mkdir(exist_ok=True)
pathlib.Path("notes/lamps.md").write_text("# Lamps\\n\\nThe red lamp shows that a job failed.\\n")
pathlib.Path("paper.pdf").write_bytes(pdf(["The blue lamp shows that a job is running."]))
pathlib.Path("questions.jsonl").write_text(json.dumps({"id": "1", "question": "What is a GAN?"}))
"""
# The members of a loopback Discord ask while `health` looks on, at the port it asks unless told.
_ISOLATED = (
    "unshare --user --map-root-user --mount --net python -m tests.discord.isolated {folder} 1 "
    "bash -c '(until footnote health --ready; do sleep 1; done) > {folder}/health 2>/dev/null & "
    "exec footnote run --health-port 8711' && grep -q . {folder}/health"
)


@dataclass(frozen=True, slots=True)
class Followed:
    """One line, how it ended and how long it took."""

    line: str
    seconds: float
    error: str


class Clone:
    """A checkout and a home that nobody has used."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "clone"
        self._folder = folder
        home = folder / "home"
        home.mkdir()
        kept = {name: value for name, value in os.environ.items() if name in ("LANG", "TERM")}
        # Where packages come from is the machine's affair: pip's own settings stay.
        pip = os.environ.get("PIP_CONFIG_FILE", str(Path.home() / ".config/pip/pip.conf"))
        self._environment = {
            **kept,
            "HOME": str(home),
            "PATH": f"{self.path}/.venv/bin:{os.environ['PATH']}",
            "DISCORD_TOKEN": _TOKEN,
            **({"PIP_CONFIG_FILE": pip} if Path(pip).exists() else {}),
        }
        subprocess.run(["git", "clone", "-q", str(REPOSITORY), str(self.path)], check=True)

    def run(self, line: str, *, given: str = "") -> str:
        """What a line prints; raises CalledProcessError where it fails."""
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.path,
            env=self._environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
        return done.stdout

    def files(self) -> None:
        """Make the files that the README names."""
        self.run(f"python - <<'END'\n{_FILES}END")

    def chat(self, line: str) -> str:
        """One question, then the end of the conversation."""
        return self.run(line, given="What is mode collapse?\n")

    def restore(self, line: str) -> str:
        """Into a folder of its own: a backup is named after its moment."""
        return self.run(f"mv footnote-*.backup footnote.backup; {line} --home {self._folder}/other")

    def init(self, line: str) -> str:
        """As on a machine that cannot reach Discord."""
        return self.run(f"{line} --yes --offline --no-fetch --overwrite")

    def bot(self, line: str) -> str:
        """A whole /ask, and the bot's health meanwhile."""
        folder = self._folder / "discord"
        folder.mkdir(exist_ok=True)
        return self.run(_ISOLATED.format(folder=folder))

    def web(self, line: str) -> str:
        """Start it, look at the page it names, end it."""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {line}"],
            cwd=self.path,
            env={**self._environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        try:
            named = (_ADDRESS.search(each) for each in process.stdout)
            address = next(found for found in named if found)[0].rstrip(".")
            with urllib.request.urlopen(address, timeout=_WEB_S) as page:
                return str(page.read().decode("utf-8"))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def follow(clone: Clone, line: str) -> Followed:
    """Run one line as a person would."""
    ways: dict[str, Callable[[str], str]] = {
        "footnote chat": clone.chat,
        "footnote restore": clone.restore,
        "footnote init": clone.init,
        "footnote run": clone.bot,
        "footnote health": clone.bot,
        "footnote web": clone.web,
    }
    command = line.partition("#")[0] if not line.startswith("make") else line
    way = next((way for name, way in ways.items() if line.startswith(name)), clone.run)
    started, error = time.monotonic(), ""
    try:
        said = way(command.strip())
        if line.startswith("make ask") and not _QUOTED.search(said):
            error = f"no cited answer: {said}"
    except subprocess.CalledProcessError as failed:
        error = f"exit code {failed.returncode}: {(failed.stdout + failed.stderr)[-2000:]}"
    except (StopIteration, OSError, subprocess.TimeoutExpired) as failed:
        error = f"{type(failed).__name__}: {failed}"
    return Followed(line, time.monotonic() - started, error)


def main() -> None:
    """Print a line a command; exit with 1 where one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without", action="append", default=[], metavar="LINE")
    given = parser.parse_args()
    lines = [each for each in shell_lines(README) if re.match(r"(make|footnote) ", each)]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        clone = Clone(Path(folder))
        for number, line in enumerate(each for each in lines if each not in given.without):
            done = follow(clone, line)
            failed = failed or bool(done.error)
            print(f"{done.seconds:7.1f} s  {line}", flush=True)  # noqa: T201
            if done.error:
                print(f"           FAILED: {done.error}", flush=True)  # noqa: T201
            if number == 0:
                since = time.monotonic() - begun
                print(f"{since:7.1f} s  from the clone to the first cited answer")  # noqa: T201
                clone.files()
    sys.exit(failed)


if __name__ == "__main__":
    main()
