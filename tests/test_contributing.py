"""The worked examples of CONTRIBUTING.md, followed word for word in a copy of the project."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages import REPOSITORY

BLOCK = re.compile(r"^```(python|diff) file=(\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall((REPOSITORY / "CONTRIBUTING.md").read_text("utf-8"))
WRITTEN = [name for kind, name, _ in BLOCKS if kind == "python"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the examples in it."""
    folder = tmp_path_factory.mktemp("contributor")
    for package in ("bot", "indexer", "knowledge", "tests"):
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / package, folder / package, ignore=skipped)
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    for kind, name, text in BLOCKS:
        file = folder / name
        if kind == "python":
            assert not file.exists(), f"{name} is there already: give the example another name"
            file.write_text(text, "utf-8")
        else:
            file.write_text(patched(file.read_text("utf-8"), text), "utf-8")
    return folder


def patched(text: str, diff: str) -> str:
    """A file with a diff's added lines behind the line above them, which has to be unique."""
    above = ""
    for line in diff.splitlines():
        if line.startswith("+"):
            assert text.count(f"{above}\n") == 1, f"{above!r} does not stand there once"
            text = text.replace(f"{above}\n", f"{above}\n{line[1:]}\n")
        above = line[1:]
    return text


def run(copy: Path, *arguments: str) -> None:
    """Run a module of this interpreter in the copy."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_an_example_of_each_with_its_test() -> None:
    tests = [name for name in WRITTEN if "/test_" in name]

    assert len(tests) == 3
    assert {"indexer/formats/org.py", "bot/oldest.py"} <= set(WRITTEN)


def test_the_examples_tests_pass(copy: Path) -> None:
    tests = [name for name in WRITTEN if "/test_" in name]

    run(copy, "pytest", "-q", "-p", "no:cacheprovider", *tests)


def test_the_examples_are_formatted_and_linted(copy: Path) -> None:
    run(copy, "ruff", "check", "--no-cache", *WRITTEN)
    run(copy, "ruff", "format", "--no-cache", "--check", *WRITTEN)


def test_the_examples_are_type_checked(copy: Path) -> None:
    # Only what the examples add: the rest of the project is checked by its own run.
    sources = [name for name in WRITTEN if not name.startswith("tests/")]

    run(copy, "mypy", "--follow-imports=silent", *sources)
