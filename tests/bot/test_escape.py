"""What documents and models write is shown as it stands, and does nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.escape import link, plain, prose
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
    assert not re.search(r"[a-z]://", safe)


@given(ACTIVE)
def test_outside_code_a_model_can_neither_link_nor_mention(text: str) -> None:
    safe = prose(text)
    outside = re.sub(r"```.*?```|`[^`\n]+`", "", safe, flags=re.DOTALL)

    assert not re.search(r"@(everyone|here)", outside)
    assert not re.search(r"(?<!\\)<[@#/:]", outside)
    assert "](" not in outside
    assert not re.search(r"[a-z]://", outside)
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
