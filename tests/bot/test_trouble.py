"""Faults of Discord, of the network and of the model: the person gets the answer or a sentence."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import structlog

from knowledge.errors import GenerationError
from knowledge.types import Answer
from tests.bot.scripted import PASSAGES, answered, evidence, refused
from tests.discord.rest import Sent
from tests.discord.stage import Stage, story
from tests.discord.world import Message

ORIGINAL = r"/messages/@original$"


async def reading(stage: Stage, *, private: bool = False) -> Sent:
    """A question whose evidence is shown, the model held back."""
    stage.answerer.hold_at = 1
    ada = stage.person("ada")
    sent = await ada.slash("ask", question="What is mode collapse?", private=private)
    await stage.told(sent)
    return sent


def answers(stage: Stage, messages: list[Message]) -> list[Message]:
    """Those of the messages that hold the whole answer."""
    return [m for m in messages if "Delete" in m.labels and not m.deleted]


@story()
async def test_a_429_storm_is_waited_out_and_edits_are_coalesced(stage: Stage) -> None:
    sent = await reading(stage)
    storm = stage.server.fail("PATCH", ORIGINAL, status=429, retry_after=0.15, times=4)
    before = len(stage.server.requests("PATCH", ORIGINAL))

    stage.answerer.pace = 0.02
    stage.answerer.gate.set()
    message = await stage.finished(sent)

    assert storm.hits == 4
    assert "[2]" in message.content
    # Of some twenty states, those that came during the storm were never sent.
    assert len(stage.server.requests("PATCH", ORIGINAL)) - before - storm.hits < 12


@story()
async def test_a_storm_that_outlasts_the_clients_patience_does_not_lose_the_answer(
    stage: Stage,
) -> None:
    sent = await reading(stage)
    stage.server.fail("PATCH", ORIGINAL, status=429, retry_after=0.01, times=7)

    stage.answerer.gate.set()

    assert "[2]" in (await stage.finished(sent)).content


@story()
async def test_server_errors_and_resets_are_tried_again(stage: Stage) -> None:
    sent = await reading(stage)
    stage.server.fail("PATCH", ORIGINAL, status=503, times=1)
    stage.server.fail("PATCH", ORIGINAL, reset=True, times=1)

    stage.answerer.gate.set()

    assert "[2]" in (await stage.finished(sent)).content


@story()
async def test_an_expired_token_goes_on_by_channel_message(stage: Stage) -> None:
    sent = await reading(stage)
    sent.expired = True

    stage.answerer.gate.set()
    (answer,) = await stage.until(lambda: answers(stage, stage.written(stage.hall)))

    assert answer is not sent.message
    assert "### What is mode collapse?" in answer.content
    await stage.until(lambda: sent.message.content == "-# Continued below.")
    assert sent.message.labels == []
    told = await stage.told(await stage.person("bob").press(answer, "Sources"))
    assert "Generative adversarial networks" in told.text


@story()
async def test_an_expired_private_answer_never_reaches_the_channel(stage: Stage) -> None:
    sent = await reading(stage, private=True)
    sent.expired = True

    stage.answerer.gate.set()
    direct = stage.server.world.direct(sent.person)
    (answer,) = await stage.until(lambda: answers(stage, stage.written(direct)))

    assert "[2]" in answer.content
    assert stage.written(stage.hall) == [sent.message]


@story()
async def test_a_message_deleted_under_the_bot_is_answered_in_private(stage: Stage) -> None:
    sent = await reading(stage)
    sent.message.deleted = True

    stage.answerer.gate.set()
    answer = await stage.finished(sent)

    assert answer.ephemeral
    assert "[2]" in answer.content
    assert len(answers(stage, stage.written(stage.hall))) == 1


@story()
async def test_a_deleted_reply_reaches_its_asker_directly(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    ada = stage.person("ada")
    asked = await ada.say("@bot what is mode collapse?")
    (shown,) = await stage.until(lambda: stage.replies(asked))
    shown.deleted = True

    stage.answerer.gate.set()
    direct = stage.server.world.direct(ada.user)
    await stage.until(lambda: answers(stage, stage.written(direct)))

    assert "was deleted" in stage.written(direct)[0].content


@story()
async def test_where_it_may_not_write_the_bot_answers_directly_and_says_why(stage: Stage) -> None:
    stage.hall.writable = False
    ada = stage.person("ada")

    await ada.say("@bot what is mode collapse?")
    direct = stage.server.world.direct(ada.user)
    await stage.until(lambda: answers(stage, stage.written(direct)))

    assert "**Send Messages**" in stage.written(direct)[0].content
    assert f"<#{stage.hall.id}>" in stage.written(direct)[0].content


@story()
async def test_with_no_way_left_the_bot_goes_on_with_the_next_question(stage: Stage) -> None:
    stage.hall.writable = False
    ada = stage.person("ada")
    stage.server.world.closed_to_bot.add(ada.user.id)
    with structlog.testing.capture_logs() as logged:
        await ada.say("@bot what is mode collapse?")
        await stage.until(lambda: any(e["event"] == "failed" for e in logged))

    assert (await stage.finished(await ada.slash("ask", question="What is a GAN?"))).labels
    await stage.until(lambda: stage.receipts.waiting.all() == ())


@story()
async def test_slash_commands_work_where_the_bot_may_not_write(stage: Stage) -> None:
    stage.hall.writable = False

    sent = await stage.person("ada").slash("ask", question="What is mode collapse?")

    assert "[2]" in (await stage.finished(sent)).content


@story()
async def test_a_gateway_that_drops_in_the_middle_loses_no_answer_and_no_question(
    stage: Stage,
) -> None:
    sent = await reading(stage)
    await stage.server.gateway.drop()
    later = await stage.person("bob").slash("ask", question="What is a VAE?")

    stage.answerer.gate.set()

    assert "[2]" in (await stage.finished(sent)).content
    assert "[2]" in (await stage.finished(later)).content
    assert len(stage.server.gateway.resumed) == 1
    assert len(stage.server.gateway.identified) == 1


@story()
async def test_a_connection_that_went_silent_is_noticed_and_resumed(stage: Stage) -> None:
    await stage.stop()
    stage.heartbeat_s = 1.5
    stage.server.gateway.heartbeat_ms = 300
    await stage.start()

    stage.server.gateway.fall_silent()
    await stage.person("ada").slash("ask", question="Lost in silence?")

    await stage.until(lambda: stage.server.gateway.resumed, seconds=20)
    await stage.until(lambda: stage.answerer.asked)
    assert stage.answerer.asked[0][0] == "Lost in silence?"


@story()
async def test_a_session_that_cannot_be_resumed_is_begun_anew(stage: Stage) -> None:
    sent = await reading(stage)
    stage.server.gateway.forget_session()
    await stage.server.gateway.drop()

    stage.answerer.gate.set()
    assert "[2]" in (await stage.finished(sent)).content

    # discord.py waits five seconds before it identifies again.
    await stage.until(lambda: len(stage.server.gateway.identified) == 2, seconds=15)
    await stage.until(lambda: stage.server.gateway.connected)
    assert (await stage.finished(await stage.person("bob").slash("ask", question="And?"))).labels


@story()
async def test_a_model_that_fails_is_told_with_an_id_that_the_log_has_too(stage: Stage) -> None:
    stage.answerer.error = GenerationError("The model ran out of memory. Use a smaller one.")
    with structlog.testing.capture_logs() as logged:
        sent = await stage.person("ada").slash("ask", question="What is mode collapse?")
        await stage.until(lambda: sent.message and "out of memory" in sent.message.content)

    assert sent.message.labels == []
    (name,) = re.findall(r"\(error (\w+)\)", sent.message.content)
    assert [e["id"] for e in logged if e["event"] == "failed"] == [name]


@story()
async def test_an_unknown_fault_shows_a_plain_sentence_and_no_details(stage: Stage) -> None:
    stage.answerer.error = ZeroDivisionError("secret details")

    asked = await stage.person("ada").say("@bot what is mode collapse?")
    (told,) = await stage.until(lambda: [m for m in stage.replies(asked) if "error" in m.content])

    assert "Something went wrong on my side" in told.content
    assert "secret" not in told.text


@story()
async def test_the_log_holds_no_words_of_people_unless_asked_to(stage: Stage) -> None:
    with structlog.testing.capture_logs() as logged:
        await stage.finished(await stage.person("ada").slash("ask", question="What of my secret?"))

    assert logged
    assert "secret" not in str(logged)


HOSTILE = (
    "@everyone <@123> <@&456> <#789> [click](https://evil.example) https://evil.example/a"
    " discord.gg/abcdef **bold** # heading\n# heading ||spoiler|| `code` <https://evil.example>"
    " </ask:1> <:smile:1> \u202ereversed \u200bhidden"
)


def hostile(question: str) -> Answer:
    """An answer all of whose texts try to get out."""
    passage = replace(PASSAGES[0], text=HOSTILE, title="@here [t](https://evil.example)")
    passage = replace(passage, source="javascript:alert(1)")
    found = tuple(replace(e, passage=passage) for e in evidence("gan-1"))
    answer = answered(question)
    cited = replace(answer.citations[0], quote=HOSTILE, title=passage.title, source=passage.source)
    spoken = replace(answer.sentences[0], text=HOSTILE)
    return replace(
        answer,
        text=f"{HOSTILE} [1]",
        sentences=(spoken,),
        citations=(cited,),
        nearest=found,
    )


def assert_harmless(body: dict[str, Any]) -> None:
    """Nothing in a message pings, links, invites or hides."""
    for text in [body["content"], *(e.get("description") or "" for e in body["embeds"])]:
        assert not re.search(r"@(everyone|here)", text)
        assert not re.search(r"(?<!\\)<[@#/:]", text)
        assert not re.search(r"(?<!\\)\]\((?!https://example\.org)", text)
        assert not re.search(r"https?://(?!example\.org)", text)
        assert "discord.gg/" not in text
        assert "\u202e" not in text
        assert "javascript:" not in text
        assert not re.search(r"(?m)^# ", text)
        assert not re.search(r"(?<!\\)\|\|", text)


@story()
async def test_hostile_documents_and_models_neither_ping_nor_link_nor_format(stage: Stage) -> None:
    ada = stage.person("ada")
    for write in (hostile, lambda q: replace(hostile(q), status=refused(q).status, citations=())):
        stage.answerer.write = write
        sent = await ada.slash("ask", question=f"{HOSTILE} {write.__name__}?")
        answer = await stage.finished(sent)
        for _, body in answer.history:
            assert_harmless(body)
        quotes = "Sources" if "Sources" in answer.labels else "Passages"
        assert_harmless((await stage.told(await ada.press(answer, quotes))).body)
        assert_harmless((await stage.told(await ada.slash("why"))).body)
