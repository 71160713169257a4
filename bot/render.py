"""A question's messages, from 'in the queue' to the final answer or refusal (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import discord

from bot.draft import Draft
from bot.escape import plain, prose, remark
from bot.excerpt import excerpt, in_quote
from bot.labels import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    MODEL_LIMIT,
    day,
    duration,
    source_line,
    version,
)
from bot.language import ENGLISH, Language
from bot.page import CONTENT_LIMIT, DESCRIPTION_LIMIT, Button, Page, Row, shortened
from bot.receipts import Receipt
from bot.stream import split
from bot.views import action_id
from knowledge.drafted import LEFT_OUT
from knowledge.types import Answer, Citation, Evidence, Status

QUOTES_SHOWN = 3
QUOTE_LIMIT = 220
TITLE_LIMIT = 200

# The action of the button that an outdated answer gets.
AGAIN = "again"

_PRIMARY = discord.ButtonStyle.primary
_CURSOR = " ▍"
_DRAFT_LIMIT = CONTENT_LIMIT - 500
_GLIMPSE_LIMIT = 120


def notice(text: str, *, title: str | None = None) -> Page:
    """A plain sentence to the person."""
    return Page(_headed(title, remark(text))[:CONTENT_LIMIT])


def waiting(
    title: str | None,
    *,
    place: int,
    seconds: float,
    question: str,
    evidence: Sequence[Evidence],
    stop: str,
    say: Language = ENGLISH,
) -> Page:
    """A question in the queue: how many are before it, how long it may take, what was found."""
    before = say.counted("{count} question before yours", "{count} questions before yours", place)
    starts = say("starts in about {time}", time=duration(seconds, say=say))
    line = f"-# ⏳ {before} · {starts}"
    return Page(_headed(title, line), _found(evidence, question, say), _stop_row(stop, say))


def drafting(
    title: str | None, draft: Draft, *, question: str, stop: str, say: Language = ENGLISH
) -> Page:
    """An answer on its way: what was found, then the text as it comes."""
    text = prose(draft.text)
    if len(text) > _DRAFT_LIMIT:
        text = "…" + text[-_DRAFT_LIMIT:]
        text = text + "\n```" if text.count("```") % 2 else text
    status = "✎ " + say("Writing; each sentence is checked against these passages")
    if not draft.evidence:
        status = "🔎 " + say("Looking through the documents")
    elif not text:
        status = "📖 " + say("Reading what the documents say")
    body = f"{text}{_CURSOR}\n-# {status}" if text else f"-# {status}"
    found = _found(draft.evidence, question, say)
    return Page(_headed(title, body), found, _stop_row(stop, say))


def handed_over(title: str | None, *, say: Language = ENGLISH) -> Page:
    """The bot stops before the answer is there."""
    line = say("I am being restarted. Your question is kept; I answer it here when I am back.")
    return Page(_headed(title, f"-# ↻ {line}"))


def final(
    receipt: Receipt,
    *,
    titled: bool,
    earlier: float | None = None,
    stopped: bool = False,
    say: Language = ENGLISH,
) -> tuple[Page, ...]:
    """The finished answer in as many messages as it needs, sources and buttons on the last.

    `earlier` is when the same answer was first given, where it is given again; `stopped` is set
    where the asker ended it.
    """
    answer = receipt.answer
    refused = answer.status is Status.REFUSED
    title = receipt.question if titled else None
    body = _missing(answer, say) if refused and not stopped else prose(answer.text)
    if stopped or not body.strip():
        body = f"{body}\n\n-# ⏹ {say('Stopped early')}".strip()
    pieces = split(_headed(title, body))
    card = _nearest(answer, say) if refused else _sources(answer, say)
    _foot(card, answer, earlier, say)
    rows = _refused_rows(receipt, say) if refused else _answer_rows(receipt, say)
    *first, last = pieces
    return (*(Page(piece) for piece in first), Page(last, (card,), rows))


def stale(receipt: Receipt, page: Page, *, say: Language = ENGLISH) -> Page:
    """An answer's last message once a quote of it no longer stands in the documents."""
    card = discord.Embed(
        title=say("The documents have changed"),
        description=say(
            "A document quoted here was changed or removed since. Ask again to be sure."
        ),
        colour=AMBER,
    )
    button = Button(say("Ask again"), action_id(AGAIN, receipt.id), style=_PRIMARY)
    return Page(page.content, (*page.embeds, card), (*_answer_rows(receipt, say), (button,)))


def _headed(title: str | None, body: str) -> str:
    return body if title is None else f"### {plain(shortened(title, TITLE_LIMIT))}\n{body}"


def _stop_row(stop: str, say: Language) -> tuple[Row, ...]:
    return ((Button(say("Stop"), action_id("stop", stop)),),)


def _found(evidence: Sequence[Evidence], question: str, say: Language) -> tuple[discord.Embed, ...]:
    if not evidence:
        return ()
    quotes = _quotes(evidence, question, say)
    return (discord.Embed(description=quotes, colour=BLUE, title=say("In the documents")),)


def _quotes(evidence: Sequence[Evidence], question: str, say: Language) -> str:
    return "\n\n".join(
        f"{source_line(found.passage, say=say)}\n"
        + in_quote([plain(excerpt(found.passage.text, question, QUOTE_LIMIT))])
        for found in evidence[:QUOTES_SHOWN]
    )[:DESCRIPTION_LIMIT]


def _sources(answer: Answer, say: Language) -> discord.Embed:
    supported = answer.status is Status.ANSWERED
    lines = [_glimpse(source, say) for source in answer.citations]
    if answer.reason and answer.reason != LEFT_OUT:
        lines.append(f"\n-# ⚠ {prose(say.again(answer.reason))}")
    left_out = sum(not sentence.supported for sentence in answer.sentences)
    if left_out:
        told = say.counted(
            "{count} sentence left out: the documents do not bear it out",
            "{count} sentences left out: the documents do not bear them out",
            left_out,
        )
        lines.append(f"\n-# ⚠ {told}")
    return discord.Embed(
        description=_whole_lines(lines, DESCRIPTION_LIMIT), colour=GREEN if supported else AMBER
    )


def _glimpse(source: Citation, say: Language) -> str:
    quote = plain(shortened(source.quote, _GLIMPSE_LIMIT))
    return f"`{source.n}` {source_line(source, say=say)}\n-# “{quote}”"


def _nearest(answer: Answer, say: Language) -> discord.Embed:
    if not answer.nearest:
        nothing = say("Nothing in the documents comes near.")
        return discord.Embed(description=f"-# {nothing}", colour=GREY)
    return discord.Embed(
        title=say("The nearest passages"),
        description=_quotes(answer.nearest, answer.question, say),
        colour=GREY,
    )


def _missing(answer: Answer, say: Language) -> str:
    reason = prose(say.again(answer.reason.strip()))
    return _dotless(f"**{say('The documents don’t answer this.')}**", reason)


def _dotless(head: str, reason: str) -> str:
    if not reason:
        return head
    reason = reason[0].upper() + reason[1:]
    return f"{head} {reason}" if re.search(r"[.!?。！？]$", reason) else f"{head} {reason}."


def _foot(card: discord.Embed, answer: Answer, earlier: float | None, say: Language) -> None:
    index = say("index {version}", version=version(answer.library_version))
    facts = f"{shortened(answer.model, MODEL_LIMIT)} · {index}"
    if earlier is None:
        took = say("{seconds} s", seconds=f"{answer.timings.total_s:.1f}")
        card.set_footer(text=f"{took} · {facts}")
    else:
        again = say("Answered before, on {day}; the evidence is unchanged", day=day(earlier))
        card.set_footer(text=f"{again}\n{facts}")


def _answer_rows(receipt: Receipt, say: Language) -> tuple[Row, ...]:
    return (
        (
            Button(say("Sources"), action_id("sources", receipt.id, 0)),
            Button(say("Follow up"), action_id("follow", receipt.id)),
            Button("", action_id("up", receipt.id), "👍"),
            Button("", action_id("down", receipt.id), "👎"),
            Button(say("Delete"), action_id("delete", receipt.id, receipt.asker)),
        ),
    )


def _refused_rows(receipt: Receipt, say: Language) -> tuple[Row, ...]:
    ask = Button(say("Ask the admins"), action_id("wish", receipt.id), style=_PRIMARY)
    return (
        (
            ask,
            Button(say("Passages"), action_id("sources", receipt.id, 0)),
            Button(say("Ask differently"), action_id("follow", receipt.id)),
            Button("", action_id("down", receipt.id), "👎"),
            Button(say("Delete"), action_id("delete", receipt.id, receipt.asker)),
        ),
    )


def _whole_lines(lines: Sequence[str], limit: int) -> str:
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) + 2 > limit:
            return "\n".join([*kept, "…"])
        kept.append(line)
    return "\n".join(kept)
