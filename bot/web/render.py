"""Templates to HTML; whatever documents, models and people wrote is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.detail import WORDS
from bot.escape import typed
from bot.forms import REASONS
from bot.language import Language
from bot.web.house import library_name
from knowledge.types import Citation, Location

_NUMBER = re.compile(r"\[(\d+)\]")
_REASONS = {value: label for value, label, _ in REASONS}


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("bot.web"),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "when": when,
        "library": library_name,
        "marked": marked,
        "parts": parts,
        "document": document_address,
        "place": place,
        "judged": WORDS.__getitem__,
        "why": _REASONS.get,
        "upper_first": upper_first,
    }
    return made


def _visible(value: object) -> object:
    """A text without what could reorder or hide it; Markup was made of such already."""
    return typed(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def page(name: str, *, say: Language, **values: object) -> str:
    """A whole page, in the reader's language."""
    return _environment().get_template(f"{name}.html").render(values, say=say)


def fragment(name: str, *, say: Language, **values: object) -> str:
    """A part of a page."""
    return _environment().get_template(f"_{name}.html").render(values, say=say)


def when(seconds: float) -> str:
    """A moment, in the machine's own words for every reader: UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def place(location: Location, say: Language) -> str:
    """Where in its document something stands."""
    parts = [" › ".join(location.headings)] if location.headings else []
    if location.page is not None:
        parts.append(say("page {page}", page=location.page))
    elif location.line is not None and not location.headings:
        parts.append(say("line {line}", line=location.line))
    return ", ".join(parts)


def upper_first(text: str) -> str:
    """The text with a capital letter; those inside it stay."""
    return text[:1].upper() + text[1:]


def document_address(scope: str, document_id: str) -> str:
    """Where a document is shown."""
    asked = urlencode({"scope": scope, "id": document_id}, quote_via=quote)
    return f"/document?{asked}"


def marked(text: str, passage: str) -> Markup:
    """A passage's text, with a quote in it marked where it stands word for word."""
    text, passage = typed(text), typed(passage)
    before, found, after = passage.partition(text) if text else (passage, "", "")
    if not found:
        return Markup("{}").format(passage)
    return Markup("{}<mark>{}</mark>{}").format(before, found, after)


def parts(text: str, citations: tuple[Citation, ...]) -> Iterator[tuple[str, Citation | None]]:
    """An answer's text in pieces, each with the citation that follows it, if one does."""
    known = {each.n: each for each in citations}
    last = 0
    for match in _NUMBER.finditer(text):
        citation = known.get(int(match[1]))
        if citation is not None:
            yield text[last : match.start()].rstrip(), citation
            last = match.end()
    if rest := text[last:]:
        yield rest, None
