"""YAML front matter → what a document says of itself before its first word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from frontmatter.default_handlers import YAMLHandler

from indexer.clean import clean
from indexer.document import Block, BlockKind
from indexer.formats.outline import iso_date
from knowledge.errors import DocumentError
from knowledge.said import said

_LONGEST = 64_000


@dataclass(frozen=True, slots=True)
class Matter:
    """What front matter may hold, cleaned; `lines` is how many lines of the file it takes."""

    title: str | None = None
    summary: Block | None = None
    updated: str | None = None
    references: Block | None = None
    lines: int = 0
    notes: tuple[str, ...] = ()


def split(text: str, *, name: str) -> tuple[Matter, str]:
    """The front matter and the body under it; raises DocumentError where its YAML is broken.

    A text that only begins with a rule ("---") has no front matter.
    """
    handler = YAMLHandler()
    if not handler.detect(text):
        return Matter(), text
    try:
        yaml_text, body = handler.split(text)
    except ValueError:  # never closed: a rule
        return Matter(), text
    above = text[: text.find(yaml_text)].count("\n")
    fields = _fields(handler, yaml_text, above=above, name=name)
    if fields is None:
        return Matter(), text
    before = text[: len(text) - len(body)]
    return _matter(fields, before), body


def _fields(
    handler: YAMLHandler, text: str, *, above: int, name: str
) -> Mapping[object, object] | None:
    if len(text) > _LONGEST:
        raise DocumentError(
            f"{name} has more than {_LONGEST:,} characters of front matter: shorten it."
        )
    try:
        # The loader in C overruns its stack on deep nesting; this one raises RecursionError.
        fields = handler.load(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = "" if mark is None else said(f" (line {above + mark.line + 1})")
        raise DocumentError(
            f"{name} has front matter that is not valid YAML{line}: {error.problem}. "
            "Put text with a colon in quotes, or remove the lines between '---'."
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DocumentError(
            f"{name} has front matter that is not valid YAML: mend the lines between '---'."
        ) from error
    return fields if isinstance(fields, dict) else None


def _matter(fields: Mapping[object, object], before: str) -> Matter:
    summary = _scalar(fields.get("summary"))
    references = _references(fields.get("references"))
    stated = fields.get("updated")
    updated = iso_date(stated)
    notes: list[str] = []
    if stated is not None and updated is None:
        notes.append(
            said("The front matter's `updated` is no ISO date (YYYY-MM-DD) and is left out.")
        )
    if fields.get("references") and not references:
        notes.append(
            said("The front matter's `references` is no list of references and is left out.")
        )
    return Matter(
        title=_scalar(fields.get("title")) or None,
        summary=Block(summary, line=_line_of("summary", before)) if summary else None,
        updated=updated,
        references=Block(references, BlockKind.LIST, line=_line_of("references", before))
        if references
        else None,
        lines=before.count("\n"),
        notes=tuple(notes),
    )


def _references(value: object) -> str:
    """A line for each reference: "Authors (year), Title, id."."""
    entries = value if isinstance(value, list) else []
    return "\n".join(line for entry in entries if (line := _reference(entry)))


def _reference(entry: object) -> str:
    if not isinstance(entry, dict):
        return _scalar(entry)
    authors, year = _scalar(entry.get("authors")), _scalar(entry.get("year"))
    dated = f"{authors} ({year})".strip() if year else authors
    title, identifier = _scalar(entry.get("title")), _scalar(entry.get("id"))
    line = ", ".join(part for part in (dated, title.rstrip("."), identifier) if part)
    return f"{line}." if line and not line.endswith(".") else line


def _scalar(value: object) -> str:
    """A field's text on one line; nothing for what is no text, number or date."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(_scalar(part) for part in value)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return " ".join(clean(str(value)).split())
    return iso_date(value) or ""


def _line_of(field: str, before: str) -> int | None:
    match = re.search(rf"^{field}\s*:", before, re.MULTILINE)
    return None if match is None else before.count("\n", 0, match.start()) + 1
