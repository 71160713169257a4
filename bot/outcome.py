"""What a job shows of itself: how far it is, and its receipt (pure)."""

from __future__ import annotations

import time

import discord

from bot.escape import plain
from bot.excerpt import in_quote
from bot.labels import AMBER, GREEN, count, duration
from bot.page import FIELD_LIMIT, Page, fitting, shortened
from bot.turn import Running
from indexer.receipt import Receipt

_BAR = 16
_HELD = "Left as somebody took it back or out, until its file changes"


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


def receipt(done: Receipt, *, title: str, hint: str = "") -> Page:
    """What a job did."""
    card = discord.Embed(title=plain(title), colour=AMBER if done.failed or done.flagged else GREEN)
    for name, ids in (
        ("Added", done.added),
        ("Changed", done.changed),
        ("Removed", done.removed),
    ):
        if ids:
            lines = [plain(shortened(each, 100)) for each in ids]
            card.add_field(
                name=f"{name}: {len(ids)}", value=fitting(lines, FIELD_LIMIT), inline=False
            )
    if done.failed:
        lines = [f"**{plain(each.id)}**: {plain(each.reason)}" for each in done.failed]
        card.add_field(
            name=f"Failed: {len(lines)}", value=fitting(lines, FIELD_LIMIT), inline=False
        )
    if done.flagged:
        lines = [
            f"{plain(shortened(each.id, 100))} {each.why}:\n"
            + in_quote([plain(shortened(each.quote, 160))])
            for each in done.flagged
        ]
        name = f"⚠ With text that speaks to a language model: {len(lines)}"
        card.add_field(name=name, value=fitting(lines, FIELD_LIMIT), inline=False)
    if done.quarantined:
        lines = [plain(shortened(each, 100)) for each in done.quarantined]
        name = f"Kept out until somebody approves: {len(lines)}"
        card.add_field(name=name, value=fitting(lines, FIELD_LIMIT), inline=False)
    if done.held:
        lines = [plain(shortened(each, 100)) for each in done.held]
        card.add_field(
            name=f"{_HELD}: {len(lines)}", value=fitting(lines, FIELD_LIMIT), inline=False
        )
    if done.unchanged or not card.fields:
        card.add_field(name="Unchanged", value=str(len(done.unchanged)), inline=False)
    card.description = hint or None
    card.set_footer(
        text=f"index {done.version_before} → {done.version_after}"
        f" · {count(done.embedded, 'passage')} embedded · {done.seconds:.1f} s"
    )
    return Page("", (card,))
