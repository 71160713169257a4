"""What lies behind an answer: its quotes, its reasons, and a text checked sentence by sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord

from bot.escape import link, plain
from bot.excerpt import emphasised, excerpt, in_quote, neighbours, stems
from bot.knowing import Checked
from bot.labels import AMBER, BLUE, GREEN, GREY, MODEL_LIMIT, RED, day, source_line, version, where
from bot.language import ENGLISH, Language
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
from knowledge.said import said
from knowledge.types import Answer, Citation, Evidence, Passage, Sentence, Status, Verdict

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
    Verdict.SUPPORTED: said("supported"),
    Verdict.PARTLY: said("partly supported"),
    Verdict.UNSUPPORTED: said("not in the documents"),
    Verdict.CONTRADICTED: said("contradicted"),
}
STATUSES = {
    Status.ANSWERED: said("Answered"),
    Status.PARTIAL: said("Answered in part"),
    Status.REFUSED: said("Refused"),
}
COLOURS = {
    Verdict.SUPPORTED: GREEN,
    Verdict.PARTLY: AMBER,
    Verdict.UNSUPPORTED: GREY,
    Verdict.CONTRADICTED: RED,
}


def sources(
    receipt: Receipt, passages: Mapping[str, Passage], page: int, *, say: Language = ENGLISH
) -> Page:
    """The quotes of an answer, or the nearest passages of a refusal, one page of them."""
    answer = receipt.answer
    if answer.citations:
        cards = [_quoted(source, passages, answer, say) for source in answer.citations]
    else:
        cards = [_near(found, answer.question, say) for found in answer.nearest]
    if not cards:
        nothing = say("There is nothing to show: no passage came near this question.")
        return Page(f"-# {nothing}")
    pages = packed(cards)
    page = min(max(page, 0), len(pages) - 1)
    row: tuple[Button, ...] = (Button(say("Why this answer?"), action_id("why", receipt.id)),)
    if len(pages) > 1:
        row = (*turning("leaf", receipt.id, page=page, pages=len(pages)), *row)
    return Page("", pages[page], (row,))


def why(receipt: Receipt, *, say: Language = ENGLISH) -> tuple[Page, ...]:
    """Everything an answer rests on: verdicts with reasons, evidence with scores, versions."""
    answer = receipt.answer
    verdicts = [_verdict(sentence, say) for sentence in answer.sentences]
    evidence = receipt.evidence or answer.nearest
    scores = [
        f"`{found.relevance:+.1f}` `{found.similarity:.2f}` {source_line(found.passage, say=say)}"
        for found in evidence[:_SCORES_SHOWN]
    ]
    title = plain(shortened(say("Why: {question}", question=receipt.question), HEADLINE))
    cards = _cards(title, [_status(answer, say), *verdicts])
    columns = say("relevance (logit) and similarity (cosine)")
    cards += _cards(say("Evidence"), [f"-# {columns}", *scores])
    cards[-1].set_footer(text=_versions(receipt, say))
    return tuple(Page("", embeds) for embeds in packed(cards))


def checked(results: Checked, *, say: Language = ENGLISH) -> tuple[Page, ...]:
    """A text checked: a count of the verdicts, then each sentence with its quotes."""
    counts = [
        f"{MARKS[verdict]} {number} {say.again(WORDS[verdict])}"
        for verdict in Verdict
        if (number := sum(sentence.verdict is verdict for sentence, _ in results))
    ]
    cards = [_judged(sentence, citations, say) for sentence, citations in results]
    messages = packed(cards)
    told = " · ".join(counts) or say("There is no sentence to check.")
    heading = f"### {say('Fact-check')}\n{told}"
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


def _verdict(sentence: Sentence, say: Language) -> str:
    text = plain(shortened(sentence.text, _SENTENCE_LIMIT))
    numbers = "".join(f"[{n}]" for n in sentence.citations)
    reason = plain(shortened(say.again(sentence.reason), _SENTENCE_LIMIT))
    return f"{MARKS[sentence.verdict]} {text} {numbers}" + (f"\n-# {reason}" if reason else "")


def _quoted(
    source: Citation, passages: Mapping[str, Passage], answer: Answer, say: Language
) -> discord.Embed:
    saying = " ".join(s.text for s in answer.sentences if source.n in s.citations)
    quote = source.quote if len(source.quote) <= _QUOTE_LIMIT else source.quote[:_QUOTE_LIMIT] + "…"
    lines = in_quote(emphasised(quote, stems(saying)).splitlines())
    passage = passages.get(source.passage_id)
    before, after = neighbours(passage.text, source.quote, _AROUND) if passage else ("", "")
    place = where(source.location, say=say)
    parts = [f"-# {place}" if place else ""]
    parts += [f"> -# {plain(before)}" if before else "", lines]
    parts += [f"> -# {plain(after)}" if after else ""]
    card = discord.Embed(
        title=plain(shortened(f"{source.n} · {source.title}", HEADLINE)),
        url=link(source.source),
        description="\n".join(part for part in parts if part)[:DESCRIPTION_LIMIT],
        colour=GREEN,
    )
    if source.updated:
        card.set_footer(text=say("Updated {date}", date=source.updated))
    return card


def _near(found: Evidence, question: str, say: Language) -> discord.Embed:
    passage = found.passage
    text = shortened(passage.text, _QUOTE_LIMIT)
    place = where(passage.location, say=say)
    lines = [f"-# {place}"] if place else []
    return discord.Embed(
        title=plain(shortened(passage.title, HEADLINE)),
        url=link(passage.source),
        description="\n".join([*lines, in_quote([emphasised(text, stems(question))])]),
        colour=GREY,
    )


def _judged(sentence: Sentence, citations: Sequence[Citation], say: Language) -> discord.Embed:
    said = plain(shortened(sentence.text, _SENTENCE_LIMIT))
    lines = [f"{MARKS[sentence.verdict]} **{said}**"]
    for source in citations[:2]:
        quote = excerpt(source.quote, sentence.text, _SENTENCE_LIMIT)
        lines += [in_quote([emphasised(quote, stems(sentence.text))])]
        lines += [f"> -# {source_line(source, say=say)}"]
    if sentence.verdict is not Verdict.SUPPORTED:
        why_not = plain(shortened(say.again(sentence.reason), _SENTENCE_LIMIT))
        word = say.again(WORDS[sentence.verdict])
        lines.append(f"-# {word}: {why_not}" if why_not else f"-# {word}")
    return discord.Embed(description="\n".join(lines), colour=COLOURS[sentence.verdict])


def _status(answer: Answer, say: Language) -> str:
    reason = plain(shortened(say.again(answer.reason), _SENTENCE_LIMIT))
    return f"**{say.again(STATUSES[answer.status])}**" + (f"\n{reason}" if reason else "")


def _versions(receipt: Receipt, say: Language) -> str:
    answer, times = receipt.answer, receipt.answer.timings
    facts = [say("evidence {seconds} s", seconds=f"{times.evidence_s:.2f}")]
    if times.first_text_s is not None:
        facts += [say("text {seconds} s", seconds=f"{times.first_text_s:.1f}")]
    facts += [
        say("total {seconds} s", seconds=f"{times.total_s:.1f}"),
        say(
            "tokens {read} read, {written} written",
            read=answer.tokens.prompt,
            written=answer.tokens.completion,
        ),
    ]
    made = [
        shortened(answer.model, MODEL_LIMIT),
        say("index {version}", version=version(answer.library_version)),
        day(receipt.asked_at),
        say("receipt {id}", id=receipt.id),
    ]
    return f"{' · '.join(facts)}\n{' · '.join(made)}"


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
