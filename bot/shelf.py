"""The library to leaf through: its documents, one document's outline, passages found (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import discord

from bot import labels
from bot.detail import turning
from bot.escape import link, plain
from bot.excerpt import emphasised, excerpt, in_quote, stems
from bot.labels import BLUE, GREY, source_line, version, where
from bot.language import ENGLISH, Language
from bot.page import (
    DESCRIPTION_LIMIT,
    HEADLINE,
    Button,
    Menu,
    Option,
    Page,
    Row,
    packed,
    shortened,
)
from bot.views import action_id
from knowledge.types import DocumentInfo, Evidence, Passage

DOCUMENTS_A_PAGE = 8
_PASSAGES_A_PAGE = 3
_SUMMARY_LIMIT = 110
_PASSAGE_LIMIT = 900
_OUTLINE_LIMIT = 24


def short_id(document: DocumentInfo) -> str:
    """A name for a document that fits a custom id."""
    return short_name(document.id, scope=document.scope)


def short_name(document_id: str, *, scope: str) -> str:
    """The same for a document that may be gone."""
    return hashlib.sha256(f"{scope}\n{document_id}".encode()).hexdigest()[:16]


def documents(
    listed: Sequence[DocumentInfo], *, page: int, library_version: str, say: Language = ENGLISH
) -> Page:
    """One page of the documents, with a menu to open one of them."""
    if not listed:
        return Page(f"-# {say('The library holds no document yet.')}")
    ordered = sorted(listed, key=lambda document: document.title.casefold())
    pages = -(-len(ordered) // DOCUMENTS_A_PAGE)
    page = min(max(page, 0), pages - 1)
    shown = ordered[page * DOCUMENTS_A_PAGE : (page + 1) * DOCUMENTS_A_PAGE]
    card = discord.Embed(
        title=say("What I answer from"),
        description=_lines(shown),
        colour=BLUE,
    )
    passages = sum(document.passages for document in ordered)
    facts = (
        labels.documents(len(ordered), say=say),
        labels.passages(passages, say=say),
        say("index {version}", version=version(library_version)),
    )
    card.set_footer(text=" · ".join(facts))
    menu = Menu(
        say("Open a document"),
        action_id("open", page),
        tuple(
            Option(shortened(document.title, 100), short_id(document), _facts(document, say))
            for document in shown
        ),
    )
    rows: tuple[Row, ...] = (menu,)
    if pages > 1:
        rows = (menu, turning("documents", "all", page=page, pages=pages))
    return Page("", (card,), rows)


def document(
    info: DocumentInfo, passages: Sequence[Passage], *, page: int, say: Language = ENGLISH
) -> Page:
    """One document: its outline first, then its passages page by page."""
    pages = 1 + -(-len(passages) // _PASSAGES_A_PAGE)
    page = min(max(page, 0), pages - 1)
    if page == 0:
        cards = [_outline(info, passages, say)]
    else:
        start = (page - 1) * _PASSAGES_A_PAGE
        cards = [_passage(p, say) for p in passages[start : start + _PASSAGES_A_PAGE]]
    name = short_id(info)
    back = Button(say("All documents"), action_id("documents", "all", 0))
    return Page(
        "" if page == 0 else f"### {plain(shortened(info.title, 200))}",
        packed(cards)[0],
        ((*turning("document", name, page=page, pages=pages), back),),
    )


def found(query: str, evidence: Sequence[Evidence], *, say: Language = ENGLISH) -> Page:
    """What a search found."""
    if not evidence:
        nothing = say("Nothing found for “{query}”.", query=plain(shortened(query, 100)))
        return Page(f"-# {nothing}")
    wanted = stems(query)
    lines = [
        f"{source_line(each.passage, say=say)}\n"
        + in_quote([emphasised(excerpt(each.passage.text, query, 300), wanted)])
        for each in evidence
    ]
    title = plain(shortened(say("Found for “{query}”", query=query), HEADLINE))
    return Page("", (discord.Embed(title=title, description=_fitting(lines), colour=BLUE),))


def _lines(shown: Sequence[DocumentInfo]) -> str:
    linked = "\n".join(_line(info, link(info.source)) for info in shown)
    if len(linked) <= DESCRIPTION_LIMIT:
        return linked
    return "\n".join(_line(info, None) for info in shown)


def _line(info: DocumentInfo, address: str | None) -> str:
    title = plain(shortened(info.title, 100))
    head = f"**[{title}]({address})**" if address else f"**{title}**"
    summary = f"\n-# {plain(shortened(info.summary, _SUMMARY_LIMIT))}" if info.summary else ""
    return f"{head}{summary}"


def _outline(info: DocumentInfo, passages: Sequence[Passage], say: Language) -> discord.Embed:
    outline = list(
        dict.fromkeys(
            passage.location.headings[:depth]
            for passage in passages
            for depth in range(1, len(passage.location.headings) + 1)
        )
    )
    lines = [
        f"{'  ' * (len(headings) - 1)}- {plain(shortened(headings[-1], 100))}"
        for headings in outline[:_OUTLINE_LIMIT]
    ]
    if len(outline) > _OUTLINE_LIMIT:
        lines.append(f"-# {say('and {count} more', count=len(outline) - _OUTLINE_LIMIT)}")
    summary = f"{plain(shortened(info.summary, 500))}\n\n" if info.summary else ""
    return discord.Embed(
        title=plain(shortened(info.title, HEADLINE)),
        url=link(info.source),
        description=summary + _fitting(lines, "\n"),
        colour=BLUE,
    ).set_footer(text=_facts(info, say))


def _passage(passage: Passage, say: Language) -> discord.Embed:
    place = where(passage.location, say=say)
    head = f"-# {place}\n" if place else ""
    text = passage.text.strip()
    text = text if len(text) <= _PASSAGE_LIMIT else text[:_PASSAGE_LIMIT] + "…"
    return discord.Embed(description=head + plain(text), colour=GREY)


def _facts(info: DocumentInfo, say: Language) -> str:
    held = labels.passages(info.passages, say=say)
    return f"{held} · {say('updated {date}', date=info.updated)}" if info.updated else held


def _fitting(lines: Sequence[str], between: str = "\n\n", limit: int = 3500) -> str:
    text = ""
    for line in lines:
        if len(text) + len(between) + len(line) > limit:
            break
        text = f"{text}{between}{line}" if text else line
    return text
