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
    count,
    day,
    duration,
    source_line,
    version,
)
from bot.page import CONTENT_LIMIT, DESCRIPTION_LIMIT, Button, Page, Row, shortened
from bot.receipts import Receipt
from bot.stream import split
from bot.views import action_id
from knowledge.types import Answer, Evidence, Status

QUOTES_SHOWN = 3
QUOTE_LIMIT = 220
TITLE_LIMIT = 200

STALE = "The documents have changed"

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
) -> Page:
    """A question in the queue: how many are before it, how long it may take, what was found."""
    line = f"-# ⏳ {count(place, 'question')} before yours · starts in about {duration(seconds)}"
    return Page(_headed(title, line), _found(evidence, question), _stop_row(stop))


def drafting(title: str | None, draft: Draft, *, question: str, stop: str) -> Page:
    """An answer on its way: what was found, then the text as it comes."""
    text = prose(draft.text)
    if len(text) > _DRAFT_LIMIT:
        text = "…" + text[-_DRAFT_LIMIT:]
        text = text + "\n```" if text.count("```") % 2 else text
    status = "-# ✎ Writing; each sentence is checked against these passages"
    if not draft.evidence:
        status = "-# 🔎 Looking through the documents"
    elif not text:
        status = "-# 📖 Reading what the documents say"
    body = f"{text}{_CURSOR}\n{status}" if text else status
    return Page(_headed(title, body), _found(draft.evidence, question), _stop_row(stop))


def handed_over(title: str | None) -> Page:
    """The bot stops before the answer is there."""
    line = "-# ↻ I am being restarted. Your question is kept; I answer it here when I am back."
    return Page(_headed(title, line))


def final(
    receipt: Receipt, *, titled: bool, earlier: float | None = None, stopped: bool = False
) -> tuple[Page, ...]:
    """The finished answer in as many messages as it needs, sources and buttons on the last.

    `earlier` is when the same answer was first given, where it is given again; `stopped` is set
    where the asker ended it.
    """
    answer = receipt.answer
    refused = answer.status is Status.REFUSED
    title = receipt.question if titled else None
    body = _missing(answer) if refused and not stopped else prose(answer.text)
    if stopped or not body.strip():
        body = f"{body}\n\n-# ⏹ Stopped early".strip()
    pieces = split(_headed(title, body))
    card = _nearest(answer) if refused else _sources(answer)
    _foot(card, answer, earlier)
    rows = _refused_rows(receipt) if refused else _answer_rows(receipt)
    *first, last = pieces
    return (*(Page(piece) for piece in first), Page(last, (card,), rows))


def stale(receipt: Receipt, page: Page) -> Page:
    """An answer's last message once a quote of it no longer stands in the documents."""
    card = discord.Embed(
        title=STALE,
        description="A document quoted here was changed or removed since. Ask again to be sure.",
        colour=AMBER,
    )
    button = Button("Ask again", action_id("again", receipt.id), style=_PRIMARY)
    return Page(page.content, (*page.embeds, card), (*_answer_rows(receipt), (button,)))


def _headed(title: str | None, body: str) -> str:
    return body if title is None else f"### {plain(shortened(title, TITLE_LIMIT))}\n{body}"


def _stop_row(stop: str) -> tuple[Row, ...]:
    return ((Button("Stop", action_id("stop", stop)),),)


def _found(evidence: Sequence[Evidence], question: str) -> tuple[discord.Embed, ...]:
    if not evidence:
        return ()
    return (
        discord.Embed(
            description=_quotes(evidence, question), colour=BLUE, title="In the documents"
        ),
    )


def _quotes(evidence: Sequence[Evidence], question: str) -> str:
    return "\n\n".join(
        f"{source_line(found.passage)}\n"
        + in_quote([plain(excerpt(found.passage.text, question, QUOTE_LIMIT))])
        for found in evidence[:QUOTES_SHOWN]
    )[:DESCRIPTION_LIMIT]


def _sources(answer: Answer) -> discord.Embed:
    supported = answer.status is Status.ANSWERED
    lines = [
        f"`{source.n}` {source_line(source)}\n-# “{plain(shortened(source.quote, _GLIMPSE_LIMIT))}”"
        for source in answer.citations
    ]
    left_out = sum(not sentence.supported for sentence in answer.sentences)
    if left_out:
        what = count(left_out, "sentence")
        lines.append(f"\n-# ⚠ {what} left out: the documents do not bear it out")
    return discord.Embed(
        description=_whole_lines(lines, DESCRIPTION_LIMIT), colour=GREEN if supported else AMBER
    )


def _nearest(answer: Answer) -> discord.Embed:
    if not answer.nearest:
        return discord.Embed(description="-# Nothing in the documents comes near.", colour=GREY)
    return discord.Embed(
        title="The nearest passages",
        description=_quotes(answer.nearest, answer.question),
        colour=GREY,
    )


def _missing(answer: Answer) -> str:
    reason = prose(answer.reason.strip())
    return _dotless("**The documents don’t answer this.**", reason)


def _dotless(head: str, reason: str) -> str:
    if not reason:
        return head
    reason = reason[0].upper() + reason[1:]
    return f"{head} {reason}" if re.search(r"[.!?]$", reason) else f"{head} {reason}."


def _foot(card: discord.Embed, answer: Answer, earlier: float | None) -> None:
    facts = f"{shortened(answer.model, MODEL_LIMIT)} · index {version(answer.library_version)}"
    if earlier is None:
        card.set_footer(text=f"{answer.timings.total_s:.1f} s · {facts}")
    else:
        again = f"Answered before, on {day(earlier)}; the evidence is unchanged"
        card.set_footer(text=f"{again}\n{facts}")


def _answer_rows(receipt: Receipt) -> tuple[Row, ...]:
    return (
        (
            Button("Sources", action_id("sources", receipt.id, 0)),
            Button("Follow up", action_id("follow", receipt.id)),
            Button("", action_id("up", receipt.id), "👍"),
            Button("", action_id("down", receipt.id), "👎"),
            Button("Delete", action_id("delete", receipt.id, receipt.asker)),
        ),
    )


def _refused_rows(receipt: Receipt) -> tuple[Row, ...]:
    ask = Button("Ask the admins", action_id("wish", receipt.id), style=discord.ButtonStyle.primary)
    return (
        (
            ask,
            Button("Passages", action_id("sources", receipt.id, 0)),
            Button("Ask differently", action_id("follow", receipt.id)),
            Button("", action_id("down", receipt.id), "👎"),
            Button("Delete", action_id("delete", receipt.id, receipt.asker)),
        ),
    )


def _whole_lines(lines: Sequence[str], limit: int) -> str:
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) + 2 > limit:
            return "\n".join([*kept, "…"])
        kept.append(line)
    return "\n".join(kept)
