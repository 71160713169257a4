"""The answer while it is on its way: promised, shown, coalesced, stopped."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from tests.bot.scripted import ScriptedAnswerer, answered
from tests.discord.rest import Sent
from tests.discord.stage import Stage, story
from tests.discord.world import Message


def states(message: Message) -> list[str]:
    """What a message said, one state after the other."""
    return [body["content"] for _, body in message.history]


@story()
async def test_evidence_comes_first_then_text_then_the_final_form(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent = await stage.person("ada").slash("ask", question="What is mode collapse?")
    message = await stage.told(sent)

    shown = message.text
    assert "Reading what the documents say" in shown
    assert "> Mode collapse occurs when the generator produces only a few kinds" in shown
    assert message.labels == ["Stop"]

    stage.answerer.pace = 0.02
    stage.answerer.gate.set()
    await stage.finished(sent)
    said = states(message)
    growing = [state for state in said if "▍" in state]
    assert growing
    assert all(len(a) <= len(b) + 10 for a, b in pairwise(growing))
    assert "▍" not in said[-1]


@story()
async def test_checked_sentences_carry_their_numbers_while_the_next_is_written(
    stage: Stage,
) -> None:
    first = len(answered("").sentences[0].text.split())
    stage.answerer.hold_at = first + 4  # the evidence, the words, the verdict, two words more
    sent = await stage.person("ada").slash("ask", question="What is mode collapse?")

    await stage.until(lambda: sent.message and "Minibatch discrimination ▍" in sent.message.content)

    assert "kinds of samples. [1] Minibatch" in sent.message.content
    stage.answerer.gate.set()
    await stage.finished(sent)


async def four_ask(stage: Stage) -> list[Sent]:
    """Four people ask at once; returns when each sees evidence, in no time."""
    people = [stage.person(name) for name in ("ada", "bob", "cai", "dee")]
    sent = await asyncio.gather(
        *(person.slash("ask", question=f"What is thing {n}?") for n, person in enumerate(people))
    )
    messages = [await stage.told(each) for each in sent]

    assert all(each.seconds_to_acknowledge < 1.0 for each in sent)
    for each, message in zip(sent, messages, strict=True):
        await stage.until(lambda m=message: "Mode collapse occurs" in m.text)
        assert message.history[-1][0] - each.started < 1.5
    return list(sent)


@story(concurrent_answers=1)
async def test_four_people_are_promised_an_answer_and_shown_evidence_at_once(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent = await four_ask(stage)

    stage.answerer.gate.set()
    for each in sent:
        await stage.finished(each)
    assert stage.answerer.most_running == 1
    assert len(stage.answerer.threads) == 1


@story()
async def test_four_answers_are_written_at_once_and_a_fifth_waits(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent = await four_ask(stage)
    await stage.until(lambda: stage.answerer.running == 4)
    fifth = await stage.person("eve").slash("ask", question="And this?")
    assert "4 questions before yours" in (await stage.told(fifth)).content

    stage.answerer.gate.set()
    for each in (*sent, fifth):
        assert "[2]" in (await stage.finished(each)).content
    assert stage.answerer.most_running == 4


@story()
async def test_a_question_that_need_not_wait_shows_evidence_before_it_is_retrieved(
    stage: Stage,
) -> None:
    stage.answerer.hold_at = 0
    first = await stage.person("ada").slash("ask", question="The first?")
    await stage.until(lambda: stage.answerer.running == 1)

    second = await stage.person("bob").slash("ask", question="The second?")

    await stage.until(lambda: second.message and "Mode collapse occurs" in second.message.text)
    assert "Reading what the documents say" in second.message.text
    await stage.until(lambda: stage.answerer.running == 2)
    stage.answerer.gate.set()
    for each in (first, second):
        await stage.finished(each)


@story()
async def test_stopping_one_of_several_ends_it_and_no_other(stage: Stage) -> None:
    stage.answerer.hold_at = 3
    ada, bob = stage.person("ada"), stage.person("bob")
    mine = await ada.slash("ask", question="The first?")
    other = await bob.slash("ask", question="The second?")
    for each in (mine, other):
        await stage.until(lambda e=each: e.message and "Mode collapse ▍" in e.message.content)

    await ada.press(mine.message, "Stop")

    assert "⏹ Stopped" in (await stage.finished(mine)).content
    assert other.message.labels == ["Stop"]
    stage.answerer.gate.set()
    assert "[2]" in (await stage.finished(other)).content


@story(concurrent_answers=1)
async def test_the_place_in_the_queue_is_shown_and_moves_up(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent: list[Sent] = []
    for name in ("ada", "bob", "cai"):
        sent.append(await stage.person(name).slash("ask", question=f"{name}'s question?"))
        await stage.told(sent[-1])

    assert "1 question before yours · starts in about" in sent[1].message.content
    assert "2 questions before yours" in sent[2].message.content

    stage.answerer.gate.set()
    for each in sent:
        await stage.finished(each)
    assert [question for question, *_ in stage.answerer.asked] == [
        "ada's question?",
        "bob's question?",
        "cai's question?",
    ]


@story()
async def test_stop_keeps_what_is_written_and_is_not_given_again(stage: Stage) -> None:
    stage.answerer.hold_at = 3
    ada = stage.person("ada")
    sent = await ada.slash("ask", question="What is mode collapse?")
    await stage.until(lambda: sent.message and "Mode collapse ▍" in sent.message.content)

    await ada.press(sent.message, "Stop")
    message = await stage.finished(sent)

    assert "⏹ Stopped" in message.content
    stage.answerer.hold_at = None
    again = await stage.finished(await ada.slash("ask", question="What is mode collapse?"))
    assert "Answered before" not in again.text


@story()
async def test_only_the_asker_or_a_moderator_stops_an_answer(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent = await stage.person("ada").slash("ask", question="What is mode collapse?")
    message = await stage.told(sent)

    refused = await stage.told(await stage.person("bob").press(message, "Stop"))
    assert "Only the person who asked" in refused.content
    assert message.labels == ["Stop"]

    await stage.person("mod", permissions=0x2000).press(message, "Stop")
    assert "Stopped" in (await stage.finished(sent)).content


@story(concurrent_answers=1)
async def test_a_question_in_the_queue_can_be_stopped_before_it_starts(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    first = await stage.person("ada").slash("ask", question="The first?")
    await stage.told(first)
    bob = stage.person("bob")
    waiting = await bob.slash("ask", question="The second?")

    await bob.press(await stage.told(waiting), "Stop")

    await stage.until(lambda: "Stopped before it began" in waiting.message.content)
    assert waiting.message.labels == []
    stage.answerer.gate.set()
    await stage.finished(first)
    assert [question for question, *_ in stage.answerer.asked] == ["The first?"]


@story(edit_interval_s=1.0)
async def test_a_message_is_never_edited_more_than_once_a_second(stage: Stage) -> None:
    stage.answerer.pace = 0.08
    sent = await stage.person("ada").slash("ask", question="What is mode collapse?")
    await stage.finished(sent)

    edits = [seen.at for seen in stage.server.requests("PATCH", r"@original$")]
    assert len(edits) >= 2
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(edits))


@story()
async def test_a_long_answer_goes_on_in_further_messages_split_at_sentences(stage: Stage) -> None:
    sentence = "The generator and the discriminator play a game that neither of them wins."
    code = "```python\n" + "loss = criterion(output, target)\n" * 60 + "```"
    long = " ".join([sentence] * 60) + f"\n\n{code}\n\n" + " ".join([sentence] * 10)
    stage.answerer = stage.client.services.asking._drafting._answerer = ScriptedAnswerer(
        write=lambda question: answered(question, text=long)
    )

    sent = await stage.person("ada").slash("ask", question="Tell me all about it?")
    await stage.finished(sent)
    messages = [sent.message, *sent.follow_ups]

    assert len(messages) > 2
    assert all(len(message.content) <= 2000 for message in messages)
    assert all(message.content.count("```") % 2 == 0 for message in messages)
    assert messages[0].content.rstrip().endswith((".", "```"))
    assert [bool(message.labels) for message in messages] == [False] * (len(messages) - 1) + [True]


@story(answer_timeout_s=0.2)
async def test_an_answer_that_takes_too_long_is_cut_short(stage: Stage) -> None:
    stage.answerer.hold_at = 3

    sent = await stage.person("ada").slash("ask", question="What is mode collapse?")

    assert "Stopped" in (await stage.finished(sent)).content


@story()
async def test_the_same_question_is_answered_from_its_receipt_and_says_so(stage: Stage) -> None:
    await stage.finished(await stage.person("ada").slash("ask", question="What is mode collapse?"))

    again = await stage.finished(
        await stage.person("bob").slash("ask", question="  what is MODE collapse ")
    )

    assert len(stage.answerer.asked) == 1
    assert "Answered before, on" in again.text
    assert "the evidence is unchanged" in again.text


@story()
async def test_a_private_question_is_not_given_away_by_answering_from_it(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await stage.finished(await ada.slash("ask", question="A secret?", private=True))

    message = await stage.finished(await bob.slash("ask", question="A secret?"))

    assert "Answered before" not in message.text


@story()
async def test_changed_evidence_is_asked_about_anew(stage: Stage) -> None:
    ada = stage.person("ada")
    await stage.finished(await ada.slash("ask", question="What is mode collapse?"))
    stage.library.version = "another"

    message = await stage.finished(await ada.slash("ask", question="What is mode collapse?"))

    assert len(stage.answerer.asked) == 2
    assert "Answered before" not in message.text
