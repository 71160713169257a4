"""The messages of a whole visit, drawn; set FOOTNOTE_PREVIEW to a folder to keep the pages."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

from knowledge.types import Sentence, Verdict
from tests.bot.scripted import COLLAPSE, PASSAGES, citation, partial, refused
from tests.discord.preview import Shot, markdown, page
from tests.discord.stage import Stage, story

# Read before any test begins: they run without the settings of whoever runs them.
KEPT = os.environ.get("FOOTNOTE_PREVIEW")


def made(folder: Path) -> Path:
    """The folder, which may be new."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@story(concurrent_answers=1)
async def test_a_visit_can_be_looked_at_in_dark_and_light_wide_and_narrow(stage: Stage) -> None:
    shots = [*await waiting_and_writing(stage), *await answers(stage), *await reading(stage)]

    folder = made(Path(KEPT or stage.home))
    for dark in (True, False):
        for width in (800, 380):
            drawn = page(shots, dark=dark, width=width)
            name = f"{'dark' if dark else 'light'}-{width}.html"
            (folder / name).write_text(drawn)
            assert all(shot.title in drawn for shot in shots)
            assert "\x00" not in drawn


async def waiting_and_writing(stage: Stage) -> list[Shot]:
    """The states before the answer."""
    stage.answerer.hold_at = 1
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await ada.slash("ask", question="What is mode collapse?")
    reads = dict((await stage.told(first)).body)
    second = await bob.slash("ask", question="How do I keep a GAN from collapsing?")
    queued = dict((await stage.told(second)).body)
    stage.answerer.gate.set()
    await stage.finished(first)
    await stage.finished(second)
    stage.answerer.gate = threading.Event()
    stage.answerer.hold_at = 18
    third = await ada.slash("ask", question="What is mode collapse, and how is it prevented?")
    await stage.until(lambda: third.message and "[1] Minibatch" in third.message.content)
    writes = dict(third.message.body)
    stage.answerer.gate.set()
    await stage.finished(third)
    return [
        Shot("in the queue", queued, used="ask"),
        Shot("reading", reads, used="ask"),
        Shot("writing", writes, used="ask"),
        Shot("answered", first.message.body, used="ask"),
    ]


async def answers(stage: Stage) -> list[Shot]:
    """The kinds of endings."""
    stage.answerer.hold_at = None
    ada = stage.person("ada")
    stage.answerer.write = partial
    some = await stage.reply(await ada.say("@bot when were GANs invented, and by whom?"))
    stage.answerer.write = refused
    none = await stage.finished(await ada.slash("ask", question="When was OpenAI sold to Apple?"))
    near = await stage.told(await ada.press(none, "Passages"))
    return [
        Shot("partly answered", some.body, reply_to="when were GANs invented, and by whom?"),
        Shot("refused", none.body, used="ask"),
        Shot("nearest passages", near.body, ephemeral=True),
    ]


async def reading(stage: Stage) -> list[Shot]:
    """What lies behind, and around."""
    ada = stage.person("ada")
    answer = await stage.finished(await ada.slash("ask", question="What is mode collapse?"))
    sources = await stage.told(await ada.press(answer, "Sources"))
    why = await stage.told(await ada.slash("why"))
    quote = citation(1, PASSAGES[0], COLLAPSE)
    date = citation(2, PASSAGES[1], "introduced generative adversarial networks in June 2014")
    stage.answerer.checks = (
        (Sentence("Mode collapse yields few kinds of samples.", (1,), Verdict.SUPPORTED), (quote,)),
        (
            Sentence("GANs came in 1999.", (2,), Verdict.CONTRADICTED, "2014 in the source"),
            (date,),
        ),
        (Sentence("They are the best models.", (), Verdict.UNSUPPORTED), ()),
    )
    said = await stage.person("bob").say("Some claims.")
    checked = await stage.told(await ada.menu("Fact-check", said))
    listed = await stage.told(await ada.slash("sources"))
    listed_body = dict(listed.body)
    (choice,) = await ada.autocomplete("sources", search="adversarial")
    opened = await stage.told(await ada.slash("sources", search=choice["value"]))
    helped = await stage.told(await ada.slash("help"))
    privacy = await stage.told(await ada.slash("privacy"))
    found = await stage.told(await ada.slash("sources", search="few kinds of samples"))
    shots = [
        Shot("answered again", answer.body, used="ask"),
        Shot("sources of an answer", sources.body),
        Shot("why", why.body),
        Shot("fact-check", checked.body),
        Shot("the documents", listed_body),
        Shot("a document", opened.body),
        Shot("found", found.body),
        Shot("help", helped.body),
        Shot("privacy", privacy.body),
    ]
    return [replace(shot, ephemeral=shot.title != "answered again") for shot in shots]


def test_markdown_is_drawn_as_discord_draws_it() -> None:
    drawn = markdown(
        "### A *b*\n> quote\n-# small\n- item\n\\*plain\\* **bold** [x](https://e.org)"
    )

    assert "<h3>A <i>b</i></h3>" in drawn
    assert "<blockquote><div>quote</div></blockquote>" in drawn
    assert "<small>small</small>" in drawn
    assert "*plain* <b>bold</b>" in drawn
    assert '<a href="https://e.org">x</a>' in drawn
