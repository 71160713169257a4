"""The pages that people read, and the commands that stand in them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
README = REPOSITORY / "README.md"
PAGES = (README, REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md")))

_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHELLS = {"", "sh", "bash", "console"}
_INLINE = re.compile(r"`((?:footnote|make)(?: [^`]+)?)`")


def shell_lines(page: Path) -> list[str]:
    """Every line of a page's shell blocks."""
    return [
        line
        for kind, text in _BLOCK.findall(page.read_text("utf-8"))
        if kind in _SHELLS
        for line in text.split("\n")
    ]


def blocks(page: Path, program: str) -> list[list[str]]:
    """Every command line of `program` in a page's shell blocks, in words without the program."""
    found = [shlex.split(line, comments=True) for line in shell_lines(page)]
    return [words[1:] for words in found if words[:1] == [program]]


def documented(page: Path, program: str) -> list[list[str]]:
    """The same with what stands in running text."""
    running = _BLOCK.sub("", page.read_text("utf-8"))
    inline = [shlex.split(each) for each in _INLINE.findall(running)]
    return blocks(page, program) + [words[1:] for words in inline if words[:1] == [program]]
