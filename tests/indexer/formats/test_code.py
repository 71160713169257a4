"""Source code: definitions stay whole where they fit, and say where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.chunk import LIMIT_WORDS, chunk, count_words
from indexer.document import BlockKind
from indexer.load import load, load_bytes

REPOSITORY = Path(__file__).parents[3]

PYTHON = '''"""Module text.

def not_a_definition(in a text):
"""

import os

LIMIT = 3


@decorated(
    "with", "arguments"
)
def first(a, b):
    """Do it."""
    if a:
        return b

    return a


# About the second.
async def second() -> None:
    await first(1, 2)


run(second())
'''


def headings(source: str, *, name: str) -> list[tuple[str, ...]]:
    return [each.headings for each in chunk(load_bytes(source.encode(), name=name))]


def test_definitions_have_names_and_lines() -> None:
    document = load_bytes(PYTHON.encode(), name="tool.py")
    passages = chunk(document)
    assert document.title == "tool.py"
    assert {block.kind for block in document.blocks} == {BlockKind.CODE}
    assert [each.headings for each in passages] == [
        ("lines 1–8",),
        ("first, lines 11–19",),
        ("second, lines 22–24",),
        ("line 27",),
    ]
    lines = PYTHON.splitlines()
    assert passages[1].text == "\n".join(lines[10:19])
    assert passages[2].text.startswith("# About the second.\nasync def second")


@pytest.mark.parametrize(
    ("name", "source", "names"),
    [
        ("a.go", "package a\n\nfunc (p *P) Move(dx int) int {\n\treturn 1\n}\n", ["Move"]),
        ("a.rs", "pub fn new<T>(x: T) {\n    x\n}\n\nimpl Dot for A {\n}\n", ["new", "Dot"]),
        ("a.js", "export const a1 = async (b) => {\n  b\n}\n\nfunction $b() {\n}\n", ["a1", "$b"]),
        ("a.c", "static int\n*main(int argc,\n     char **argv)\n{\n  return 0;\n}\n", []),
        ("a.cpp", "int Box::size(int a) const\n{\n  return a;\n}\n", ["Box::size"]),
        ("a.sh", "greet() {\n  echo hi\n}\n\ngreet you\n", ["greet"]),
        ("a.rb", "class Dog < Pet\n  def bark\n    1\n  end\nend\n", ["Dog"]),
        ("a.sql", "CREATE TABLE people (\n  id INT\n);\n\nSELECT id FROM people;\n", ["people"]),
        ("a.kt", "data class Point(val x: Int)\n\nfun move(p: Point) {\n}\n", ["Point", "move"]),
        ("a.lua", "local function area(r)\n  return r\nend\n", ["area"]),
        ("a.ex", "defmodule My.App do\n  def go do\n    1\n  end\nend\n", ["My.App"]),
        ("a.ts", "export interface Shape {\n  a: number\n}\n\ntype Id = string\n", ["Shape", "Id"]),
    ],
)  # fmt: skip
def test_languages_share_their_form(name: str, source: str, names: list[str]) -> None:
    found = [path[-1].partition(", line")[0] for path in headings(source, name=name)]
    assert [each for each in found if not each.startswith("line")] == names


def test_a_class_too_long_for_a_passage_is_parted_at_its_methods() -> None:
    methods = "\n".join(
        f"    /** Number {n}. */\n    public int get{n}() {{\n        return {n};\n    }}\n"
        for n in range(30)
    )
    source = f"package a;\n\n@Final\npublic class Box {{\n\n{methods}}}\n"
    found = headings(source, name="Box.java")
    assert found[1] == ("Box", "Box, lines 3–4")
    assert found[2] == ("Box", "get0, lines 6–9")
    assert len(found) == 32


def test_a_class_that_fits_stays_whole() -> None:
    source = "class Dog:\n    def bark(self):\n        pass\n\n    def sit(self):\n        pass\n"
    assert headings(source, name="dog.py") == [("Dog, lines 1–6",)]


def test_a_function_longer_than_a_passage_is_parted_at_blank_lines_with_their_lines() -> None:
    steps = "\n\n".join(f"    step_{n} = work({n}) + other_work({n}, {n})" for n in range(80))
    passages = chunk(load_bytes(f"def long():\n{steps}\n".encode(), name="long.py"))
    assert len(passages) > 2
    assert {each.headings for each in passages} == {("long, lines 1–160",)}
    for each in passages[1:]:
        number = int(each.text.strip().split("_")[1].split(" ")[0])
        assert each.line == 2 + 2 * number


@pytest.mark.parametrize("name", ["cite", "convert", "fetch", "prompt", "sentences", "words"])
def test_real_files_lose_no_line_and_keep_functions_that_fit_whole(name: str) -> None:
    path = REPOSITORY / "knowledge" / f"{name}.py"
    source = [line.rstrip() for line in path.read_text("utf-8").splitlines()]
    passages = chunk(load(path))
    said = [line.strip() for each in passages for line in each.text.splitlines() if line.strip()]
    assert [line.strip() for line in source if line.strip()] == said
    whole = [
        (start, end)
        for start, end in functions(source)
        if count_words("\n".join(source[start:end])) <= LIMIT_WORDS * 0.9
    ]
    assert whole
    for start, end in whole:
        body = [line.strip() for line in source[start:end] if line.strip()]
        assert any(
            all(line in [has.strip() for has in each.text.splitlines()] for line in body)
            for each in passages
        ), source[start]


def functions(lines: list[str]) -> list[tuple[int, int]]:
    """Where each function of the outermost indentation begins and ends."""
    starts = [n for n, line in enumerate(lines) if line.startswith("def ")]
    found = []
    for start in starts:
        end = start + 1
        while end < len(lines) and (not lines[end] or lines[end][0] in " )"):
            end += 1
        found.append((start, end))
    return found
