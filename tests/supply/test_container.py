"""What can be checked of the container file without a container engine."""

from __future__ import annotations

import json
import re
import shlex
from typing import NamedTuple

from typer.testing import CliRunner

from bot.cli import app
from tests.pages import REPOSITORY
from tests.test_env_example import NAMES


class Step(NamedTuple):
    """One instruction of the container file."""

    word: str
    rest: str


def steps() -> list[Step]:
    """The instructions, with their continued lines joined."""
    text = (REPOSITORY / "Containerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Step(*line.split(" ", 1)) for line in joined.splitlines() if line.strip()]


def of(word: str) -> list[str]:
    return [step.rest for step in steps() if step.word == word]


def test_it_begins_with_one_exact_version_of_python() -> None:
    bases = {each.split(" AS ")[0] for each in of("FROM")}
    (base,) = bases
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", base)


def test_what_is_copied_is_there_and_is_let_through() -> None:
    let_through = (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines()
    sources = [each.split()[0] for each in of("COPY") if "--from" not in each]
    assert len(sources) > 4
    for source in sources:
        assert (REPOSITORY / source).exists(), source
        assert f"!{source}" in let_through
    assert "*" in let_through
    # Nobody's token comes along.
    assert not {".", "./", ".env"} & set(sources)
    assert ".env" not in [line.lstrip("!") for line in let_through]


def test_packages_are_installed_by_their_digests() -> None:
    (install,) = [each for each in of("RUN") if "pip install" in each]
    assert "--require-hashes" in install
    assert "requirements.lock" in install


def test_it_runs_as_nobody_s_root_with_one_place_to_write_to() -> None:
    words = [step.word for step in steps()]
    (user,) = of("USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert not {"RUN", "COPY", "ADD"} & set(words[words.index("USER") :])
    (volume,) = of("VOLUME")
    environment = dict(
        each.split("=", 1) for each in shlex.split(" ".join(of("ENV"))) if "=" in each
    )
    written = {"HOME", "FOOTNOTE_HOME", "FOOTNOTE_MODELS_DIR"}
    assert written <= environment.keys()
    for name in written:
        assert environment[name].startswith(volume), name
    assert {name for name in environment if name.startswith("FOOTNOTE_")} <= NAMES.keys()
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"


def test_it_starts_the_bot_and_asks_it_how_it_is() -> None:
    (entry,) = of("ENTRYPOINT")
    (start,) = of("CMD")
    (check,) = of("HEALTHCHECK")
    begin, asking = json.loads(entry), json.loads(check.split("CMD ", 1)[1])
    assert begin == asking[: len(begin)] == ["python", "-m", "bot"]
    run, health = json.loads(start), asking[len(begin) :]
    assert run[run.index("--health-port") + 1] == health[health.index("--port") + 1]
    for command in (run, health):
        options = [word for word in command if word.startswith("--")]
        told = CliRunner().invoke(app, [command[0], "--help"], env={"COLUMNS": "200"})
        assert told.exit_code == 0
        assert all(option in told.output for option in options), command
