"""What stands under an answer, before and after a restart."""

from __future__ import annotations

from typing import Any

from tests.bot.scripted import COLLAPSE, PASSAGES, refused
from tests.discord.play import Person, unescaped
from tests.discord.stage import Stage, story
from tests.discord.world import Message


async def answer_to(stage: Stage, ada: Person, **options: Any) -> Message:
    """A finished answer."""
    return await stage.finished(await ada.slash("ask", question="What is it?", **options))


@story()
async def test_sources_shows_each_quote_verbatim_with_its_neighbours(stage: Stage) -> None:
    ada = stage.person("ada")
    answer = await answer_to(stage, ada)

    shown = await stage.told(await ada.press(answer, "Sources"))

    first = shown.body["embeds"][0]
    assert shown.ephemeral
    assert COLLAPSE in unescaped(first["description"])
    assert "**Mode collapse**" in first["description"]
    assert "A generative adversarial network trains two networks" in first["description"]
    assert "however varied the data is" in first["description"]
    assert first["title"] == "1 · Generative adversarial networks"
    assert first["url"] == "https://example.org/gan"
    assert "Training › Mode collapse · page 3" in first["description"]
    assert len(shown.body["embeds"]) == 2


@story()
async def test_sources_of_a_refusal_are_its_nearest_passages(stage: Stage) -> None:
    stage.answerer.write = refused
    ada = stage.person("ada")

    shown = await stage.told(await ada.press(await answer_to(stage, ada), "Passages"))

    assert PASSAGES[1].text in unescaped(shown.body["embeds"][0]["description"])


@story()
async def test_all_buttons_work_in_a_new_process(stage: Stage) -> None:
    ada = stage.person("ada")
    answer = await answer_to(stage, ada)
    await stage.stop()
    await stage.start()

    assert COLLAPSE in unescaped((await stage.told(await ada.press(answer, "Sources"))).text)
    assert "Thank you" in (await stage.told(await ada.press(answer, "👍"))).content
    opened = await ada.press(answer, "Follow up")
    await stage.until(lambda: opened.response)
    await stage.stop()
    await stage.start()
    follow_up = await stage.finished(await ada.submit(opened, question="And then?"))
    assert "### And then?" in follow_up.content
    await ada.press(answer, "Delete")
    await stage.until(lambda: answer.deleted)


@story()
async def test_a_thumb_up_is_kept(stage: Stage) -> None:
    ada = stage.person("ada")
    answer = await answer_to(stage, ada)

    await stage.told(await ada.press(answer, "👍"))

    (feedback,) = stage.receipts.feedback(stage.receipts.by_message(answer.id).id)
    assert (feedback.person, feedback.helpful) == (ada.user.id, True)


@story()
async def test_a_thumb_down_asks_for_its_reason_and_replaces_the_thumb_up(stage: Stage) -> None:
    ada = stage.person("ada")
    answer = await answer_to(stage, ada)
    await stage.told(await ada.press(answer, "👍"))

    opened = await ada.press(answer, "👎")
    sent = await ada.submit(opened, reason="source", comment=" page 3 says otherwise ")
    assert "Thank you" in (await stage.told(sent)).content

    (feedback,) = stage.receipts.feedback(stage.receipts.by_message(answer.id).id)
    assert (feedback.helpful, feedback.reason) == (False, "source")
    assert feedback.comment == "page 3 says otherwise"


@story()
async def test_the_asker_deletes_an_answer_with_its_receipt(stage: Stage) -> None:
    ada = stage.person("ada")
    answer = await answer_to(stage, ada)
    receipt = stage.receipts.by_message(answer.id)

    await ada.press(answer, "Delete")

    await stage.until(lambda: answer.deleted)
    await stage.until(lambda: stage.receipts.get(receipt.id) is None)


@story()
async def test_a_moderator_deletes_an_answer_and_others_do_not(stage: Stage) -> None:
    answer = await answer_to(stage, stage.person("ada"))

    told = await stage.told(await stage.person("bob").press(answer, "Delete"))
    assert "Only the person who asked, or a moderator" in told.content
    assert told.ephemeral
    assert not answer.deleted

    await stage.person("mod", permissions=0x2000).press(answer, "Delete")
    await stage.until(lambda: answer.deleted)


@story(admin_role=4242)
async def test_the_admin_role_counts_as_moderator(stage: Stage) -> None:
    stage.server.world.roles[4242] = "librarian"
    await stage.server.gateway.emit("GUILD_ROLE_CREATE", {
        "guild_id": str(stage.server.world.guild),
        "role": stage.server.world.guild_payload()["roles"][1],
    })  # fmt: skip
    answer = await answer_to(stage, stage.person("ada"))

    await stage.person("liz", roles=[4242]).press(answer, "Delete")

    await stage.until(lambda: answer.deleted)


@story()
async def test_an_unanswered_question_goes_on_the_admins_list_once(stage: Stage) -> None:
    stage.answerer.write = refused
    ada = stage.person("ada")
    answer = await answer_to(stage, ada)

    first = await stage.told(await ada.press(answer, "Ask the admins"))
    second = await stage.told(await stage.person("bob").press(answer, "Ask the admins"))

    assert "on the admins’ list." in first.content
    assert "already" in second.content
    (wish,) = stage.receipts.wishes.of(stage.server.world.guild)
    assert (wish.question, wish.asker, wish.channel) == ("What is it?", ada.user.id, stage.hall.id)


@story()
async def test_a_button_whose_receipt_is_gone_says_so(stage: Stage) -> None:
    ada = stage.person("ada")
    answer = await answer_to(stage, ada)
    stage.receipts.forget(ada.user.id)

    told = await stage.told(await ada.press(answer, "Sources"))

    assert "no longer have the record" in told.content


@story()
async def test_a_forged_custom_id_reveals_nothing(stage: Stage) -> None:
    ada, eve = stage.person("ada"), stage.person("eve")
    private = await answer_to(stage, ada, private=True)
    public = await answer_to(stage, eve)
    stolen = private.controls[0]["custom_id"]
    public.body["components"][0]["components"][0]["custom_id"] = stolen

    told = await stage.told(
        await eve.raw(3, {"custom_id": stolen, "component_type": 2}, source=public)
    )

    assert "no longer have the record" in told.content


@story()
async def test_a_forged_deletion_deletes_nothing(stage: Stage) -> None:
    ada, eve = stage.person("ada"), stage.person("eve")
    hers = await answer_to(stage, ada)
    own = await answer_to(stage, eve)
    receipt = stage.receipts.by_message(hers.id)
    forged = f"fn:delete:{receipt.id}:{eve.user.id}"
    own.body["components"][0]["components"][0]["custom_id"] = forged

    told = await stage.told(
        await eve.raw(3, {"custom_id": forged, "component_type": 2}, source=own)
    )

    assert "Only the person who asked" in told.content
    assert stage.receipts.get(receipt.id) is not None
    assert not hers.deleted


@story()
async def test_buttons_work_where_an_answer_was_sent_directly_instead(stage: Stage) -> None:
    stage.hall.writable = False
    ada = stage.person("ada")
    await ada.say("@bot what is mode collapse?")
    direct = ada.directly()
    answer = await stage.until(
        lambda: [m for m in stage.written(direct.channel) if "Sources" in m.labels]
    )

    shown = await stage.told(await direct.press(answer[0], "Sources"))

    assert COLLAPSE in unescaped(shown.text)


@story()
async def test_malformed_buttons_and_forms_get_a_plain_sentence_or_nothing(stage: Stage) -> None:
    eve = stage.person("eve")
    answer = await answer_to(stage, eve)
    for custom_id in ("fn:delete:x", "fn:sources:x:y", "fn:stop:", "fn:leaf:", "fn:document:a:b"):
        answer.body["components"][0]["components"][0]["custom_id"] = custom_id
        sent = await eve.raw(3, {"custom_id": custom_id, "component_type": 2}, source=answer)
        told = await stage.told(sent)
        assert told.ephemeral
        assert told.content
    await eve.raw(5, {"custom_id": "fn:nothing:", "components": []}, source=answer)
    await eve.raw(5, {"custom_id": "someone else's", "components": []}, source=answer)

    assert (await stage.finished(await eve.slash("ask", question="Still there?"))).labels
