"""Source code → a document; a place is a definition's name and its lines.

Languages are told apart by nothing: a definition begins where a line without more indentation than
its neighbours names one, and ends where the next such line begins something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from indexer.chunk import LIMIT_WORDS, count_words
from indexer.clean import clean, clean_lines
from indexer.document import Block, BlockKind, Document
from indexer.formats.decode import decode
from indexer.formats.outline import Heading, Item, assemble

_MODIFIERS = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub|unsafe"
    r"|extern|inline|virtual|override|open|sealed|data|partial|const|declare|local|create|or"
    r"|replace|pub\([\w: ]{1,40}\))\s+){0,6}"
)
_KEYWORD = (
    r"(?:def|class|fn|fun|function|interface|struct|enum|trait|impl|module|namespace|protocol"
    r"|extension|record|object|sub|proc|procedure|defmodule|defp|union|table|view|trigger"
    r"|type|func(?:\s+\([^()]{0,80}\))?)"
)
# What stands behind a name that is being defined, and rarely behind one in a sentence.
_BEHIND = (
    r"\s*(?:[({\[<:=;]|$"
    r"|(?:do|is|as|for|where|extends|implements|struct|interface|returns|begin|on|using)\b)"
)
_NAMED = re.compile(
    rf"{_MODIFIERS}{_KEYWORD}\s+(?:<[^<>]{{0,80}}>\s*)?[*&]?([\w$][\w$.:]*){_BEHIND}", re.I
)
_ASSIGNED = re.compile(
    r"(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*(?::[^=]{0,80})?=\s*"
    r"(?:async\s*)?(?:function\b|\([^()]{0,200}\)\s*(?::[^=]{0,80})?=>|[\w$]+\s*=>)"
)
# "static int main(int argc,": a type, a name and no semicolon; or a name and a brace, "name() {".
_SIGNATURE = re.compile(
    r"(?:(?:[\w:<>,&*\[\]~]+\s+){1,6}[*&]?(~?[\w:$]+)\s*\([^;]*$|([\w$]+)\s*\([^;]*\{\s*$)"
)
_NO_NAME = frozenset(
    "if for while switch catch return else elif with match assert print raise throw new do try "
    "except foreach using lock until unless when and or not in is case await yield import from "
    "echo del typedef where select".split()
)
# Lines that go on with what stands above, though they are not indented.
_GOES_ON = re.compile(r"[)\]}>{]|(?:end|else|elif|except|finally|catch|fi|done|esac)\b", re.I)
# Comments, decorators and attributes belong to what stands below.
_LEADS = re.compile(
    r"#(?!\s*(?:define|if|endif|include|pragma)\b)|//|/\*|\*|--|@|\[\w|;;|%%|\"\"\""
)
_LONG_TEXTS = (('"""', '"""'), ("'''", "'''"), ("/*", "*/"))
_LOOKED_AT = 300
_DEEPEST = 4
_LONGEST_LEAD = 40


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    indent: int
    text: str
    inside: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of lines; `name` is '' where it defines nothing."""

    name: str
    lines: Sequence[_Line]


def read(data: bytes, *, name: str) -> Document:
    """The document of a source file; raises DocumentError where it holds nothing."""
    lines = list(_lines(clean_lines(decode(data, name=name))))
    items = list(_items(lines, depth=1))
    return assemble(items, name=name, title=clean(PurePath(name).name))


def _lines(texts: Sequence[str]) -> Iterator[_Line]:
    """The file's lines; those inside a text or comment of several lines define nothing."""
    mark = ""
    for number, text in enumerate(texts, 1):
        yield _Line(number, len(text) - len(text.lstrip()), text.rstrip(), bool(mark))
        if mark:
            mark = "" if mark in text else mark
            continue
        for begin, end in _LONG_TEXTS:
            before, found, after = text.partition(begin)
            if found and end not in after and not before.strip().startswith(("#", "//")):
                mark = end
                break


def _items(lines: Sequence[_Line], *, depth: int) -> Iterator[Item]:
    for part in _parts(lines):
        shown = [line for line in part.lines if line.text]
        if not shown:
            continue
        inner = list(_body(part.lines)) if part.name and depth < _DEEPEST else []
        if inner and _size(shown) > LIMIT_WORDS and any(each.name for each in _parts(inner)):
            yield Heading(part.name, depth)
            yield from _items(part.lines[: -len(inner)], depth=depth + 1)
            yield from _items(inner, depth=depth + 1)
            continue
        first, last = shown[0].number, shown[-1].number
        place = f"line {first}" if first == last else f"lines {first}–{last}"
        yield Heading(f"{part.name}, {place}" if part.name else place, depth)
        yield from _blocks(shown)


def _size(lines: Sequence[_Line]) -> int:
    return sum(count_words(line.text) for line in lines)


def _body(lines: Sequence[_Line]) -> Iterator[_Line]:
    """What stands inside a definition: from its first line of more indentation."""
    outer = min(line.indent for line in lines if line.text)
    begun = False
    head = True
    for line in lines:
        # The comments above a definition may be indented like anything.
        head = head and not (line.indent == outer and _name(line.text.strip()))
        begun = begun or (not head and line.indent > outer and bool(line.text))
        if begun:
            yield line


def _parts(lines: Sequence[_Line]) -> Iterator[_Part]:
    """Definitions of the outermost indentation, and what stands between them."""
    indents = (line.indent for line in lines if line.text and not _GOES_ON.match(line.text.strip()))
    outer = min(indents, default=0)
    name = ""
    run: list[_Line] = []
    leads: list[_Line] = []
    for line in lines:
        text = line.text.strip()
        if leads and (line.inside or not text or _is_open(leads)):
            leads.append(line)
            continue
        if _LEADS.match(text) and line.indent <= outer + 1 and not line.inside:
            leads.append(line)
            continue
        if line.inside or not text or line.indent > outer or _GOES_ON.match(text):
            run.extend([*leads, line])
            leads.clear()
            continue
        found = _name(text)
        # What defines nothing goes on with what defines nothing.
        if found or name:
            if run:
                yield _Part(name, run)
            name, run = found, []
        run.extend(leads)
        leads.clear()
        run.append(line)
    run.extend(leads)
    if run:
        yield _Part(name, run)


def _is_open(leads: Sequence[_Line]) -> bool:
    """Whether a decorator goes on in the next line."""
    text = "".join(line.text for line in leads[-_LONGEST_LEAD:])
    return sum(map(text.count, "([{")) > sum(map(text.count, ")]}"))


def _name(text: str) -> str:
    """What a line defines, or ''."""
    looked = text[:_LOOKED_AT]
    if not looked or looked.split()[0].lower() in _NO_NAME:
        return ""
    match = _ASSIGNED.match(looked) or _NAMED.match(looked)
    if match is not None:
        return str(match[1]).rstrip(":.")
    match = _SIGNATURE.match(looked)
    name = "" if match is None else str(match[1] or match[2])
    return "" if name.lower() in _NO_NAME else name


def _blocks(lines: Sequence[_Line]) -> Iterator[Block]:
    """A block for what no blank line parts, so that each passage knows its first line."""
    run: list[_Line] = []
    for line in lines:
        if run and line.number != run[-1].number + 1:
            yield _block(run)
            run = []
        run.append(line)
    yield _block(run)


def _block(run: Sequence[_Line]) -> Block:
    return Block("\n".join(line.text for line in run), BlockKind.CODE, line=run[0].number)
