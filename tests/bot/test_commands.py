"""/sources, /why, /help, /privacy, Fact-check, and how commands become known."""

from __future__ import annotations

import json

from knowledge.types import DocumentInfo, Sentence, Verdict
from tests.bot.scripted import COLLAPSE, PASSAGES, citation, partial
from tests.discord.play import unescaped
from tests.discord.stage import Stage, story


def many(number: int, scope: str = "shared") -> tuple[DocumentInfo, ...]:
    """Documents to leaf through."""
    return tuple(
        DocumentInfo(f"d{n}", f"Document {n:02}", scope, 3, "a", summary="About something.")
        for n in range(number)
    )


@story()
async def test_sources_lists_the_documents_page_by_page(stage: Stage) -> None:
    stage.library.more = many(20)
    ada = stage.person("ada")

    message = await stage.told(await ada.slash("sources"))
    assert message.ephemeral
    assert "22 documents" in message.text
    assert "1 / 3" in message.labels
    before = message.text

    await ada.press(message, "›")
    await stage.until(lambda: message.text != before)
    assert "2 / 3" in message.labels
    assert "Document 08" in message.text


@story()
async def test_a_document_opens_with_its_outline_and_leafs_through_its_passages(
    stage: Stage,
) -> None:
    ada = stage.person("ada")
    message = await stage.told(await ada.slash("sources"))
    gan = next(
        option["value"]
        for item in message.controls
        for option in item.get("options", [])
        if option["label"] == "Generative adversarial networks"
    )

    await ada.choose(message, gan)
    await stage.until(lambda: "All documents" in message.labels)
    assert "- Mode collapse" in message.text
    assert "Two networks that train each other." in message.text

    await ada.press(message, "›")
    await stage.until(lambda: "2 / 2" in message.labels)
    assert PASSAGES[0].text in unescaped(message.text)

    await ada.press(message, "All documents")
    await stage.until(lambda: "Variational autoencoders" in message.text)


@story()
async def test_sources_suggests_titles_and_opens_what_was_chosen(stage: Stage) -> None:
    stage.library.more = many(40)
    ada = stage.person("ada")

    everything = await ada.autocomplete("sources", search="")
    (choice,) = await ada.autocomplete("sources", search="adversarial")
    message = await stage.told(await ada.slash("sources", search=choice["value"]))

    assert len(everything) == 25
    assert choice["name"] == "Generative adversarial networks"
    assert "- Mode collapse" in message.text


@story()
async def test_sources_searches_for_words_that_are_no_title(stage: Stage) -> None:
    message = await stage.told(await stage.person("ada").slash("sources", search="few samples"))

    assert "Found for “few samples”" in message.text
    assert "**few** kinds of **samples**" in message.text


@story()
async def test_another_guilds_documents_are_neither_listed_nor_suggested(stage: Stage) -> None:
    stage.library.more = many(1, scope="guild:1")
    ada = stage.person("ada")

    assert "Document 00" not in (await stage.told(await ada.slash("sources"))).text
    assert await ada.autocomplete("sources", search="Document") == []


@story()
async def test_why_shows_verdicts_reasons_scores_and_versions(stage: Stage) -> None:
    stage.answerer.write = partial
    ada = stage.person("ada")
    await stage.finished(await ada.slash("ask", question="What is mode collapse?"))

    message = await stage.told(await ada.slash("why"))

    assert message.ephemeral
    assert "✅ Mode collapse is when" in message.text
    assert "⚪ It was invented in 1999." in message.text
    assert "1999 is nowhere" in message.text
    assert "`+5.0` `0.80`" in message.text
    assert "scripted-1b" in message.text
    assert "tokens 300 read, 40 written" in message.text


@story()
async def test_why_offers_the_answers_of_this_channel_that_one_may_see(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await stage.finished(await ada.slash("ask", question="A public question?"))
    await stage.finished(await ada.slash("ask", question="A private question?", private=True))

    hers = [choice["name"] for choice in await ada.autocomplete("why", answer="")]
    his = await bob.autocomplete("why", answer="")

    assert len(hers) == 2
    assert [choice["name"].endswith("A public question?") for choice in his] == [True]
    shown = await stage.told(await bob.slash("why", answer=his[0]["value"]))
    assert "Why: A public question?" in shown.text


@story()
async def test_why_does_not_reach_into_other_channels(stage: Stage) -> None:
    closed = stage.server.world.channel("closed")
    secret = await stage.finished(
        await stage.person("ada", channel=closed).slash("ask", question="A closed question?")
    )
    eve = stage.person("eve")
    await stage.finished(await eve.slash("ask", question="Mine?"))

    name = stage.receipts.by_message(secret.id).id
    told = await stage.told(await eve.slash("why", answer=name))

    assert "no longer have the record" in told.content


@story()
async def test_why_without_any_answer_says_so(stage: Stage) -> None:
    told = await stage.told(await stage.person("ada").slash("why"))

    assert "no answer in this channel yet" in told.content


@story()
async def test_help_fits_one_message_and_names_every_command(stage: Stage) -> None:
    message = await stage.told(await stage.person("ada").slash("help"))

    named = [c["name"] for c in stage.server.rest.commands]
    for name in named:
        assert name in message.text.lower() or name in message.text or name == "help"
    assert message.ephemeral


@story(retention_days=30)
async def test_privacy_says_what_is_kept_exports_it_and_deletes_it(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    answer = await stage.finished(await ada.slash("ask", question="What is mode collapse?"))
    await stage.told(await ada.press(answer, "👍"))
    await stage.finished(await bob.slash("ask", question="What is a VAE?"))

    statement = await stage.told(await ada.slash("privacy"))
    assert "30 days" in statement.text
    assert statement.ephemeral

    exported = await stage.told(await ada.press(statement, "Export mine"))
    ((name, raw),) = exported.files
    kept = json.loads(raw)
    assert name == "footnote-about-you.json"
    assert [each["question"] for each in kept["answers"]] == ["What is mode collapse?"]
    assert len(kept["feedback"]) == 1

    await ada.press(statement, "Delete mine")
    await stage.until(lambda: "Delete everything" in statement.labels)
    assert stage.receipts.by_message(answer.id) is not None
    await ada.press(statement, "Delete everything")
    await stage.until(lambda: "deleted" in statement.content)
    assert json.loads(stage.receipts.export(ada.user.id))["answers"] == []
    assert len(json.loads(stage.receipts.export(bob.user.id))["answers"]) == 1


@story()
async def test_a_fact_check_gives_a_verdict_and_quotes_for_each_sentence(stage: Stage) -> None:
    quote = citation(1, PASSAGES[0], COLLAPSE)
    date = citation(2, PASSAGES[1], "introduced generative adversarial networks in June 2014")
    stage.answerer.checks = (
        (Sentence("Mode collapse yields few kinds.", (1,), Verdict.SUPPORTED), (quote,)),
        (
            Sentence("GANs came in 1999.", (2,), Verdict.CONTRADICTED, "2014, not 1999"),
            (date,),
        ),
        (Sentence("They are pretty.", (), Verdict.UNSUPPORTED), ()),
    )
    said = await stage.person("bob").say("Mode collapse yields few kinds. GANs came in 1999.")

    sent = await stage.person("ada").menu("Fact-check", said)
    message = await stage.told(sent)

    assert message.ephemeral
    assert "✅ 1 supported · ⚪ 1 not in the documents · ❌ 1 contradicted" in message.content
    assert COLLAPSE in unescaped(message.text)
    assert "June 2014" in unescaped(message.text)
    assert "2014, not 1999" in message.text


@story()
async def test_a_fact_check_of_many_sentences_needs_more_messages(stage: Stage) -> None:
    quote = citation(1, PASSAGES[0], COLLAPSE)
    sentence = Sentence("Mode collapse yields few kinds. " * 9, (1,), Verdict.SUPPORTED)
    stage.answerer.checks = ((sentence, (quote,)),) * 25
    said = await stage.person("bob").say("A long text.")

    sent = await stage.person("ada").menu("Fact-check", said)

    await stage.until(lambda: sent.follow_ups and len(sent.follow_ups) >= 2)


@story()
async def test_commands_are_made_known_once_and_again_only_when_they_change(stage: Stage) -> None:
    assert stage.server.rest.synchronised == 1
    await stage.stop()
    await stage.start()
    assert stage.server.rest.synchronised == 1

    stage.receipts.remember("commands", "what an older version told")
    await stage.stop()
    await stage.start()
    assert stage.server.rest.synchronised == 2


@story()
async def test_no_privileged_intent_is_asked_for(stage: Stage) -> None:
    (identified,) = stage.server.gateway.identified

    assert identified["intents"] == (1 << 0) | (1 << 9) | (1 << 12)
