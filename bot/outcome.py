"""What a job shows of itself: how far it is, and its receipt (pure)."""

from __future__ import annotations

import time

import discord

from bot.escape import plain
from bot.excerpt import in_quote
from bot.labels import AMBER, GREEN, duration
from bot.language import ENGLISH, Language
from bot.page import FIELD_LIMIT, Page, fitting, shortened
from bot.turn import Running
from indexer.discover import Failure
from indexer.receipt import Flagged, Receipt

_BAR = 16


def progress(
    mine: Running | None, *, ahead: Running | None, scope: str, say: Language = ENGLISH
) -> Page:
    """How far a job is, or what it waits for."""
    if mine is None and ahead is not None:
        first = doing(ahead, scope=scope, say=say)
        return Page(f"-# ⏳ {say('{job} goes first, then it is your turn.', job=first)}")
    if mine is None or not mine.of:
        return Page(f"-# ⏳ {say('Reading …')}")
    filled = round(_BAR * mine.done / mine.of)
    left = ""
    if 0 < mine.done < mine.of:
        each = (time.monotonic() - mine.since) / mine.done
        rest = duration(each * (mine.of - mine.done), say=say)
        left = f" · {say('about {time} left', time=rest)}"
    what = say.again(mine.what)
    return Page(
        f"-# ⏳ {plain(what[:1].upper() + what[1:])}\n"
        f"`{'█' * filled}{'░' * (_BAR - filled)}` {mine.done} / {mine.of}{left}"
    )


def doing(running: Running, *, scope: str, say: Language = ENGLISH) -> str:
    """A job under way, as far as this server may know of it."""
    if running.scope != scope:
        return say("A job of another server")
    far = f" ({running.done} / {running.of})" if running.of else ""
    return f"{person(running.by, say=say)}: {plain(say.again(running.what))}{far}"


def person(who: str, *, say: Language = ENGLISH) -> str:
    """Somebody as a message shows them."""
    return f"<@{who}>" if who.isdigit() else plain(say.again(who))


def receipt(done: Receipt, *, title: str, hint: str = "", say: Language = ENGLISH) -> Page:
    """What a job did."""
    card = discord.Embed(title=plain(title), colour=AMBER if done.failed or done.flagged else GREEN)
    for name, ids in (
        (say("Added"), done.added),
        (say("Changed"), done.changed),
        (say("Removed"), done.removed),
        (say("Failed"), done.failed),
        (f"⚠ {say('With text that speaks to a language model')}", done.flagged),
        (say("Kept out until somebody approves"), done.quarantined),
        (say("Left as somebody took it back or out, until its file changes"), done.held),
    ):
        if ids:
            lines = [_one(each, say) for each in ids]
            value = fitting(lines, FIELD_LIMIT, say=say)
            card.add_field(name=f"{name}: {len(ids)}", value=value, inline=False)
    if done.unchanged or not card.fields:
        card.add_field(name=say("Unchanged"), value=str(len(done.unchanged)), inline=False)
    card.description = hint or None
    facts = (
        say("index {version}", version=f"{done.version_before} → {done.version_after}"),
        say.counted("{count} passage embedded", "{count} passages embedded", done.embedded),
        say("{seconds} s", seconds=f"{done.seconds:.1f}"),
    )
    card.set_footer(text=" · ".join(facts))
    return Page("", (card,))


def _one(each: str | Failure | Flagged, say: Language) -> str:
    if isinstance(each, str):
        return plain(shortened(each, 100))
    if isinstance(each, Flagged):
        quote = in_quote([plain(shortened(each.quote, 160))])
        return f"{plain(shortened(each.id, 100))} {say.again(each.why)}:\n{quote}"
    return f"**{plain(each.id)}**: {plain(say.again(each.reason))}"
