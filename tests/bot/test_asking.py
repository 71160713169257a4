"""Every way of asking, over real sockets."""

from __future__ import annotations

from tests.bot.scripted import refused
from tests.discord.stage import Stage, story


@story()
async def test_a_slash_command_is_answered_with_numbered_sources(stage: Stage) -> None:
    ada = stage.person("ada")

    sent = await ada.slash("ask", question="What is mode collapse?")
    message = await stage.finished(sent)

    assert "### What is mode collapse?" in message.content
    assert "only a few kinds of samples. [1]" in message.content
    assert "Generative adversarial networks" in message.text
    assert "Training › Mode collapse · page 3" in message.text
    assert "scripted-1b" in message.text
    assert "1.5 s" in message.text
    assert "1f3870be274" in message.text
    assert message.labels == ["Sources", "Follow up", "👍", "👎", "Delete"]


@story()
async def test_a_question_reaches_the_shared_library_and_the_guilds_own(stage: Stage) -> None:
    await stage.finished(await stage.person("ada").slash("ask", question="What is a GAN?"))

    assert stage.answerer.asked == [
        ("What is a GAN?", (), ("shared", f"guild:{stage.server.world.guild}"))
    ]


@story()
async def test_a_private_answer_is_seen_by_its_asker_only(stage: Stage) -> None:
    sent = await stage.person("ada").slash("ask", question="What is a GAN?", private=True)

    message = await stage.finished(sent)

    assert message.ephemeral
    assert message.seen_by is sent.person


@story()
async def test_a_mention_is_answered_by_a_reply(stage: Stage) -> None:
    asked = await stage.person("ada").say("@bot what is mode collapse?")

    answer = await stage.reply(asked)

    assert answer.content.startswith("Mode collapse is when")
    assert stage.answerer.asked[0][0] == "what is mode collapse?"
    assert stage.server.requests("POST", r"/typing$")


@story()
async def test_a_reply_to_an_answer_carries_the_conversation(stage: Stage) -> None:
    ada = stage.person("ada")
    first = await stage.reply(await ada.say("@bot what is mode collapse?"))
    second = await stage.reply(await ada.say("and how is it prevented?", reply_to=first))

    await stage.reply(await ada.say("since when?", reply_to=second))

    _, conversation, _ = stage.answerer.asked[-1]
    assert [question for question, _ in conversation] == [
        "what is mode collapse?",
        "and how is it prevented?",
    ]
    assert all(answer.startswith("Mode collapse is") for _, answer in conversation)


@story(conversation_turns=2)
async def test_a_conversation_is_bounded(stage: Stage) -> None:
    ada = stage.person("ada")
    answer = await stage.reply(await ada.say("@bot question 0"))
    for number in range(1, 4):
        answer = await stage.reply(await ada.say(f"question {number}", reply_to=answer))

    assert [question for question, _ in stage.answerer.asked[-1][1]] == ["question 1", "question 2"]


@story()
async def test_a_direct_message_needs_no_mention(stage: Stage) -> None:
    ada = stage.person("ada").directly()

    answer = await stage.reply(await ada.say("what is mode collapse?"))

    assert "[1]" in answer.content
    assert stage.answerer.asked[0][2] == ("shared",)


@story(direct_messages=False)
async def test_direct_messages_can_be_switched_off(stage: Stage) -> None:
    asked = await stage.person("ada").directly().say("what is mode collapse?")

    (told,) = await stage.until(lambda: stage.replies(asked))

    assert "Ask me in a server" in told.content
    assert not stage.answerer.asked


@story()
async def test_a_thread_is_a_place_like_any_other(stage: Stage) -> None:
    thread = stage.server.world.channel("a thread", parent=stage.hall)
    ada = stage.person("ada", channel=thread)

    assert (await stage.finished(await ada.slash("ask", question="What is a GAN?"))).labels
    assert (await stage.reply(await ada.say("@bot what is a VAE?"))).channel is thread


@story()
async def test_any_message_can_be_explained_with_sources(stage: Stage) -> None:
    said = await stage.person("bob").say("GANs sometimes suffer from mode collapse")

    sent = await stage.person("ada").menu("Explain with sources", said)
    message = await stage.finished(sent)

    assert stage.answerer.asked[0][0] == "GANs sometimes suffer from mode collapse"
    assert "[1]" in message.content
    assert not message.ephemeral


@story()
async def test_a_message_without_text_cannot_be_explained(stage: Stage) -> None:
    said = await stage.person("bob").say("")

    told = await stage.told(await stage.person("ada").menu("Explain with sources", said))

    assert told.ephemeral
    assert "no text" in told.content


@story()
async def test_a_follow_up_form_asks_on_and_remembers(stage: Stage) -> None:
    ada = stage.person("ada")
    answer = await stage.finished(await ada.slash("ask", question="What is mode collapse?"))

    opened = await ada.press(answer, "Follow up")
    sent = await ada.submit(opened, question="How is it prevented?")
    message = await stage.finished(sent)

    assert "### How is it prevented?" in message.content
    question, conversation, _ = stage.answerer.asked[-1]
    assert question == "How is it prevented?"
    assert conversation[0][0] == "What is mode collapse?"


@story()
async def test_a_refusal_says_what_is_missing_and_shows_the_nearest_passages(stage: Stage) -> None:
    stage.answerer.write = refused

    sent = await stage.person("ada").slash("ask", question="When was it sold?")
    message = await stage.finished(sent)

    assert "The documents don’t answer this." in message.content
    assert "No passage says when a company was sold." in message.content
    assert "Ian Goodfellow and his colleagues" in message.text
    assert message.labels[0] == "Ask the admins"
