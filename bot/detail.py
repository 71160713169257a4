"""What lies behind an answer: its quotes, its reasons, and a text checked sentence by sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord

from bot.escape import link, plain
from bot.excerpt import emphasised, excerpt, in_quote, neighbours, stems
from bot.knowing import Checked
from bot.labels import AMBER, BLUE, GREEN, GREY, MODEL_LIMIT, RED, day, source_line, version, where
from bot.page import (
    DESCRIPTION_LIMIT,
    HEADLINE,
    Button,
    Page,
    packed,
    shortened,
)
from bot.receipts import Receipt
from bot.views import action_id
from knowledge.types import Answer, Citation, Evidence, Passage, Sentence, Verdict

_AROUND = 160
_QUOTE_LIMIT = 1200
_SENTENCE_LIMIT = 300
_SCORES_SHOWN = 6
MARKS = {
    Verdict.SUPPORTED: "✅",
    Verdict.PARTLY: "🟡",
    Verdict.UNSUPPORTED: "⚪",
    Verdict.CONTRADICTED: "❌",
}
WORDS = {
    Verdict.SUPPORTED: "supported",
    Verdict.PARTLY: "partly supported",
    Verdict.UNSUPPORTED: "not in the documents",
    Verdict.CONTRADICTED: "contradicted",
}
COLOURS = {
    Verdict.SUPPORTED: GREEN,
    Verdict.PARTLY: AMBER,
    Verdict.UNSUPPORTED: GREY,
    Verdict.CONTRADICTED: RED,
}


def sources(receipt: Receipt, passages: Mapping[str, Passage], page: int) -> Page:
    """The quotes of an answer, or the nearest passages of a refusal, one page of them."""
    answer = receipt.answer
    if answer.citations:
        cards = [_quoted(source, passages, answer) for source in answer.citations]
    else:
        cards = [_near(found, answer.question) for found in answer.nearest]
    if not cards:
        return Page("-# There is nothing to show: no passage came near this question.")
    pages = packed(cards)
    page = min(max(page, 0), len(pages) - 1)
    row: tuple[Button, ...] = (Button("Why this answer?", action_id("why", receipt.id)),)
    if len(pages) > 1:
        row = (*turning("leaf", receipt.id, page=page, pages=len(pages)), *row)
    return Page("", pages[page], (row,))


def why(receipt: Receipt) -> tuple[Page, ...]:
    """Everything an answer rests on: verdicts with reasons, evidence with scores, versions."""
    answer = receipt.answer
    verdicts = [
        f"{MARKS[sentence.verdict]} {plain(shortened(sentence.text, _SENTENCE_LIMIT))} "
        + "".join(f"[{n}]" for n in sentence.citations)
        + (f"\n-# {plain(shortened(sentence.reason, _SENTENCE_LIMIT))}" if sentence.reason else "")
        for sentence in answer.sentences
    ]
    evidence = receipt.evidence or answer.nearest
    scores = [
        f"`{found.relevance:+.1f}` `{found.similarity:.2f}` {source_line(found.passage)}"
        for found in evidence[:_SCORES_SHOWN]
    ]
    title = plain(shortened(f"Why: {receipt.question}", HEADLINE))
    cards = _cards(title, [_status(answer), *verdicts])
    cards += _cards("Evidence", ["-# relevance (logit) and similarity (cosine)", *scores])
    cards[-1].set_footer(text=_versions(receipt))
    return tuple(Page("", embeds) for embeds in packed(cards))


def checked(results: Checked) -> tuple[Page, ...]:
    """A text checked: a count of the verdicts, then each sentence with its quotes."""
    counts = [
        f"{MARKS[verdict]} {number} {WORDS[verdict]}"
        for verdict in Verdict
        if (number := sum(sentence.verdict is verdict for sentence, _ in results))
    ]
    cards = [_judged(sentence, citations) for sentence, citations in results]
    messages = packed(cards)
    heading = f"### Fact-check\n{' · '.join(counts) or 'There is no sentence to check.'}"
    if not messages:
        return (Page(heading),)
    return (Page(heading, messages[0]), *(Page("", embeds) for embeds in messages[1:]))


def turning(action: str, state: str, *, page: int, pages: int) -> tuple[Button, ...]:
    """Buttons to the page before and the page after, with the place between them."""
    return (
        Button("‹", action_id(action, state, page - 1), disabled=page == 0),
        Button(f"{page + 1} / {pages}", action_id("stay", state, page), disabled=True),
        Button("›", action_id(action, state, page + 1), disabled=page == pages - 1),
    )


def _quoted(source: Citation, passages: Mapping[str, Passage], answer: Answer) -> discord.Embed:
    saying = " ".join(s.text for s in answer.sentences if source.n in s.citations)
    quote = source.quote if len(source.quote) <= _QUOTE_LIMIT else source.quote[:_QUOTE_LIMIT] + "…"
    lines = in_quote(emphasised(quote, stems(saying)).splitlines())
    passage = passages.get(source.passage_id)
    before, after = neighbours(passage.text, source.quote, _AROUND) if passage else ("", "")
    parts = [f"-# {where(source.location)}" if where(source.location) else ""]
    parts += [f"> -# {plain(before)}" if before else "", lines]
    parts += [f"> -# {plain(after)}" if after else ""]
    card = discord.Embed(
        title=plain(shortened(f"{source.n} · {source.title}", HEADLINE)),
        url=link(source.source),
        description="\n".join(part for part in parts if part)[:DESCRIPTION_LIMIT],
        colour=GREEN,
    )
    return card.set_footer(text=f"Updated {source.updated}") if source.updated else card


def _near(found: Evidence, question: str) -> discord.Embed:
    passage = found.passage
    text = shortened(passage.text, _QUOTE_LIMIT)
    place = where(passage.location)
    lines = [f"-# {place}"] if place else []
    return discord.Embed(
        title=plain(shortened(passage.title, HEADLINE)),
        url=link(passage.source),
        description="\n".join([*lines, in_quote([emphasised(text, stems(question))])]),
        colour=GREY,
    )


def _judged(sentence: Sentence, citations: Sequence[Citation]) -> discord.Embed:
    said = plain(shortened(sentence.text, _SENTENCE_LIMIT))
    lines = [f"{MARKS[sentence.verdict]} **{said}**"]
    for source in citations[:2]:
        quote = excerpt(source.quote, sentence.text, _SENTENCE_LIMIT)
        lines += [in_quote([emphasised(quote, stems(sentence.text))])]
        lines += [f"> -# {source_line(source)}"]
    if sentence.verdict is not Verdict.SUPPORTED:
        reason = (
            f": {plain(shortened(sentence.reason, _SENTENCE_LIMIT))}" if sentence.reason else ""
        )
        lines.append(f"-# {WORDS[sentence.verdict]}{reason}")
    return discord.Embed(description="\n".join(lines), colour=COLOURS[sentence.verdict])


def _status(answer: Answer) -> str:
    reason = f"\n{plain(shortened(answer.reason, _SENTENCE_LIMIT))}" if answer.reason else ""
    return f"**{answer.status.value.capitalize()}**{reason}"


def _versions(receipt: Receipt) -> str:
    answer, times = receipt.answer, receipt.answer.timings
    first = "" if times.first_text_s is None else f" · text {times.first_text_s:.1f} s"
    return (
        f"evidence {times.evidence_s:.2f} s{first} · total {times.total_s:.1f} s"
        f" · tokens {answer.tokens.prompt} read, {answer.tokens.completion} written\n"
        f"{shortened(answer.model, MODEL_LIMIT)} · index {version(answer.library_version)}"
        f" · {day(receipt.asked_at)} · receipt {receipt.id}"
    )


def _cards(title: str, lines: Sequence[str]) -> list[discord.Embed]:
    """The lines under one title, in as many embeds as they need."""
    cards: list[discord.Embed] = []
    current = ""
    for line in lines:
        if current and len(current) + len(line) + 1 > DESCRIPTION_LIMIT // 2:
            cards.append(discord.Embed(description=current, colour=BLUE))
            current = ""
        current = f"{current}\n{line}".strip()
    if current:
        cards.append(discord.Embed(description=current, colour=BLUE))
    if cards:
        cards[0].title = title
    return cards
