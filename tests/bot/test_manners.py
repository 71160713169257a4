"""Where, whom and how often the bot answers."""

from __future__ import annotations

import structlog

from bot.config import BotSettings
from tests.discord.stage import Stage, story


@story()
async def test_nobody_is_ever_pinged(stage: Stage) -> None:
    ada = stage.person("ada")
    await stage.finished(await ada.slash("ask", question="@everyone what is mode collapse?"))
    await stage.reply(await ada.say("@bot and @everyone what is a GAN?"))

    bodies = [s.body for s in stage.server.seen if s.method in {"POST", "PATCH"} and s.body]
    said = [body for body in bodies if "content" in body]
    assert said
    assert all(body["allowed_mentions"] == {"parse": []} for body in said)
    assert not any("@everyone" in body["content"] for body in said)


@story()
async def test_bots_and_unaddressed_messages_are_not_answered(stage: Stage) -> None:
    ada = stage.person("ada")
    from_bot = await ada.say("@bot what is mode collapse?", bot=True)
    overheard = await ada.say("what is mode collapse?")
    everyone = await ada.say("@everyone what is mode collapse?")

    await stage.reply(await ada.say("@bot what is a GAN?"))

    assert [question for question, *_ in stage.answerer.asked] == ["what is a GAN?"]
    assert not any(stage.replies(message) for message in (from_bot, overheard, everyone))


@story()
async def test_only_allowed_channels_and_their_threads_are_answered(stage: Stage) -> None:
    allowed = stage.server.world.channel("ask-here")
    thread = stage.server.world.channel("thread", parent=allowed)
    limited = stage.settings.model_copy(update={"allowed_channels": frozenset({allowed.id})})
    await stage.stop()
    stage.settings = limited
    await stage.start()
    ada = stage.person("ada")

    told = await stage.told(await ada.slash("ask", question="What is it?"))
    assert told.ephemeral
    assert f"Ask me in <#{allowed.id}>" in told.content
    assert (await stage.finished(await ada.at(allowed).slash("ask", question="What is it?"))).labels
    assert (await stage.finished(await ada.at(thread).slash("ask", question="And this?"))).labels


@story(allowed_roles=frozenset({777}))
async def test_only_allowed_roles_may_ask(stage: Stage) -> None:
    told = await stage.told(await stage.person("ada").slash("ask", question="What is it?"))
    assert "Only members with <@&777> may ask me" in told.content

    moderator = stage.person("mod", permissions=0x2000)
    assert (await stage.finished(await moderator.slash("ask", question="What is it?"))).labels
    asked = await stage.person("bob").say("@bot what is it?")
    (told,) = await stage.until(lambda: stage.replies(asked))
    assert "may ask me" in told.content
    reader = stage.person("cai", roles=[777])
    stage.server.world.roles[777] = "reader"
    await stage.server.gateway.emit("GUILD_ROLE_CREATE", {
        "guild_id": str(stage.server.world.guild),
        "role": stage.server.world.guild_payload()["roles"][1],
    })  # fmt: skip
    assert (await stage.reply(await reader.say("@bot what is it?"))).labels


@story(user_questions=2, window_minutes=5.0)
async def test_a_person_has_a_limit_and_is_told_when_to_come_back(stage: Stage) -> None:
    ada = stage.person("ada")
    for number in range(2):
        await stage.finished(await ada.slash("ask", question=f"Question {number}?"))

    told = await stage.told(await ada.slash("ask", question="Question 3?"))

    assert told.ephemeral
    assert "You have asked 2 questions in a short time" in told.content
    assert "Ask again in 5 minutes." in told.content
    assert (await stage.finished(await stage.person("bob").slash("ask", question="Mine?"))).labels


@story(guild_questions=1)
async def test_a_guild_has_a_limit_and_direct_messages_do_not_count(stage: Stage) -> None:
    await stage.finished(await stage.person("ada").slash("ask", question="The first?"))

    told = await stage.told(await stage.person("bob").slash("ask", question="The second?"))

    assert "This server has asked 1 question" in told.content
    cai = stage.person("cai").directly()
    assert (await stage.finished(await cai.slash("ask", question="The third?"))).labels


@story()
async def test_a_person_has_one_question_running_at_a_time(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    ada = stage.person("ada")
    first = await ada.slash("ask", question="The first?")
    await stage.told(first)

    by_command = await stage.told(await ada.slash("ask", question="The second?"))
    asked = await ada.say("@bot the third?")
    (by_mention,) = await stage.until(lambda: stage.replies(asked))

    assert by_command.ephemeral
    assert "still answering your last question" in by_command.content
    assert "still answering your last question" in by_mention.content
    stage.answerer.gate.set()
    await stage.finished(first)
    assert (await stage.finished(await ada.slash("ask", question="The fourth?"))).labels


@story(queue_length=1, concurrent_answers=1)
async def test_a_full_queue_says_so(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    sent = [await stage.person("ada").slash("ask", question="The first?")]
    await stage.told(sent[0])
    sent.append(await stage.person("bob").slash("ask", question="The second?"))
    await stage.told(sent[1])

    told = await stage.told(await stage.person("cai").slash("ask", question="The third?"))

    assert "the queue is full" in told.content
    stage.answerer.gate.set()
    for each in sent:
        await stage.finished(each)


@story(question_length=50)
async def test_an_endless_question_is_declined_with_its_length(stage: Stage) -> None:
    told = await stage.told(await stage.person("ada").slash("ask", question="why? " * 40))

    assert "at most 50 characters; that was 199" in told.content


@story()
async def test_missing_permissions_are_named_with_the_way_to_grant_them(stage: Stage) -> None:
    await stage.stop()
    stage.server.world.everyone = 0x400
    with structlog.testing.capture_logs() as logged:
        await stage.start()
        await stage.until(lambda: any(e["event"] == "ready" for e in logged))

    (warning,) = [e for e in logged if e["event"] == "missing permission"]
    assert "Send Messages" in warning["permissions"]
    assert "https://discord.com/oauth2/authorize?client_id=" in warning["help"]
    assert "\n" not in warning["help"]


def test_the_pace_of_edits_cannot_be_set_above_one_a_second() -> None:
    assert BotSettings(_env_file=None).edit_interval_s >= 1.0
    assert BotSettings.model_fields["edit_interval_s"].metadata[0].ge == 1.0
