"""What an admin decides on: a document that waits, and what a change would make worse (pure)."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.escape import link, plain
from bot.excerpt import in_quote
from bot.labels import AMBER, BLUE, count, where
from bot.outcome import person
from bot.page import FIELD_LIMIT, HEADLINE, Button, Page, fitting, shortened
from bot.replay import Regression
from bot.samples import SAMPLES
from bot.trial import Tried
from bot.views import action_id
from indexer.pending import Staged
from indexer.reviewing import Lines, Review
from knowledge.types import Passage

# All of an embed may have 6000 characters.
_FIELD = 700
_PASSAGES = 5
_HEADINGS = 12
_SUSPICIONS = 3
_REGRESSIONS = 5
_SIDE = 300


def decision(found: Review, *, samples: Sequence[Tried] = (), trying: bool = False) -> Page:
    """What was read, with the buttons that decide about it; `trying` while samples are answered."""
    info, staged = found.info, found.staged
    card = discord.Embed(
        title=plain(shortened(info.title, HEADLINE)),
        url=link(info.source),
        description=f"{_facts(found)}\n{_effect(found)}",
        colour=AMBER if found.suspicious or found.notes else BLUE,
    )
    for name, lines, limit in (
        ("⚠ Text that speaks to a language model", _suspicious(found), _FIELD),
        ("⚠ Not read", [plain(note) for note in found.notes], _FIELD),
        ("Nearly the same as", _alike(found), _FIELD),
        ("Headings", _headings(found), _FIELD),
        ("Some of its passages", _passages(found), FIELD_LIMIT),
        ("What it would answer", _samples(samples, trying=trying), FIELD_LIMIT),
    ):
        if lines:
            card.add_field(name=name, value=fitting(lines, limit), inline=False)
    card.set_footer(text="It answers only once somebody approves it.")
    buttons = (
        Button("Approve", action_id("approve", staged.id), style=discord.ButtonStyle.success),
        Button("Reject", action_id("reject", staged.id), style=discord.ButtonStyle.danger),
    )
    return Page("", (card,), (buttons,))


def regression(found: Sequence[Regression], *buttons: Button) -> Page:
    """Golden answers that a change would make worse, side by side, to be confirmed."""
    card = discord.Embed(
        title="Golden answers would become worse",
        description=f"{count(len(found), 'golden question')} asked again of the new version."
        " Nothing is changed yet: what was there before still answers.",
        colour=AMBER,
    )
    for each in found[:_REGRESSIONS]:
        card.add_field(
            name=plain(shortened(each.question, HEADLINE)),
            value=f"-# {plain(shortened(each.why, 200))}",
            inline=False,
        )
        card.add_field(name="As it is", value=plain(shortened(each.was, _SIDE)))
        now = plain(shortened(each.now, _SIDE)) if each.now else "*No answer.*"
        card.add_field(name="After the change", value=now)
    if len(found) > _REGRESSIONS:
        card.set_footer(text=f"and {len(found) - _REGRESSIONS} more")
    return Page("", (card,), (buttons,) if buttons else ())


def rejected(staged: Staged) -> Page:
    """A document that was turned down."""
    return Page(f"🗑 **{plain(staged.name)}** was rejected. Nothing was added.")


def _facts(found: Review) -> str:
    pages = f"{count(found.pages, 'page')} · " if found.pages else ""
    return (
        f"{plain(found.staged.name)} · {pages}{count(found.words, 'word')}"
        f" · {count(len(found.passages), 'passage')} · by {person(found.staged.by)}"
    )


def _effect(found: Review) -> str:
    if found.lines is not None and not found.same:
        return _lines(found.lines)
    if found.same:
        return "-# The same is in the library already: approving changes nothing."
    if found.replaces is not None:
        return (
            f"-# Replaces **{plain(shortened(found.replaces.title, 80))}**"
            f" ({count(found.replaces.passages, 'passage')}), which answers until then."
        )
    return "-# New in this server’s library."


def _lines(lines: Lines) -> str:
    """What approving a file of records does to the documents that are its lines."""
    did = (
        (lines.added, "new"),
        (lines.changed, "changed"),
        (lines.removed, "no longer in it, which go"),
        (lines.unchanged, "unchanged"),
    )
    return "-# Each line is a document: " + " · ".join(f"{n} {what}" for n, what in did if n)


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
    for each in _spread(found.passages):
        place = where(each.location)
        head = f"-# {place}\n" if place else ""
        lines.append(head + in_quote([plain(shortened(each.text, 120))]))
    return lines


def _spread(passages: Sequence[Passage]) -> list[Passage]:
    """A few from all over the document."""
    chosen = min(_PASSAGES, len(passages))
    return [passages[number * len(passages) // chosen] for number in range(chosen)]


def _samples(samples: Sequence[Tried], *, trying: bool) -> list[str]:
    lines = []
    for each in samples:
        said = (
            plain(shortened(each.text, 170))
            if each.answered
            else f"*No answer: {plain(shortened(each.reason, 100))}*"
        )
        how = "" if each.by_model or not each.answered else "\n> -# quoted as it stands"
        lines.append(f"**{plain(shortened(each.question, 90))}**\n> {said}{how}")
    if trying and len(samples) < SAMPLES:
        lines.append("-# ⏳ asking …")
    return lines
