"""What admins see of their jobs: progress, a review to decide on, receipts, lists (pure)."""

from __future__ import annotations

import time
from collections.abc import Sequence

import discord

from bot.audit import Deed
from bot.escape import link, plain
from bot.excerpt import in_quote
from bot.gaps import Gap
from bot.golden import Golden, Loss
from bot.jobs import Running
from bot.labels import AMBER, BLUE, GREEN, GREY, count, duration, where
from bot.page import HEADLINE, Button, Menu, Option, Page, Row, shortened
from bot.views import action_id
from indexer.intake import Review
from indexer.pending import Staged
from indexer.receipt import Receipt
from knowledge.types import Change, DocumentInfo

_FIELD = 1024
_PASSAGES = 5
_HEADINGS = 12
_SUSPICIONS = 4
_BAR = 16


def progress(mine: Running | None, *, ahead: Running | None, scope: str) -> Page:
    """How far a job is, or what it waits for."""
    if mine is None and ahead is not None:
        return Page(f"-# ⏳ {doing(ahead, scope=scope)} goes first, then it is your turn.")
    if mine is None or not mine.of:
        return Page("-# ⏳ Reading …")
    filled = round(_BAR * mine.done / mine.of)
    left = ""
    if 0 < mine.done < mine.of:
        each = (time.monotonic() - mine.since) / mine.done
        left = f" · about {duration(each * (mine.of - mine.done))} left"
    return Page(
        f"-# ⏳ {plain(mine.what.capitalize())}\n"
        f"`{'█' * filled}{'░' * (_BAR - filled)}` {mine.done} / {mine.of}{left}"
    )


def doing(running: Running, *, scope: str) -> str:
    """A job under way, as far as this server may know of it."""
    if running.scope != scope:
        return "A job of another server"
    far = f" ({running.done} / {running.of})" if running.of else ""
    return f"{person(running.by)}: {plain(running.what)}{far}"


def person(who: str) -> str:
    """Somebody as a message shows them."""
    return f"<@{who}>" if who.isdigit() else plain(who)


def decision(found: Review) -> Page:
    """What was read, with the buttons that decide about it."""
    info, staged = found.info, found.staged
    card = discord.Embed(
        title=plain(shortened(info.title, HEADLINE)),
        url=link(info.source),
        description=f"{_facts(found)}\n{_effect(found)}",
        colour=AMBER if found.suspicious or found.notes else BLUE,
    )
    for name, lines in (
        ("⚠ Text that speaks to a language model", _suspicious(found)),
        ("⚠ Not read", [plain(note) for note in found.notes]),
        ("Nearly the same as", _alike(found)),
        ("Headings", _headings(found)),
        ("The first passages", _passages(found)),
    ):
        if lines:
            card.add_field(name=name, value=_fitting(lines), inline=False)
    card.set_footer(text="It answers only once somebody approves it.")
    buttons = (
        Button("Approve", action_id("approve", staged.id), style=discord.ButtonStyle.success),
        Button("Reject", action_id("reject", staged.id), style=discord.ButtonStyle.danger),
    )
    return Page("", (card,), (buttons,))


def receipt(done: Receipt, *, title: str, hint: str = "") -> Page:
    """What a job did."""
    card = discord.Embed(title=plain(title), colour=AMBER if done.failed else GREEN)
    for name, ids in (
        ("Added", done.added),
        ("Changed", done.changed),
        ("Removed", done.removed),
    ):
        if ids:
            lines = [plain(shortened(each, 100)) for each in ids]
            card.add_field(name=f"{name}: {len(ids)}", value=_fitting(lines), inline=False)
    if done.failed:
        lines = [f"**{plain(each.id)}**: {plain(each.reason)}" for each in done.failed]
        card.add_field(name=f"Failed: {len(lines)}", value=_fitting(lines), inline=False)
    if done.unchanged or not card.fields:
        card.add_field(name="Unchanged", value=str(len(done.unchanged)), inline=False)
    card.description = hint or None
    card.set_footer(
        text=f"index {done.version_before} → {done.version_after}"
        f" · {count(done.embedded, 'passage')} embedded · {done.seconds:.1f} s"
    )
    return Page("", (card,))


def regression(lost: Sequence[Loss], name: str) -> Page:
    """Golden answers that an approval would take the ground from, to be confirmed."""
    lines = [
        f"**{plain(shortened(each.question, 120))}**\n"
        + in_quote([plain(shortened(each.quote, 250))])
        for each in lost
    ]
    card = discord.Embed(
        title="Golden answers would lose what they quote",
        description=_fitting(lines, 3800),
        colour=AMBER,
    )
    card.set_footer(text="The new version does not hold these quotes. The old one still answers.")
    buttons = (
        Button(
            "Approve anyway",
            action_id("approve", name, "anyway"),
            style=discord.ButtonStyle.danger,
        ),
        Button("Reject", action_id("reject", name)),
    )
    return Page("", (card,), (buttons,))


def golden(found: Sequence[Golden]) -> Page:
    """The golden answers, with a menu to take one off the list."""
    if not found:
        return Page("-# No answer is golden yet: on an answer, **Apps** › **Mark as golden**.")
    lines = [
        f"**{plain(shortened(each.question, 150))}** · {count(len(each.quotes), 'quote')}"
        for each in found
    ]
    card = discord.Embed(title="Golden answers", description=_fitting(lines, 3800), colour=BLUE)
    card.set_footer(text="A change that takes a quote of theirs away has to be confirmed")
    options = tuple(Option(shortened(each.question, 100), each.receipt) for each in found[:25])
    return Page("", (card,), (Menu("Take one off the list", action_id("ungild"), options),))


def rejected(staged: Staged) -> Page:
    """A document that was turned down."""
    return Page(f"🗑 **{plain(staged.name)}** was rejected. Nothing was added.")


def status(
    documents: Sequence[DocumentInfo],
    *,
    running: Running | None,
    waiting: Sequence[Staged],
    deeds: Sequence[Deed],
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
        card.add_field(name="Waits for a decision", value=_fitting(lines), inline=False)
    if deeds:
        card.add_field(name="Last done", value=_fitting(list(map(_deed, deeds))), inline=False)
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
        description=_fitting(lines, 3800),
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
        description=_fitting(lines, 3800),
        colour=AMBER,
    )
    card.set_footer(text="Unanswered, 👎, and what members put on this list; alike ones together")
    options = tuple(
        Option(shortened(each.newest.question, 100), each.newest.receipt) for each in found[:25]
    )
    return Page("", (card,), (Menu("Write a text that answers …", action_id("gap"), options),))


def history(changes: Sequence[Change], deeds: Sequence[Deed]) -> Page:
    """The newest switches with who did them, and the whole log as a file."""
    if not changes:
        return Page("-# Nothing has been changed here yet.", (), (_EXPORT,))
    card = discord.Embed(
        title="What changed",
        description=_fitting([_change(each, deeds) for each in changes], 3800),
        colour=GREY,
    )
    card.set_footer(text="/knowledge rollback goes back to any of these versions")
    return Page("", (card,), (_EXPORT,))


_EXPORT = (Button("Export the log", action_id("log")),)


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


def _facts(found: Review) -> str:
    pages = f"{count(found.pages, 'page')} · " if found.pages else ""
    return (
        f"{plain(found.staged.name)} · {pages}{count(found.words, 'word')}"
        f" · {count(len(found.passages), 'passage')} · by {person(found.staged.by)}"
    )


def _effect(found: Review) -> str:
    if found.same:
        return "-# The same is in the library already: approving changes nothing."
    if found.replaces is not None:
        return (
            f"-# Replaces **{plain(shortened(found.replaces.title, 80))}**"
            f" ({count(found.replaces.passages, 'passage')}), which answers until then."
        )
    return "-# New in this server’s library."


def _suspicious(found: Review) -> list[str]:
    return [
        f"It {each.why}:\n{in_quote([plain(shortened(each.quote, 180))])}"
        for each in found.suspicious[:_SUSPICIONS]
    ]


def _alike(found: Review) -> list[str]:
    return [
        f"**{plain(shortened(each.title, 80))}** in {count(each.passages, 'passage')}"
        for each in found.alike
    ]


def _headings(found: Review) -> list[str]:
    shown = [plain(shortened(each, 80)) for each in found.headings[:_HEADINGS]]
    more = len(found.headings) - len(shown)
    return [*shown, f"-# and {more} more"] if more > 0 else shown


def _passages(found: Review) -> list[str]:
    lines = []
    for each in found.passages[:_PASSAGES]:
        place = where(each.location)
        head = f"-# {place}\n" if place else ""
        lines.append(head + in_quote([plain(shortened(each.text, 160))]))
    return lines


def _day(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _fitting(lines: Sequence[str], limit: int = _FIELD) -> str:
    """The first lines that fit, and how many do not."""
    text = ""
    for number, line in enumerate(lines):
        more = f"\n-# and {len(lines) - number} more"
        if len(text) + len(line) + 1 + len(more) > limit:
            return (text + more).strip()
        text = f"{text}\n{line}" if text else line
    return text
