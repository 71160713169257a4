"""A library as its admins see it: what there is, what runs and waits, what was done (pure)."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot import labels
from bot.audit import DONE, Deed
from bot.escape import plain
from bot.forms import REASONS
from bot.gaps import Gap
from bot.golden import Golden
from bot.labels import AMBER, BLUE, GREY, day
from bot.language import ENGLISH, Language
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
    say: Language = ENGLISH,
) -> Page:
    """What there is, what runs, what waits, and what was done last."""
    passages = sum(each.passages for each in documents)
    facts = (
        labels.documents(len(documents), say=say),
        labels.passages(passages, say=say),
        say("index {version}", version=version),
    )
    title, described = say("This server’s library"), " · ".join(facts)
    card = discord.Embed(title=title, description=described, colour=BLUE)
    now = say("Nothing") if running is None else doing(running, scope=scope, say=say)
    waits = [
        f"{plain(each.name)} · {person(each.by, say=say)} · {_day(each.at)}" for each in waiting
    ]
    worst_first = sorted(watched, key=lambda each: -each.failures)
    for name, lines in (
        (say("Running now"), [now]),
        (say("Waits for a decision"), waits),
        (say("Watched pages"), [_page(each, say) for each in worst_first]),
        (say("Last done"), [_deed(each, say) for each in deeds]),
    ):
        if lines:
            card.add_field(name=name, value=fitting(lines, FIELD_LIMIT, say=say), inline=False)
    return Page("", (card,), _reviewing(waiting, say))


def _reviewing(waiting: Sequence[Staged], say: Language) -> tuple[Row, ...]:
    if not waiting:
        return ()
    options = tuple(
        Option(shortened(each.name, 100), each.id, say("since {day}", day=_day(each.at)))
        for each in waiting[:25]
    )
    return (Menu(say("Review one that waits"), action_id("review"), options),)


def listing(documents: Sequence[DocumentInfo], *, say: Language = ENGLISH) -> Page:
    """The documents of one server."""
    if not documents:
        none = say("This server has no document of its own yet: **/knowledge add**.")
        return Page(f"-# {none}")
    lines = [
        f"**{plain(shortened(each.title, 80))}** · {plain(shortened(each.id, 60))}"
        f" · {labels.passages(each.passages, say=say)}"
        for each in documents
    ]
    card = discord.Embed(
        title=say("This server’s own documents: {count}", count=len(documents)),
        description=fitting(lines, _LIST, say=say),
        colour=BLUE,
    )
    return Page("", (card,))


def gaps(found: Sequence[Gap], *, say: Language = ENGLISH) -> Page:
    """What the documents do not answer, with a menu to write a text for one of them."""
    if not found:
        return Page(f"-# {say('Every question of the last weeks was answered.')}")
    lines = [f"`{each.times} ×` {plain(shortened(each.newest.question, 150))}" for each in found]
    card = discord.Embed(
        title=say("What the documents do not answer"),
        description=fitting(lines, _LIST, say=say),
        colour=AMBER,
    )
    card.set_footer(
        text=say("Unanswered, 👎, and what members put on this list; alike ones together")
    )
    options = tuple(
        Option(shortened(each.newest.question, 100), each.newest.receipt) for each in found[:25]
    )
    return Page("", (card,), (_writing(options, say),))


def feedback(found: Opinions, *, say: Language = ENGLISH) -> Page:
    """What members thought, those first who complain, with a menu to answer one of them."""
    if not found.listed:
        return Page(f"-# {say('Nobody has rated an answer in the last weeks.')}")
    card = discord.Embed(
        title=f"👍 {found.up} · 👎 {found.down}",
        description=fitting([_opinion(each, say) for each in found.listed], _LIST, say=say),
        colour=AMBER if found.down else BLUE,
    )
    options = tuple(
        Option(shortened(each.question, 100), each.receipt)
        for each in {e.receipt: e for e in found.listed if not e.helpful and e.question}.values()
    )[:25]
    return Page("", (card,), (_writing(options, say),) if options else ())


def history(changes: Sequence[Change], deeds: Sequence[Deed], *, say: Language = ENGLISH) -> Page:
    """The newest switches with who did them, and the whole log as a file."""
    export = (Button(say("Export the log"), action_id("log")),)
    if not changes:
        return Page(f"-# {say('Nothing has been changed here yet.')}", (), (export,))
    card = discord.Embed(
        title=say("What changed"),
        description=fitting([_change(each, deeds, say) for each in changes], _LIST, say=say),
        colour=GREY,
    )
    card.set_footer(text=say("/knowledge rollback goes back to any of these versions"))
    return Page("", (card,), (export,))


def _writing(options: tuple[Option, ...], say: Language) -> Menu:
    return Menu(say("Write a text that answers …"), action_id("gap"), options)


def _opinion(each: Opinion, say: Language) -> str:
    private = f"*{say('asked in private')}*"
    asked = plain(shortened(each.question, 120)) if each.question else private
    why = say.again(_REASONS.get(each.reason, ""))
    said = " · ".join(part for part in (why, plain(shortened(each.comment, 200))) if part)
    return f"{'👍' if each.helpful else '👎'} {day(each.given_at)} · **{asked}**" + (
        f"\n> {said}" if said else ""
    )


def _page(watched: Watched, say: Language) -> str:
    mark = "⚠ " if watched.failures else ""
    since = "" if watched.looked_at is None else f", {day(watched.looked_at)}"
    return f"{mark}{plain(shortened(watched.document, 80))} · {say.again(watched.state)}{since}"


def _change(change: Change, deeds: Sequence[Deed], say: Language) -> str:
    who = next(
        (
            f" · {person(each.who, say=say)}"
            for each in deeds
            if int(each.version_before) < change.version <= int(each.version_after or 0)
        ),
        "",
    )
    name = plain(shortened(change.title or change.document_id, 80))
    return f"`{change.version}` {_day(change.at)} · {say.again(change.action)} **{name}**{who}"


def _deed(deed: Deed, say: Language) -> str:
    outcome = plain(shortened(say.again(deed.outcome), 100))
    ended = "" if deed.outcome == DONE else f" – {outcome}"
    name, who = plain(shortened(say.again(deed.document), 80)), person(deed.who, say=say)
    return f"{_day(deed.at)} · {who} {say.again(deed.action)} **{name}**{ended}"


def golden(found: Sequence[Golden], *, say: Language = ENGLISH) -> Page:
    """The golden answers, with a menu to take one off the list."""
    write = (Button(say("Write one"), action_id("newgolden")),)
    if not found:
        none = say("No answer is golden yet: on an answer, **Apps** › **Mark as golden**.")
        return Page(f"-# {none}", (), (write,))
    lines = [_gilded(each, say) for each in found]
    card = discord.Embed(
        title=say("Golden answers"), description=fitting(lines, _LIST, say=say), colour=BLUE
    )
    card.set_footer(text=say("A change that makes one of them worse has to be confirmed"))
    options = tuple(Option(shortened(each.question, 100), each.id) for each in found[:25])
    menu = Menu(say("Take one off the list"), action_id("ungild"), options)
    return Page("", (card,), (menu, write))


def _gilded(each: Golden, say: Language) -> str:
    sentences = say.counted("{count} sentence", "{count} sentences", len(each.sentences))
    return f"**{plain(shortened(each.question, 150))}** · {sentences}"


def _day(moment: str) -> str:
    return moment[:16].replace("T", " ")
