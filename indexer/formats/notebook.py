"""Jupyter notebooks (.ipynb) → a document: prose, code, and what the code printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from indexer.document import Document
from indexer.formats import markdown
from indexer.formats.decode import decode
from knowledge.errors import DocumentError

# Printed text beyond this is a log rather than a result.
_PRINTED = 2000
_FENCES = re.compile(r"`{3,}")


def read(data: bytes, *, name: str) -> Document:
    """The document of a notebook; raises DocumentError where it is none or holds no text."""
    try:
        notebook = json.loads(decode(data, name=name))
        cells = notebook["cells"]
        text = "\n\n".join(part for cell in cells for part in _cell(cell))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DocumentError(
            f"{name} is no notebook of Jupyter's present format: open it there, save it anew and "
            "add it again."
        ) from error
    document = markdown.read(text.encode("utf-8", "ignore"), name=name)
    # Lines of the Markdown made here are lines of no file.
    return replace(document, blocks=tuple(replace(each, line=None) for each in document.blocks))


def _cell(cell: Mapping[str, object]) -> Iterator[str]:
    source = _text(cell.get("source"))
    if cell.get("cell_type") == "markdown":
        yield source
    elif cell.get("cell_type") == "code":
        if source.strip():
            yield _fenced(source)
        outputs = cell.get("outputs")
        printed = "".join(_printed(each) for each in outputs) if isinstance(outputs, list) else ""
        if printed.strip():
            yield _fenced(printed[:_PRINTED])


def _printed(output: Mapping[str, object]) -> str:
    """What a cell printed or came to, as text."""
    if output.get("output_type") == "stream":
        return _text(output.get("text"))
    data = output.get("data")
    return _text(data.get("text/plain")) if isinstance(data, Mapping) else ""


def _text(value: object) -> str:
    """A notebook's text: a string, or a list of lines."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return "".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""


def _fenced(code: str) -> str:
    longest = max((len(each) for each in _FENCES.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{code}\n{fence}"
