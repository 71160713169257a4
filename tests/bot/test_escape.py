"""What documents and models write is shown as it stands, and does nothing."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.escape import encoded, link, plain, prose, remark, typed
from tests.discord.preview import markdown

ACTIVE = st.text(
    st.sampled_from("*_~`|[]()<>@#&!:/.-+>\\ \nab1"), max_size=60
) | st.lists(
    st.sampled_from(
        ["@everyone", "@here", "<@1>", "<#1>", "<@&1>", "[a](https://b.c)", "https://b.c", "||x||",
         "discord.gg/x", "# a", "> a", "-# a", "```x```", "</a:1>", "<:a:1>", "<t:1>", " ", "\n"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(ACTIVE)
@example("\\@everyone")
@example("<@1>")
def test_a_quote_reads_the_same_and_is_inert(text: str) -> None:
    safe = plain(text)

    assert re.sub(r"\\([^0-9A-Za-z\s])", r"\1", safe).replace("\u200b", "") == text
    assert not re.search(r"@(everyone|here|[!&]?\d)", safe)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|\[\]<>]", safe.replace("\\\\", ""))
    assert not re.search(r"[a-z]://(?:[^\s.]|\.\S)", safe)


@given(ACTIVE)
def test_outside_code_a_model_can_neither_link_nor_mention(text: str) -> None:
    safe = prose(text)
    outside = re.sub(r"```.*?```|`[^`\n]+`", "", safe, flags=re.DOTALL)

    assert not re.search(r"@(everyone|here)", outside)
    assert not re.search(r"(?<!\\)<[@#/:]", outside)
    assert "](" not in outside
    assert not re.search(r"[a-z]://(?:[^\s.]|\.\S)", outside)
    assert safe.count("```") % 2 == 0


def test_a_models_lists_bold_and_code_stay() -> None:
    text = "- **first**\n- `second()`\n```py\nx = a[0](1)  # https://a.b\n```"

    assert prose(text) == text


def test_an_open_fence_is_closed() -> None:
    assert prose("See:\n```py\nx = 1").endswith("\n```")


def test_text_that_looks_like_small_print_or_lists_stays_as_it_is() -> None:
    drawn = markdown(plain("-# small\n# big\n- item\n1. one\n> quote"))

    assert not re.search(r"<(small|h1|blockquote)|class=\"item\"", drawn)


def test_hidden_and_reversing_characters_are_taken_away() -> None:
    assert plain("a\u202eb\u200bc\x00d\u2066e") == "abcde"
    assert plain("family 👨\u200d👩\u200d👧") == "family 👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "file:///etc/passwd", "discord://x", "notes.md", "https://", "",
     "https://user@evil.example", "http://[", "https://a.b/" + "x" * 600],
)  # fmt: skip
def test_only_web_addresses_are_linked(address: str) -> None:
    assert link(address) is None
    assert link(None) is None


def test_an_address_cannot_break_out_of_its_link() -> None:
    safe = link("https://example.org/a)b [x](https://evil.example) y")

    assert safe is not None
    assert not set(safe) & set(" ()[]<>")


def live(text: str) -> list[str]:
    """What of a message Discord would link, invite with or mention, by its own order of rules."""
    rules = re.compile(
        r"\\[^0-9A-Za-z\s]"
        r"|```(?:[\w+.#-]+?\n)?\n*[^\n].*?\n*```"
        r"|(`+)\s*.*?[^`]\s*\1(?!`)"
        r"|(?P<live><(?:[@#/:]|a:|t:|id:|[a-z]+:)[^>]*>|@(?:everyone|here)|\]\(|[a-z]://(?:[^\s.]|\.\S)"
        r"|discord\.gg/\S|discord\.com/invite/\S)",
        re.DOTALL | re.IGNORECASE,
    )
    return [match["live"] for match in rules.finditer(text) if match["live"]]


@given(ACTIVE)
@example("\\`https://b.c\\`")
@example("\\<@1>")
@example("\\\\\\<@&1>")
@example("```\n```a```https://b.c```")
@example("``a` https://b.c ` @here")
@example("<a@b.c> <sms:1> discord.com/invite/x")
@example("\u200bhttps\u200b://b.c")
def test_discord_makes_nothing_of_a_models_text_nor_of_a_quote_nor_of_a_remark(text: str) -> None:
    assert live(prose(text)) == []
    assert live(plain(text)) == []
    assert not [each for each in live(remark(text)) if "/" in each and each[0] != "<"]


def test_a_role_in_a_sentence_of_ours_is_shown_by_its_name_and_people_are_not_pinged() -> None:
    assert remark("Only members with <@&777> may ask me.") == (
        "Only members with <@&777> may ask me."
    )
    assert "<@5>" not in remark("a.md by <@5> is empty")
    assert "@everyone" not in remark("@everyone.md is empty")


def test_what_would_be_live_is_known() -> None:
    for text in ("https://b.c", "<@1>", "@everyone", "[a](b)", "discord.gg/x", "`a` https://b"):
        assert live(text), text
    assert live("`https://b.c` \\<@1>") == []


@pytest.mark.parametrize(
    "address",
    ["https://discord.gg/free", "https://discord.com/invite/free", "https://DISCORDAPP.com/invite/x",
     "https://www.discord.gg/x", "https://discord.com/oauth2/authorize?client_id=1", "http://dsc.gg/x"],
)  # fmt: skip
def test_an_invitation_is_no_address_of_a_document(address: str) -> None:
    assert link(address) is None


def test_a_message_is() -> None:
    assert link("https://discord.com/channels/1/2/3") == "https://discord.com/channels/1/2/3"


CONTROLS = "\x1b\x9b\x07\x08\x00\x7f\x85\u202e\u2066\u200e\u2028]0;[2JAm\r\t\n ab"
STEERING = st.text(st.sampled_from(CONTROLS), max_size=40)


@given(STEERING)
def test_nothing_in_a_text_steers_a_terminal(text: str) -> None:
    for safe in (typed(text), encoded(json.dumps(text, ensure_ascii=False))):
        assert all(
            each in "\t\n" or unicodedata.category(each) not in ("Cc", "Cf") for each in safe
        )
    assert json.loads(encoded(json.dumps(text, ensure_ascii=False))) == text
