"""What an admin decides on: a document that waits, and what a change would make worse (pure)."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot import labels
from bot.escape import link, plain
from bot.excerpt import in_quote
from bot.labels import AMBER, BLUE, where
from bot.language import ENGLISH, Language
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


def decision(
    found: Review,
    *,
    samples: Sequence[Tried] = (),
    trying: bool = False,
    say: Language = ENGLISH,
) -> Page:
    """What was read, with the buttons that decide about it; `trying` while samples are answered."""
    info, staged = found.info, found.staged
    card = discord.Embed(
        title=plain(shortened(info.title, HEADLINE)),
        url=link(info.source),
        description=f"{_facts(found, say)}\n-# {_effect(found, say)}",
        colour=AMBER if found.suspicious or found.notes else BLUE,
    )
    for name, lines, limit in (
        (f"⚠ {say('Text that speaks to a language model')}", _suspicious(found, say), _FIELD),
        (f"⚠ {say('Not read')}", [plain(say.again(note)) for note in found.notes], _FIELD),
        (say("Nearly the same as"), _alike(found, say), _FIELD),
        (say("Headings"), _headings(found, say), _FIELD),
        (say("Some of its passages"), _passages(found, say), FIELD_LIMIT),
        (say("What it would answer"), _samples(samples, say, trying=trying), FIELD_LIMIT),
    ):
        if lines:
            card.add_field(name=name, value=fitting(lines, limit, say=say), inline=False)
    card.set_footer(text=say("It answers only once somebody approves it."))
    buttons = (
        Button(say("Approve"), action_id("approve", staged.id), style=discord.ButtonStyle.success),
        Button(say("Reject"), action_id("reject", staged.id), style=discord.ButtonStyle.danger),
    )
    return Page("", (card,), (buttons,))


def regression(found: Sequence[Regression], *buttons: Button, say: Language = ENGLISH) -> Page:
    """Golden answers that a change would make worse, side by side, to be confirmed."""
    asked = say.counted(
        "{count} golden question asked again of the new version.",
        "{count} golden questions asked again of the new version.",
        len(found),
    )
    kept = say("Nothing is changed yet: what was there before still answers.")
    card = discord.Embed(
        title=say("Golden answers would become worse"),
        description=f"{asked} {kept}",
        colour=AMBER,
    )
    for each in found[:_REGRESSIONS]:
        card.add_field(
            name=plain(shortened(each.question, HEADLINE)),
            value=f"-# {plain(shortened(say.again(each.why), 200))}",
            inline=False,
        )
        card.add_field(name=say("As it is"), value=plain(shortened(each.was, _SIDE)))
        now = plain(shortened(each.now, _SIDE)) if each.now else f"*{say('No answer.')}*"
        card.add_field(name=say("After the change"), value=now)
    if len(found) > _REGRESSIONS:
        card.set_footer(text=say("and {count} more", count=len(found) - _REGRESSIONS))
    return Page("", (card,), (buttons,) if buttons else ())


def rejected(staged: Staged, *, say: Language = ENGLISH) -> Page:
    """A document that was turned down."""
    told = say("**{name}** was rejected. Nothing was added.", name=plain(staged.name))
    return Page(f"🗑 {told}")


def _facts(found: Review, say: Language) -> str:
    pages = [say.counted("{count} page", "{count} pages", found.pages)] if found.pages else []
    facts = (
        plain(found.staged.name),
        *pages,
        say.counted("{count} word", "{count} words", found.words),
        labels.passages(len(found.passages), say=say),
        say("by {person}", person=person(found.staged.by, say=say)),
    )
    return " · ".join(facts)


def _effect(found: Review, say: Language) -> str:
    if found.lines is not None and not found.same:
        return _lines(found.lines, say)
    if found.same:
        return say("The same is in the library already: approving changes nothing.")
    if found.replaces is not None:
        return say(
            "Replaces **{title}** ({passages}), which answers until then.",
            title=plain(shortened(found.replaces.title, 80)),
            passages=labels.passages(found.replaces.passages, say=say),
        )
    return say("New in this server’s library.")


def _lines(lines: Lines, say: Language) -> str:
    """What approving a file of records does to the documents that are its lines."""
    did = (
        (lines.added, say("{count} new", count=lines.added)),
        (lines.changed, say("{count} changed", count=lines.changed)),
        (lines.removed, say("{count} no longer in it, which go", count=lines.removed)),
        (lines.unchanged, say("{count} unchanged", count=lines.unchanged)),
    )
    listed = " · ".join(told for number, told in did if number)
    return say("Each line is a document: {changes}", changes=listed)


def _suspicious(found: Review, say: Language) -> list[str]:
    return [
        f"{say('It {does}:', does=say.again(each.why))}\n"
        f"{in_quote([plain(shortened(each.quote, 180))])}"
        for each in found.suspicious[:_SUSPICIONS]
    ]


def _alike(found: Review, say: Language) -> list[str]:
    return [
        say(
            "**{title}** in {passages}",
            title=plain(shortened(each.title, 80)),
            passages=labels.passages(each.passages, say=say),
        )
        for each in found.alike
    ]


def _headings(found: Review, say: Language) -> list[str]:
    shown = [plain(shortened(each, 80)) for each in found.headings[:_HEADINGS]]
    more = len(found.headings) - len(shown)
    return [*shown, f"-# {say('and {count} more', count=more)}"] if more > 0 else shown


def _passages(found: Review, say: Language) -> list[str]:
    lines = []
    for each in _spread(found.passages):
        place = where(each.location, say=say)
        head = f"-# {place}\n" if place else ""
        lines.append(head + in_quote([plain(shortened(each.text, 120))]))
    return lines


def _spread(passages: Sequence[Passage]) -> list[Passage]:
    """A few from all over the document."""
    chosen = min(_PASSAGES, len(passages))
    return [passages[number * len(passages) // chosen] for number in range(chosen)]


def _samples(samples: Sequence[Tried], say: Language, *, trying: bool) -> list[str]:
    lines = []
    for each in samples:
        said = (
            plain(shortened(each.text, 170))
            if each.answered
            else f"*{_no_answer(each.reason, say)}*"
        )
        as_it_is = not each.by_model and each.answered
        how = f"\n> -# {say('quoted as it stands')}" if as_it_is else ""
        lines.append(f"**{plain(shortened(each.question, 90))}**\n> {said}{how}")
    if trying and len(samples) < SAMPLES:
        lines.append(f"-# ⏳ {say('asking …')}")
    return lines


def _no_answer(reason: str, say: Language) -> str:
    return say("No answer: {reason}", reason=plain(shortened(say.again(reason), 100)))
