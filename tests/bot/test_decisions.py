"""Permissions, limits, drafts, excerpts and settings: the pure parts."""

from __future__ import annotations

from pathlib import Path

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import BotSettings
from bot.draft import Draft
from bot.excerpt import emphasised, excerpt, neighbours, stems
from bot.permissions import (
    Limits,
    Member,
    invitation,
    may_delete,
    may_see,
    missing,
    moderates,
    refusal,
    scopes,
)
from knowledge.types import Sentence, SentenceChecked, TextWritten, Verdict
from tests.bot.scripted import PASSAGES, answered, script
from tests.bot.test_receipts import receipt
from tests.discord.play import unescaped


def settings(**changes: object) -> BotSettings:
    """Settings with nothing from the environment."""
    return BotSettings(_env_file=None).model_copy(update=changes)


ADA = Member(id=1, guild=9, channels=frozenset({5}), roles=frozenset({7}))


@pytest.mark.parametrize(
    ("changes", "member", "allowed"),
    [
        ({}, ADA, True),
        ({"allowed_channels": frozenset({5})}, ADA, True),
        ({"allowed_channels": frozenset({6})}, ADA, False),
        ({"allowed_roles": frozenset({7})}, ADA, True),
        ({"allowed_roles": frozenset({8})}, ADA, False),
        ({"allowed_roles": frozenset({8}), "admin_role": 7}, ADA, True),
        ({"allowed_channels": frozenset({6}), "admin_role": 7}, ADA, False),
        ({}, Member(1, None, frozenset()), True),
        ({"direct_messages": False}, Member(1, None, frozenset()), False),
        ({}, Member(1, 9, frozenset({5}), bot=True), False),
    ],
)
def test_who_may_ask_where(changes: dict[str, object], member: Member, allowed: bool) -> None:
    assert (refusal(settings(**changes), member) is None) is allowed


def test_the_asker_and_moderators_may_delete() -> None:
    moderator = Member(2, 9, frozenset(), moderator=True)
    librarian = Member(3, 9, frozenset(), roles=frozenset({4}))

    assert may_delete(settings(), ADA, asker=1, guild=None)
    assert not may_delete(settings(), ADA, asker=2, guild=ADA.guild)
    assert may_delete(settings(), moderator, asker=1, guild=9)
    # What moderators may in their server, they may not in another, nor in others' messages.
    assert not may_delete(settings(), moderator, asker=1, guild=10)
    assert not may_delete(settings(), moderator, asker=1, guild=None)
    assert not moderates(settings(), librarian)
    assert moderates(settings(admin_role=4), librarian)


@pytest.mark.parametrize(
    ("member", "changes", "sees"),
    [
        (Member(1, None, frozenset()), {}, True),
        (Member(1, 9, frozenset({6})), {"private": True}, True),
        (Member(2, 9, frozenset({5})), {}, True),
        (Member(2, 9, frozenset({5})), {"private": True}, False),
        (Member(2, 9, frozenset({6})), {}, False),
        (Member(2, 8, frozenset({5})), {}, False),
        (Member(2, None, frozenset({5})), {"guild": None}, False),
        (Member(2, 9, frozenset({6}), moderator=True), {}, False),
    ],
)
def test_who_may_look_into_an_answer(
    member: Member, changes: dict[str, object], sees: bool
) -> None:
    assert may_see(member, receipt("a", **changes)) is sees


def test_a_guild_reaches_its_own_scope_and_no_other() -> None:
    assert scopes(9) == ("shared", "guild:9")
    assert scopes(None) == ("shared",)


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 5))
def test_no_window_ever_holds_more_than_the_limit(gaps: list[float], limit: int) -> None:
    limits = Limits(settings(user_questions=limit, guild_questions=0, window_minutes=1.0))
    now, taken = 0.0, []
    for gap in gaps:
        now += gap
        if limits.refusal(ADA, now=now) is None:
            taken.append(now)

    for start in taken:
        assert sum(start <= moment < start + 60 for moment in taken) <= limit


def test_a_refused_question_does_not_count() -> None:
    limits = Limits(settings(user_questions=1, window_minutes=1.0))
    assert limits.refusal(ADA, now=0) is None
    assert limits.refusal(ADA, now=59) == (
        "You have asked 1 question in a short time, which is the limit. Ask again in a minute."
    )
    assert limits.refusal(ADA, now=60.1) is None


def test_zero_means_no_limit() -> None:
    limits = Limits(settings(user_questions=0, guild_questions=0))

    assert all(limits.refusal(ADA, now=1.0) is None for _ in range(1000))


def test_the_invitation_asks_for_exactly_what_is_needed() -> None:
    address = invitation(42)

    assert "client_id=42" in address
    assert "scope=bot%20applications.commands" in address
    granted = discord.Permissions(int(address.split("permissions=")[1].split("&")[0]))
    assert missing(granted) == ()
    assert missing(discord.Permissions(view_channel=True)) == (
        "Send Messages",
        "Embed Links",
        "Read Message History",
        "Send Messages in Threads",
    )
    assert not granted.administrator


def test_a_draft_grows_event_by_event_into_the_answer() -> None:
    answer = answered("?")
    draft = Draft()
    texts = []
    for event in script(answer):
        draft = draft.after(event)
        texts.append(draft.text)

    assert draft.answer is answer
    assert texts[1] == "Mode"
    assert texts[-1] == (
        "Mode collapse is when the generator produces only a few kinds of samples. [1]"
        " Minibatch discrimination is one remedy. [2]"
    )


def test_an_unsupported_sentence_leaves_the_draft_and_the_next_one_stays() -> None:
    lost = Sentence("It was in 1999.", (), Verdict.UNSUPPORTED)
    draft = Draft().after(TextWritten("It was\nin 1999. [1] And then"))

    assert draft.after(SentenceChecked(lost, ())).text == "And then"


def test_an_excerpt_begins_where_the_question_is_answered() -> None:
    text = PASSAGES[0].text

    assert excerpt(text, "What is mode collapse?", 120).startswith("Mode collapse occurs when")
    assert excerpt(text, "remedy", 40).endswith("…")
    assert len(excerpt(text, "remedy", 40)) <= 41


def test_lists_are_shown_as_such_on_one_line() -> None:
    text = "It takes two forms.\n\n- Complete: the same sample.\n- Partial: few kinds."
    assert excerpt(text, "complete", 100) == "• Complete: the same sample. • Partial: few kinds."
    assert neighbours(text, "Complete: the same sample.", 60) == (
        "It takes two forms.",
        "• Partial: few kinds.",
    )


def test_supporting_words_are_bold_in_runs_and_the_quote_stays_verbatim() -> None:
    quote = "The *generator* maps noise, to samples"

    shown = emphasised(quote, stems("It is the generator that maps noise to a sample."))

    assert shown == "The \\***generator**\\* **maps noise**, to **samples**"
    assert unescaped(shown) == quote


@given(st.text(max_size=200), st.text(max_size=80))
def test_emphasis_never_changes_a_word(quote: str, saying: str) -> None:
    assert "\n" not in emphasised(quote.replace("\n", " "), stems(saying))


def test_neighbours_are_what_stands_around_a_quote() -> None:
    before, after = neighbours(PASSAGES[0].text, "Minibatch discrimination is one remedy", 40)

    assert before.startswith("…")
    assert before.endswith("however varied the data is.")
    assert after.startswith("it lets the discriminator")
    assert neighbours("something else", "a quote", 40) == ("", "")


def test_lists_of_ids_are_written_as_people_write_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FOOTNOTE_ALLOWED_CHANNELS", "1, 2 3")
    monkeypatch.setenv("FOOTNOTE_ALLOWED_ROLES", "")
    monkeypatch.setenv("DISCORD_TOKEN", "secret")

    read = BotSettings(_env_file=None)

    assert read.allowed_channels == {1, 2, 3}
    assert read.allowed_roles == frozenset()
    assert read.discord_token is not None
    assert "secret" not in repr(read)


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in BotSettings.model_fields.values())
