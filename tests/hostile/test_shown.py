"""Whatever documents, people and the model write, it steers none of the places that show it."""

from __future__ import annotations

import io
import re
import sys
import unicodedata
from contextlib import redirect_stdout
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html

from bot import render
from bot.detail import checked
from bot.draft import Draft
from bot.escape import link
from bot.language import ENGLISH
from bot.page import Page
from bot.receipts import Receipt
from bot.terminal import show_answer, show_passages
from bot.web.render import fragment
from knowledge.types import Answer, AnswerReady, Evidence, EvidenceFound, Location, TextWritten
from tests.bot.scripted import answered, citation, evidence, refused
from tests.bot.test_escape import live

PIECES = (
    "@everyone", "@here", "<@1>", "<@&2>", "<#3>", "</ask:4>", "<t:5:R>", "<id:customize>",
    "https://evil.example/x", "[press](https://evil.example)", "![i](http://evil.example/a.png)",
    "discord.gg/free", "discord.com/invite/free", "<https://evil.example>", "`", "```", "\\", "||",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"'>", "</p>", "{{ 7 * 7 }}",
    "\x1b[2J", "\x1b]8;;https://evil.example\x07", "\x9b31m", "\r", "\u202e", "\u200b", "[1]",
    "[bold]", "\n", " ", "The tower.", "-# ", "# ", "> ",
)  # fmt: skip
WRITTEN = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)
RICH_S_OWN = re.compile(r"\x1b\[(?:[0-9;]*m|\?25[lh]|\d*[AKJ])")


def hostile(text: str, *, refusal: bool) -> tuple[Answer, tuple[Evidence, ...]]:
    """An answer and its evidence in which everything that others may write is `text`."""
    place = Location((text,))
    found = tuple(
        replace(
            each, passage=replace(each.passage, text=text, title=text, source=text, location=place)
        )
        for each in evidence("gan-1", "vae-1")
    )
    quote = replace(citation(1, evidence("gan-1")[0].passage, ""), title=text, quote=text)
    quote = replace(quote, location=place, document_id=text, source=text)
    made = refused(text) if refusal else answered(text, text=text)
    if refusal:
        return replace(made, reason=text, nearest=found), found
    return replace(made, text=f"{text} [1]", citations=(quote,)), found


def receipt(answer: Answer, found: tuple[Evidence, ...]) -> Receipt:
    return Receipt("a", "", 0.0, 1, 9, 5, False, None, answer.question, answer, found)


def words(page: Page) -> list[str]:
    """All text of a message in which Discord looks for marks, links and mentions."""
    shown = [page.content]
    for card in page.embeds:
        shown += [card.title or "", card.description or ""]
        shown += [text for field in card.fields for text in (field.name or "", field.value or "")]
    return shown


def fatal(shown: str, written: str) -> list[str]:
    """What is live in a message, apart from the link to a document's own address."""
    address = link(written)
    return live(shown.replace(f"]({address})", "]") if address else shown)


@settings(max_examples=150, deadline=None)
@given(WRITTEN, st.booleans())
@example("\\<@1>https://evil.example", False)
def test_on_discord_nothing_of_it_links_invites_or_mentions(text: str, refusal: bool) -> None:
    answer, found = hostile(text, refusal=refusal)
    draft = Draft().after(EvidenceFound(found, 0.1)).after(TextWritten(text))
    pages = [
        *render.final(receipt(answer, found), titled=True),
        render.drafting(text, draft, question=text, stop="x"),
        render.waiting(text, place=1, seconds=2, question=text, evidence=found, stop="x"),
        *checked((each, answer.citations) for each in answer.sentences),
    ]
    for page in pages:
        for shown in words(page):
            assert fatal(shown, text) == [], shown
    assert {card.url for page in pages for card in page.embeds} <= {None, link(text)}


@settings(max_examples=150, deadline=None)
@given(WRITTEN, st.booleans())
def test_on_the_page_it_is_text(text: str, refusal: bool) -> None:
    answer, found = hostile(text, refusal=refusal)
    for markup in (
        fragment("answer", say=ENGLISH, receipt=receipt(answer, found), fresh=True),
        fragment("evidence", say=ENGLISH, evidence=found),
        fragment("piece", say=ENGLISH, text=text),
        fragment("trouble", say=ENGLISH, sentence=text),
    ):
        drawn = html.fragment_fromstring(markup, create_parent=True)
        assert not drawn.xpath("//script|//img|//iframe|//object|//form|//@style")
        assert not [name for each in drawn.iter() for name in each.attrib if name.startswith("on")]
        assert all(re.match(r"/(?!/)|#", address) for address in drawn.xpath("//@href|//@src"))


@settings(max_examples=100, deadline=None)
@given(WRITTEN, st.booleans())
def test_in_a_terminal_it_moves_and_hides_nothing(text: str, refusal: bool) -> None:
    answer, found = hostile(text, refusal=refusal)
    shown = io.StringIO()
    with redirect_stdout(shown):
        show_answer([EvidenceFound(found, 0.1), TextWritten(text), AnswerReady(answer)])
        show_passages(found)
    left = RICH_S_OWN.sub("", shown.getvalue())
    steering = [each for each in left if unicodedata.category(each) in ("Cc", "Cf")]
    assert set(steering) <= {"\n"}, repr(left)
    assert sys.stdout is not shown


def test_a_documents_own_number_does_not_pass_for_a_citation() -> None:
    from knowledge.cite import shown_text
    from knowledge.types import Sentence, Verdict

    forged = Sentence("The tower fell [2]. It was sold [17].", (1,), Verdict.SUPPORTED)
    code = Sentence("`x[0]` is the first.", (2,), Verdict.SUPPORTED)

    assert shown_text([forged]) == "The tower fell (2). It was sold (17). [1]"
    assert shown_text([code]) == "`x[0]` is the first. [2]"
