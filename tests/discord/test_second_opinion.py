"""Another model of Discord, made by others, agrees: simcord runs the same client in its own way.

Its clock is virtual and it holds the client in-process; what the loopback Discord takes for right
it judges by permissions, command trees and interaction rules of its own.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import simcord

from bot.client import FootnoteClient
from bot.receipts import Receipts
from knowledge.types import Sentence, Verdict
from tests.bot.scripted import COLLAPSE, PASSAGES, ScriptedAnswerer, ScriptedLibrary, citation
from tests.discord.play import unescaped
from tests.discord.stage import settings_for

BUTTONS = ["Sources", "Follow up", "👍", "👎", "Delete"]


@dataclass
class Place:
    """One channel of one server, and two who are in it."""

    hall: simcord.ChannelHandle
    ada: simcord.MemberActor
    bob: simcord.MemberActor
    client: FootnoteClient
    answerer: ScriptedAnswerer
    receipts: Receipts

    async def asked(self, question: str) -> simcord.ResponseMessage:
        """The answer to ada's question."""
        result = await self.ada.slash(self.hall, "ask", question=question)
        assert result.acknowledged
        assert result.response is not None
        return result.response


def seen(tell: Callable[[Place], Awaitable[None]]) -> Callable[[Path], None]:
    """Play an asynchronous test in a simulated server; an error in the client fails it."""

    def test(tmp_path: Path) -> None:
        asyncio.run(_play(tell, tmp_path))

    functools.update_wrapper(test, tell)
    test.__signature__ = inspect.signature(test, follow_wrapped=False)  # type: ignore[attr-defined]
    return test


async def _play(tell: Callable[[Place], Awaitable[None]], home: Path) -> None:
    answerer, receipts = ScriptedAnswerer(), Receipts(home / "receipts.sqlite")
    client = FootnoteClient(
        settings_for(home), answerer=answerer, library=ScriptedLibrary(), receipts=receipts
    )
    async with simcord.run(client) as env:
        guild = env.create_guild()
        hall = guild.create_text_channel("reading-room")
        ada, bob = (guild.add_member(env.create_user(name)) for name in ("ada", "bob"))
        await tell(Place(hall, ada, bob, client, answerer, receipts))
    receipts.close()


def labels(message: simcord.ResponseMessage) -> list[str]:
    """What a message's buttons say."""
    items = [item for row in message.components for item in row["components"]]
    return [item.get("label") or item["emoji"]["name"] for item in items]


@seen
async def test_a_command_is_answered_with_its_buttons(place: Place) -> None:
    answer = await place.asked("What is mode collapse?")

    assert "only a few kinds of samples. [1]" in answer.content
    assert labels(answer) == BUTTONS
    assert {"ask", "help", "privacy", "sources", "why"} <= set(
        place.ada.available_commands(place.hall)
    )


@seen
async def test_a_button_shows_the_sources_to_whoever_pressed_it(place: Place) -> None:
    answer = await place.asked("What is mode collapse?")

    pressed = await place.bob.click(answer.message, label="Sources")

    assert pressed.ephemeral
    assert pressed.response is not None
    shown = " ".join(each.description or "" for each in pressed.response.embeds)
    assert COLLAPSE in unescaped(shown)


@seen
async def test_a_form_takes_the_next_question(place: Place) -> None:
    answer = await place.asked("What is mode collapse?")

    opened = await place.ada.click(answer.message, label="Follow up")
    assert opened.modal is not None
    sent = await place.ada.submit_modal(opened, {"question": "How is it prevented?"})

    assert sent.response is not None
    assert "### How is it prevented?" in sent.response.content
    assert [question for question, _ in place.answerer.asked[-1][1]] == ["What is mode collapse?"]


@seen
async def test_a_form_with_a_menu_takes_the_reason_of_a_thumb_down(place: Place) -> None:
    answer = await place.asked("What is mode collapse?")
    thumb = answer.components[0]["components"][3]["custom_id"]

    opened = await place.bob.click(answer.message, custom_id=thumb)
    sent = await place.bob.submit_modal(opened, {"reason": ["wrong"], "comment": "Page 3."})

    assert sent.ephemeral
    receipt = place.receipts.by_message(answer.id)
    assert receipt is not None
    (kept,) = place.receipts.feedback(receipt.id)
    assert (kept.reason, kept.comment) == ("wrong", "Page 3.")


@seen
async def test_a_message_menu_checks_a_message(place: Place) -> None:
    quote = citation(1, PASSAGES[0], COLLAPSE)
    supported = Sentence("Mode collapse yields few kinds.", (1,), Verdict.SUPPORTED)
    place.answerer.checks = ((supported, (quote,)),)
    said = await place.bob.send(place.hall, "Mode collapse yields few kinds.")

    checked = await place.ada.context_menu(place.hall, "Fact-check", said)

    assert checked.ephemeral
    assert checked.response is not None
    assert "✅ 1 supported" in checked.response.content


@seen
async def test_titles_are_suggested(place: Place) -> None:
    (choice,) = await place.ada.autocomplete(place.hall, "sources", "search", "adversarial")

    assert choice["name"] == "Generative adversarial networks"


@seen
async def test_a_mention_is_replied_to(place: Place) -> None:
    asked = await place.ada.send(place.hall, f"<@{place.client.user.id}> what is mode collapse?")

    answer = place.hall.last_message
    assert answer.reference is not None
    assert answer.reference.message_id == asked.id
    assert "[1]" in answer.content


@seen
async def test_its_asker_deletes_an_answer_and_others_do_not(place: Place) -> None:
    answer = await place.asked("What is mode collapse?")

    told = await place.bob.click(answer.message, label="Delete")
    assert told.response is not None
    assert "Only the person who asked" in told.response.content
    await place.ada.click(answer.message, label="Delete")

    assert place.hall.last_message is None
