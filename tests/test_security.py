"""SECURITY.md promises nothing without a test, and names no test that is not there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.picture import REPOSITORY

PAGE = (REPOSITORY / "SECURITY.md").read_text("utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def section(title: str) -> str:
    """What stands under a heading."""
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def promises() -> list[str]:
    """Each bullet of the promises."""
    return [each.strip() for each in re.split(r"(?m)^- ", section("What is promised"))[1:]]


def written_in(path: str) -> set[str]:
    """The names of a file's tests."""
    tree = ast.parse((REPOSITORY / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {each.name for each in tree.body if isinstance(each, functions)}


def test_there_are_promises() -> None:
    assert len(promises()) >= 20


@pytest.mark.parametrize("promise", promises(), ids=lambda each: each[:40])
def test_every_promise_names_a_test(promise: str) -> None:
    assert NAMED.search(promise), promise


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED.findall(PAGE))))
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in written_in(path)


def test_whoever_finds_something_is_told_what_to_do() -> None:
    words = section("Report a vulnerability")
    assert "Report a vulnerability" in words
    assert "do not open a public issue" in words


def test_what_is_trusted_and_what_is_not_is_said() -> None:
    trusted = section("Who is trusted")
    assert "Not trusted:" in trusted
    assert len(section("What is not promised")) > 300
