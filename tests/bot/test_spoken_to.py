"""What people do when they speak to the bot: they greet, forget the question, take it back."""

from __future__ import annotations

from tests.bot.hall import Hall, hall_story
from tests.bot.test_knowledge import LATE, approved
from tests.discord.stage import Stage, story

NO_EMBEDS = 0x400 | 0x800 | 0x10000 | 1 << 38


@story()
async def test_a_mention_without_a_question_is_greeted_and_told_how_to_ask(stage: Stage) -> None:
    asked = await stage.person("ada").say("@bot")
    (told,) = await stage.until(lambda: stage.replies(asked))
    assert "mention me with your question" in told.content
    for command in ("/ask", "/sources", "/help"):
        assert command in told.content
    assert not stage.answerer.asked
    assert (await stage.reply(await stage.person("ada").say("@bot what is a GAN?"))).labels


@story()
async def test_a_mention_under_somebody_elses_message_is_told_of_the_menu(stage: Stage) -> None:
    said = await stage.person("bob").say("Mode collapse is a myth.")
    asked = await stage.person("ada").say("@bot", reply_to=said)
    (told,) = await stage.until(lambda: stage.replies(asked))
    assert "Explain with sources" in told.content


@story()
async def test_an_attachment_alone_is_not_read_and_said_so(stage: Stage) -> None:
    ada = stage.person("ada")
    asked = await ada.say("@bot", file=("notes.pdf", b"%PDF-1.4"))
    (told,) = await stage.until(lambda: stage.replies(asked))
    assert "do not read attachments" in told.content
    assert "/knowledge add file" in told.content


@story(direct_messages=False)
async def test_an_empty_message_where_nobody_may_ask_is_told_that(stage: Stage) -> None:
    asked = await stage.person("ada").directly().say("…".strip("…"))
    (told,) = await stage.until(lambda: stage.replies(asked))
    assert "don't answer direct messages" in told.content


@story()
async def test_a_question_that_is_deleted_while_it_is_answered_is_let_go(stage: Stage) -> None:
    stage.answerer.hold_at = 3
    ada = stage.person("ada")
    asked = await ada.say("@bot what is mode collapse?")
    (shown,) = await stage.until(lambda: stage.replies(asked))
    await stage.until(lambda: "Stop" in shown.labels)

    await ada.take_back(asked)

    await stage.until(lambda: shown.deleted)
    await stage.until(lambda: not stage.receipts.waiting.all())
    await stage.until(lambda: not stage.answerer.running)
    stage.answerer.hold_at = None
    assert (await stage.reply(await ada.say("@bot what is a GAN?"))).labels
    assert len(stage.replies(asked)) == 1


@story(concurrent_answers=1)
async def test_a_deleted_question_leaves_the_queue(stage: Stage) -> None:
    stage.answerer.hold_at = 1
    first = await stage.person("ada").say("@bot what is mode collapse?")
    await stage.until(lambda: stage.replies(first))
    bob = stage.person("bob")
    second = await bob.say("@bot what is a GAN?")
    (waiting,) = await stage.until(lambda: stage.replies(second))

    await bob.take_back(second)

    await stage.until(lambda: waiting.deleted)
    stage.answerer.gate.set()
    await stage.reply(first)
    assert [question for question, *_ in stage.answerer.asked] == ["what is mode collapse?"]


@story()
async def test_an_answer_stays_when_its_question_is_deleted_later(stage: Stage) -> None:
    ada = stage.person("ada")
    asked = await ada.say("@bot what is mode collapse?")
    answer = await stage.reply(asked)
    await ada.take_back(asked)
    await stage.reply(await stage.person("bob").say("@bot what is a GAN?"))
    assert not answer.deleted


@story()
async def test_a_post_of_a_forum_is_a_place_like_any_other(stage: Stage) -> None:
    forum = stage.server.world.channel("questions")
    forum.type = 15
    post = stage.server.world.channel("what is mode collapse?", parent=forum)
    ada = stage.person("ada", channel=post)
    answer = await stage.reply(await ada.say("@bot what is mode collapse?"))
    assert answer.channel is post
    again = await stage.reply(await ada.say("and how is it avoided?", reply_to=answer))
    assert stage.receipts.by_message(again.id).parent == stage.receipts.by_message(answer.id).id


@story()
async def test_where_sources_would_be_dropped_the_missing_permission_is_named(
    stage: Stage,
) -> None:
    await stage.stop()
    stage.server.world.everyone = NO_EMBEDS
    await stage.start()
    asked = await stage.person("ada").say("@bot what is mode collapse?")
    await stage.reply(asked)
    assert any("**Embed Links**" in each.content for each in stage.written(stage.hall))


@story()
async def test_two_people_who_press_the_same_button_each_get_their_own_view(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    answer = await stage.finished(await ada.slash("ask", question="What is mode collapse?"))
    pressed = [await who.press(answer, "Sources") for who in (ada, bob, ada)]
    shown = [await stage.told(each) for each in pressed]
    assert len({each.id for each in shown}) == 3
    assert all(each.ephemeral for each in shown)
    for who in (ada, bob, bob):
        await stage.told(await who.press(answer, "👍"))
    kept = stage.receipts.feedback(stage.receipts.by_message(answer.id).id)
    assert len(kept) == 2


@hall_story()
async def test_a_follow_up_after_the_documents_changed_is_answered_from_the_new_ones(
    hall: Hall,
) -> None:
    ada, bob = hall.admin(), hall.person("bob")
    await approved(hall, ada)
    old = await hall.finished(await bob.slash("ask", question="When does the reading room open?"))
    await approved(hall, ada, text=LATE)
    await hall.until(lambda: "The documents have changed" in old.text)
    form = await bob.press(old, "Follow up")
    new = await hall.finished(await bob.submit(form, question="When does the room open today?"))
    assert "at ten" in new.text
    assert "at nine" not in new.content
