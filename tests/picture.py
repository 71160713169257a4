"""The import graph of some modules, as the picture in docs/architecture.md shows it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]

_ARROW = re.compile(r"^\s*(?P<from>\w+) --> (?P<to>\w+)$", re.MULTILINE)
_BOX = re.compile(r"^\s*(?P<name>\w+)\[(?P<file>[\w/]+\.py)\]$", re.MULTILINE)


def imported(file: Path) -> Iterator[str]:
    """The full names a module imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def drawn(text: str) -> tuple[set[str], set[tuple[str, str]]]:
    """Files and arrows of a mermaid picture."""
    boxes = {match["name"]: match["file"] for match in _BOX.finditer(text)}
    arrows = {(boxes[match["from"]], boxes[match["to"]]) for match in _ARROW.finditer(text)}
    return set(boxes.values()), arrows


def arrows_between(files: set[str]) -> set[tuple[str, str]]:
    """The imports among these files."""
    names = {file.removesuffix(".py").replace("/", "."): file for file in files}
    return {
        (file, names[name])
        for file in files
        for name in imported(REPOSITORY / file)
        if name in names and names[name] != file
    }


def picture(files: list[str]) -> str:
    """A mermaid picture of these files, a frame for each package."""
    lines = ["flowchart TD"]
    for package in ("bot", "indexer", "knowledge"):
        lines.append(f"  subgraph {package}")
        lines += [f"    {_name(file)}[{file}]" for file in files if file.startswith(f"{package}/")]
        lines.append("  end")
    lines += [f"  {_name(a)} --> {_name(b)}" for a, b in sorted(arrows_between(set(files)))]
    return "\n".join(lines)


def _name(file: str) -> str:
    return file.removesuffix(".py").replace("/", "_")
