"""People and the bot over real sockets, with the default models and the shipped documents."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.config import BotSettings
from bot.page import shortened
from bot.receipts import Receipt
from bot.serving import Shelves
from knowledge.types import Status
from tests.discord.play import unescaped
from tests.discord.server import TOKEN, Loopback
from tests.discord.stage import Stage
from tests.discord.world import Message, World

# Fetching the models, where they are missing, takes as long as the network does.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]

PATIENCE_S = 300.0
READER = 4242
COLLAPSE = "What is mode collapse?"
WORLD_CUP = "Who won the football World Cup in 1998?"


@dataclass
class Visit(Stage):
    """The stage with everything real behind it."""

    patience_s: float = PATIENCE_S

    def let_go(self) -> None:
        """Nothing is ever held back here."""

    def receipt(self, message: Message) -> Receipt:
        """What was kept of an answer."""
        found = self.receipts.by_message(message.id)
        assert found is not None
        return found


def visit(app: App, home: Path, tell: Callable[[Visit], Awaitable[None]], **changes: Any) -> None:
    """Play a story; nothing that Discord refuses may happen in it."""
    app.generator.load()
    settings = BotSettings(_env_file=None, home=home, discord_token=TOKEN, **changes)

    async def play() -> None:
        server = Loopback(world=World(roles={READER: "reader"}))
        shelves = Shelves(app)
        async with Visit(home, settings, server, app.answerer, shelves) as stage:
            await tell(stage)
            await stage.stop()
            assert not stage.server.violations, "\n".join(stage.server.violations)

    asyncio.run(play())


def assert_cited(stage: Visit, message: Message) -> None:
    """The message shows each sentence of its receipt with its numbers, and each source."""
    answer = stage.receipt(message).answer
    assert answer.status is not Status.REFUSED
    assert answer.citations
    text = unescaped(message.text)
    assert answer.text in text
    for source in answer.citations:
        assert source.title in text
        assert shortened(source.quote, 60).rstrip("…") in text
    assert answer.model in text
    assert f"index {answer.library_version}" in text
    assert re.search(r"\d\.\d s", text)
    assert message.labels == ["Sources", "Follow up", "👍", "👎", "Delete"]


def test_a_question_and_all_that_can_be_done_with_its_answer(real_app: App, tmp_path: Path) -> None:
    async def tell(stage: Visit) -> None:
        ada = stage.person("ada")
        sent = await ada.slash("ask", question=COLLAPSE)
        message = await stage.finished(sent)
        assert_cited(stage, message)
        await streamed(message)
        await looked_into(stage, message)
        await judged(stage, message)
        await asked_on(stage, message)

        again = await stage.finished(await stage.person("bob").slash("ask", question=COLLAPSE))
        assert "Answered before, on" in again.text
        await ada.press(message, "Delete")
        await stage.until(lambda: message.deleted)
        await stage.until(lambda: stage.receipts.by_message(message.id) is None)

    visit(real_app, tmp_path, tell)


async def streamed(message: Message) -> None:
    """Promised, then the evidence, then the text as it grew, no edit sooner than a second."""
    (_, promised), (_, first), *_ = message.history
    assert not promised["content"]
    assert "In the documents" in first["embeds"][0]["title"]
    assert "▍" not in first["content"]
    writing = [body["content"] for _, body in message.history if "▍" in body["content"]]
    assert writing
    assert all(len(a) <= len(b) for a, b in pairwise(writing))
    edits = [at for at, _ in message.history[1:]]
    assert all(b - a >= 1.0 for a, b in pairwise(edits))


async def looked_into(stage: Visit, message: Message) -> None:
    """Sources and /why show what the answer stands on, to whoever looks."""
    bob = stage.person("bob")
    receipt = stage.receipt(message)
    sources = await stage.told(await bob.press(message, "Sources"))
    assert sources.ephemeral
    for source in receipt.answer.citations:
        assert " ".join(source.quote.split()) in " ".join(unescaped(sources.text).split())
    (choice,) = await bob.autocomplete("why", answer="collapse")
    why = await stage.told(await bob.slash("why", answer=choice["value"]))
    assert "✅" in why.text
    assert receipt.id in why.text
    assert receipt.evidence[0].passage.title in unescaped(why.text)


async def judged(stage: Visit, message: Message) -> None:
    """A thumb up, and a thumb down with its reason."""
    assert "Thank you" in (await stage.told(await stage.person("bob").press(message, "👍"))).content
    opened = await stage.person("cai").press(message, "👎")
    sent = await stage.person("cai").submit(opened, reason="unclear", comment="Too short.")
    assert "Thank you" in (await stage.told(sent)).content
    kept = stage.receipts.feedback(stage.receipt(message).id)
    assert sorted(each.helpful for each in kept) == [False, True]


async def asked_on(stage: Visit, message: Message) -> None:
    """The form under an answer takes the next question, which knows the one before."""
    ada = stage.person("ada")
    opened = await ada.press(message, "Follow up")
    sent = await ada.submit(opened, question="How can it be reduced?")
    answer = await stage.finished(sent)
    receipt = stage.receipt(answer)
    assert receipt.parent == stage.receipt(message).id
    assert "collapse" in " ".join(each.passage.text for each in receipt.evidence).lower()


def test_a_question_nobody_answers_is_refused_in_private_and_put_on_the_list(
    real_app: App, tmp_path: Path
) -> None:
    async def tell(stage: Visit) -> None:
        ada = stage.person("ada")
        sent = await ada.slash("ask", question=WORLD_CUP, private=True)
        message = await stage.finished(sent)
        assert message.ephemeral
        assert "The documents don’t answer this." in message.content
        assert "The nearest passages" in message.text
        assert message.labels[:2] == ["Ask the admins", "Passages"]
        near = await stage.told(await ada.press(message, "Passages"))
        first = stage.receipt(message).answer.nearest[0].passage
        assert first.title in unescaped(near.text)
        told = await stage.told(await ada.press(message, "Ask the admins"))
        assert "on the admins’ list" in told.content
        assert [each.question for each in stage.receipts.wishes.of(stage.server.world.guild)] == [
            WORLD_CUP
        ]
        spied = await stage.told(await stage.person("eve").press(message, "Passages"))
        assert "no longer have the record" in spied.content

    visit(real_app, tmp_path, tell)


def test_mentions_replies_direct_messages_and_menus(real_app: App, tmp_path: Path) -> None:
    async def tell(stage: Visit) -> None:
        ada, bob = stage.person("ada"), stage.person("bob")
        first = await stage.reply(await ada.say("@bot who introduced GANs, and when?"))
        assert_cited(stage, first)
        assert "Goodfellow" in first.content
        assert "2014" in first.content
        second = await stage.reply(await ada.say("and what is a GAN?", reply_to=first))
        assert stage.receipt(second).parent == stage.receipt(first).id

        direct = await stage.reply(await ada.directly().say(WORLD_CUP))
        assert "The documents don’t answer this." in direct.content

        claims = "Ian Goodfellow introduced GANs in June 2014. GANs were introduced in 1999."
        said = await bob.say(claims)
        checked = await stage.told(await ada.menu("Fact-check", said))
        assert checked.ephemeral
        assert "✅ 1 supported" in checked.content
        assert "✅ 2" not in checked.content
        assert "2014" in checked.text
        explained = await stage.finished(
            await ada.menu("Explain with sources", await bob.say("mode collapse"))
        )
        assert not explained.ephemeral
        assert_cited(stage, explained)

    visit(real_app, tmp_path, tell)


def test_the_documents_the_help_and_what_is_kept(real_app: App, tmp_path: Path) -> None:
    async def tell(stage: Visit) -> None:
        ada = stage.person("ada")
        listed = await stage.told(await ada.slash("sources"))
        assert f"{len(real_app.library.documents())} documents" in listed.text
        before = listed.text
        await ada.press(listed, "›")
        await stage.until(lambda: listed.text != before)
        suggested = await ada.autocomplete("sources", search="mode collapse")
        opened = await stage.told(await ada.slash("sources", search=suggested[0]["value"]))
        assert suggested[0]["name"] in unescaped(opened.text)
        found = await stage.told(await ada.slash("sources", search="few kinds of output"))
        assert "mode collapse" in unescaped(found.text).lower()

        assert "/ask" in (await stage.told(await ada.slash("help"))).text
        privacy = await stage.told(await ada.slash("privacy"))
        exported = await stage.told(await ada.press(privacy, "Export mine"))
        ((_, raw),) = exported.files
        assert json.loads(raw)["answers"] == []

    visit(real_app, tmp_path, tell)


def test_a_restart_in_the_middle_loses_neither_the_question_nor_the_buttons(
    real_app: App, tmp_path: Path
) -> None:
    async def tell(stage: Visit) -> None:
        ada, bob = stage.person("ada"), stage.person("bob")
        refused = await stage.finished(await bob.slash("ask", question=WORLD_CUP))
        sent = await ada.slash("ask", question=COLLAPSE)
        await stage.until(lambda: sent.message and "In the documents" in sent.message.text)

        await stage.stop()
        assert "Your question is kept" in sent.message.content
        await stage.start()

        message = await stage.finished(sent)
        assert_cited(stage, message)
        assert "Thank you" in (await stage.told(await bob.press(message, "👍"))).content
        near = await stage.told(await bob.press(refused, "Passages"))
        assert stage.receipt(refused).answer.nearest[0].passage.title in unescaped(near.text)
        await bob.press(refused, "Delete")
        await stage.until(lambda: refused.deleted)

    visit(real_app, tmp_path, tell, shutdown_grace_s=0.0)


def test_roles_limits_the_queue_and_stopping(real_app: App, tmp_path: Path) -> None:
    async def tell(stage: Visit) -> None:
        ada = stage.person("ada", roles=[READER])
        bob = stage.person("bob", roles=[READER])
        eve = await stage.told(await stage.person("eve").slash("ask", question=COLLAPSE))
        assert "may ask me" in eve.content

        first = await ada.slash("ask", question=COLLAPSE)
        await stage.until(lambda: first.message and "In the documents" in first.message.text)
        busy = await stage.told(await ada.slash("ask", question="And what is a GAN?"))
        assert "still answering your last question" in busy.content
        second = await bob.slash("ask", question="What is a latent space?")
        await stage.until(lambda: second.message and "In the documents" in second.message.text)
        assert "1 question before yours" in second.message.content
        await bob.press(second.message, "Stop")
        await stage.until(lambda: "Stopped before it began" in second.message.content)
        await ada.press(first.message, "Stop")
        assert "⏹ Stopped early" in (await stage.finished(first)).content
        limited = await stage.told(await bob.slash("ask", question=COLLAPSE))
        assert "which is the limit" in limited.content

    changes = {"allowed_roles": [READER], "user_questions": 1, "concurrent_answers": 1}
    visit(real_app, tmp_path, tell, **changes)
