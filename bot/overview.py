"""A library as its admins see it: what there is, what runs and waits, what was done (pure)."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.audit import Deed
from bot.escape import plain
from bot.forms import REASONS
from bot.gaps import Gap
from bot.golden import Golden
from bot.labels import AMBER, BLUE, GREY, count, day
from bot.opinions import Opinion, Opinions
from bot.outcome import doing, person
from bot.page import FIELD_LIMIT, Button, Menu, Option, Page, Row, fitting, shortened
from bot.turn import Running
from bot.views import action_id
from bot.watching import Watched
from indexer.pending import Staged
from knowledge.types import Change, DocumentInfo

_LIST = 3800
_REASONS = {value: label for value, label, _ in REASONS}


def status(
    documents: Sequence[DocumentInfo],
    *,
    running: Running | None,
    waiting: Sequence[Staged],
    deeds: Sequence[Deed],
    watched: Sequence[Watched],
    scope: str,
    version: int,
) -> Page:
    """What there is, what runs, what waits, and what was done last."""
    passages = sum(each.passages for each in documents)
    card = discord.Embed(
        title="This server’s library",
        description=f"{count(len(documents), 'document')} · {count(passages, 'passage')}"
        f" · index {version}",
        colour=BLUE,
    )
    now = "Nothing" if running is None else doing(running, scope=scope)
    card.add_field(name="Running now", value=now, inline=False)
    if waiting:
        lines = [f"{plain(each.name)} · {person(each.by)} · {_day(each.at)}" for each in waiting]
        card.add_field(name="Waits for a decision", value=fitting(lines, FIELD_LIMIT), inline=False)
    if watched:
        lines = [_page(each) for each in sorted(watched, key=lambda each: -each.failures)]
        card.add_field(name="Watched pages", value=fitting(lines, FIELD_LIMIT), inline=False)
    if deeds:
        card.add_field(
            name="Last done", value=fitting(list(map(_deed, deeds)), FIELD_LIMIT), inline=False
        )
    rows: tuple[Row, ...] = ()
    if waiting:
        options = tuple(
            Option(shortened(each.name, 100), each.id, f"since {_day(each.at)}")
            for each in waiting[:25]
        )
        rows = (Menu("Review one that waits", action_id("review"), options),)
    return Page("", (card,), rows)


def listing(documents: Sequence[DocumentInfo]) -> Page:
    """The documents of one server."""
    if not documents:
        return Page("-# This server has no document of its own yet: **/knowledge add**.")
    lines = [
        f"**{plain(shortened(each.title, 80))}** · {plain(shortened(each.id, 60))}"
        f" · {count(each.passages, 'passage')}"
        for each in documents
    ]
    card = discord.Embed(
        title=f"This server’s own documents: {len(documents)}",
        description=fitting(lines, _LIST),
        colour=BLUE,
    )
    return Page("", (card,))


def gaps(found: Sequence[Gap]) -> Page:
    """What the documents do not answer, with a menu to write a text for one of them."""
    if not found:
        return Page("-# Every question of the last weeks was answered.")
    lines = [f"`{each.times} ×` {plain(shortened(each.newest.question, 150))}" for each in found]
    card = discord.Embed(
        title="What the documents do not answer",
        description=fitting(lines, _LIST),
        colour=AMBER,
    )
    card.set_footer(text="Unanswered, 👎, and what members put on this list; alike ones together")
    options = tuple(
        Option(shortened(each.newest.question, 100), each.newest.receipt) for each in found[:25]
    )
    return Page("", (card,), (Menu("Write a text that answers …", action_id("gap"), options),))


def feedback(found: Opinions) -> Page:
    """What members thought, those first who complain, with a menu to answer one of them."""
    if not found.listed:
        return Page("-# Nobody has rated an answer in the last weeks.")
    card = discord.Embed(
        title=f"👍 {found.up} · 👎 {found.down}",
        description=fitting([_opinion(each) for each in found.listed], _LIST),
        colour=AMBER if found.down else BLUE,
    )
    options = tuple(
        Option(shortened(each.question, 100), each.receipt)
        for each in {e.receipt: e for e in found.listed if not e.helpful and e.question}.values()
    )[:25]
    menu = (Menu("Write a text that answers …", action_id("gap"), options),) if options else ()
    return Page("", (card,), menu)


def history(changes: Sequence[Change], deeds: Sequence[Deed]) -> Page:
    """The newest switches with who did them, and the whole log as a file."""
    if not changes:
        return Page("-# Nothing has been changed here yet.", (), (_EXPORT,))
    card = discord.Embed(
        title="What changed",
        description=fitting([_change(each, deeds) for each in changes], _LIST),
        colour=GREY,
    )
    card.set_footer(text="/knowledge rollback goes back to any of these versions")
    return Page("", (card,), (_EXPORT,))


_WRITE = (Button("Write one", action_id("newgolden")),)
_EXPORT = (Button("Export the log", action_id("log")),)


def _opinion(each: Opinion) -> str:
    asked = plain(shortened(each.question, 120)) if each.question else "*asked in private*"
    why = _REASONS.get(each.reason, "")
    said = " · ".join(part for part in (why, plain(shortened(each.comment, 200))) if part)
    return f"{'👍' if each.helpful else '👎'} {day(each.given_at)} · **{asked}**" + (
        f"\n> {said}" if said else ""
    )


def _page(watched: Watched) -> str:
    mark = "⚠ " if watched.failures else ""
    since = "" if watched.looked_at is None else f", {day(watched.looked_at)}"
    return f"{mark}{plain(shortened(watched.document, 80))} · {watched.state}{since}"


def _change(change: Change, deeds: Sequence[Deed]) -> str:
    who = next(
        (
            f" · {person(each.who)}"
            for each in deeds
            if int(each.version_before) < change.version <= int(each.version_after or 0)
        ),
        "",
    )
    name = plain(shortened(change.title or change.document_id, 80))
    return f"`{change.version}` {_day(change.at)} · {change.action} **{name}**{who}"


def _deed(deed: Deed) -> str:
    ended = "" if deed.outcome == "done" else f" – {plain(shortened(deed.outcome, 100))}"
    name = plain(shortened(deed.document, 80))
    return f"{_day(deed.at)} · {person(deed.who)} {deed.action} **{name}**{ended}"


def golden(found: Sequence[Golden]) -> Page:
    """The golden answers, with a menu to take one off the list."""
    if not found:
        none = "-# No answer is golden yet: on an answer, **Apps** › **Mark as golden**."
        return Page(none, (), (_WRITE,))
    lines = [
        f"**{plain(shortened(each.question, 150))}** · {count(len(each.sentences), 'sentence')}"
        for each in found
    ]
    card = discord.Embed(title="Golden answers", description=fitting(lines, _LIST), colour=BLUE)
    card.set_footer(text="A change that makes one of them worse has to be confirmed")
    options = tuple(Option(shortened(each.question, 100), each.id) for each in found[:25])
    return Page("", (card,), (Menu("Take one off the list", action_id("ungild"), options), _WRITE))


def _day(moment: str) -> str:
    return moment[:16].replace("T", " ")
