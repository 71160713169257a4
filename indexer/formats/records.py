"""JSON Lines: a document a line, each an object with id, title and text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from indexer.clean import clean, printable, squeeze
from indexer.document import Block, Document
from indexer.formats.outline import Heading, Item, assemble, iso_date, title_from
from knowledge.errors import DocumentError

_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not empty; `reason` says why it holds no record, where it holds none."""

    number: int
    id: str
    record: dict[str, object] | None
    raw: bytes
    reason: str = ""

    @property
    def digest(self) -> str:
        """What tells this line from any other version of it."""
        return hashlib.sha256(self.raw).hexdigest()


def lines(data: bytes) -> Iterator[Line]:
    """The lines of a file, each with the record it holds; ids that repeat count once."""
    seen: dict[str, int] = {}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        raw = line.strip()
        try:
            record, name = parsed(line)
        except ValueError as error:
            yield Line(number, "", None, raw, str(error))
            continue
        if name in seen:
            reason = f"repeats the id of line {seen[name]}. Ids must differ."
            yield Line(number, "", None, raw, reason)
            continue
        seen[name] = number
        yield Line(number, name, record, raw)


def read(data: bytes, *, name: str) -> Document:
    """All lines as one document, a heading for each; what cannot be read is noted.

    Raises DocumentError, for the first bad line, where there is no good one.
    """
    items: list[Item] = []
    notes: list[str] = []
    for line in lines(data):
        where = f"{name}, line {line.number},"
        try:
            document = load_record(_held(line, where=where), where=where)
        except DocumentError as error:
            notes.append(str(error))
            continue
        items.append(Heading(document.title, 1))
        items.extend(Block(block.text, line=line.number) for block in document.blocks)
    if notes and not items:
        raise DocumentError(f"{notes[0]} Mend that line.")
    return assemble(items, name=name, title=title_from(name), notes=tuple(notes))


def _held(line: Line, *, where: str) -> dict[str, object]:
    if line.record is None:
        raise DocumentError(f"{where} {line.reason}")
    return line.record


def parsed(line: bytes) -> tuple[dict[str, object], str]:
    """A line's JSON object and its id; a ValueError says what is wrong with the line."""
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ValueError(f"is not a JSON object ({error}).") from error
    name = record.get("id") if isinstance(record, dict) else None
    if isinstance(name, bool) or not isinstance(name, str | int) or not str(name).strip():
        raise ValueError("has no 'id'. Give each line one.")
    return record, str(name)


def load_record(record: Mapping[str, object], *, where: str) -> Document:
    """The document in one line of a .jsonl file: id, title, text; optionally updated and source.

    The text is plain, so that all of it but white space stays as it is; blank lines part its
    paragraphs. `where` names the file and line in the DocumentError that a bad record raises.
    """
    text = record.get("text")
    if not isinstance(text, str):
        raise DocumentError(f"{where} has no 'text'. Give it one, or leave the line out.")
    identifier = _field(record, "id")
    if not identifier:
        raise DocumentError(f"{where} has no 'id'. Give it one.")
    return assemble(
        list(_paragraphs(text)),
        name=where,
        title=_field(record, "title") or identifier,
        updated=iso_date(record.get("updated")),
        source=_field(record, "source") or _field(record, "url") or None,
    )


def _paragraphs(text: str) -> Iterator[Block]:
    for part in _BLANK_LINES.split(printable(text)):
        yield Block(squeeze(part).strip())


def _field(record: Mapping[str, object], key: str) -> str:
    value = record.get(key)
    return clean(str(value)).strip() if isinstance(value, str | int) else ""
