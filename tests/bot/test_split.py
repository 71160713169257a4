"""Long texts are cut where it hurts least, and nothing is lost."""

from __future__ import annotations

import asyncio
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.page import Page
from bot.stream import Live, split

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="`", exclude_categories=["C"]))
PARTS = st.lists(
    st.one_of(
        WORDS,
        st.sampled_from([". ", "! ", "\n", "\n\n", " ", "\\*", "[1] ", "a" * 150]),
        st.builds(
            lambda body: f"\n```py\n{body}\n```\n",
            st.text(st.sampled_from("ab \n"), max_size=300),
        ),
    ),
    max_size=40,
)


def bare(text: str) -> str:
    """A text without white space and fences, which a cut may change."""
    return re.sub(r"```(py)?|\s", "", text)


@settings(max_examples=300, deadline=None)
@given(PARTS)
def test_pieces_fit_keep_everything_and_balance_their_fences(parts: list[str]) -> None:
    text = "".join(parts)

    pieces = split(text, 100)

    assert all(0 < len(piece) <= 100 for piece in pieces)
    assert all(piece.strip() for piece in pieces)
    assert bare("".join(pieces)) == bare(text)
    fences = re.compile(r"(?m)^ {0,3}```")
    assert all(len(fences.findall(piece)) % 2 == 0 for piece in pieces)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=3000))
def test_any_text_ends_in_pieces_that_fit(text: str) -> None:
    assert all(len(piece) <= 100 for piece in split(text, 100))


def test_a_short_text_is_left_alone() -> None:
    assert split("Two words.") == ["Two words."]
    assert split("  ") == []


def test_a_paragraph_is_preferred_to_a_sentence_and_a_sentence_to_a_space() -> None:
    sentences = "One sentence here. Another sentence there. A third one follows now."

    assert split(sentences, 50) == [
        "One sentence here. Another sentence there.",
        "A third one follows now.",
    ]
    assert split("First part of it all. Still.\n\nSecond. Third part.", 45)[0] == (
        "First part of it all. Still."
    )


def test_numbers_stay_with_their_sentence() -> None:
    first, second = split("A first sentence stands here. [1][2] The next one is here. [3]", 48)

    assert first.endswith("[1][2]")
    assert second.startswith("The next")


def test_a_fence_that_does_not_fit_is_closed_and_opened_again() -> None:
    code = "\n".join(f"line_{number} = {number}" for number in range(20))

    pieces = split(f"```python\n{code}\n```", 120)

    assert len(pieces) > 1
    assert all(piece.startswith("```python\n") and piece.endswith("```") for piece in pieces)
    assert [line for p in pieces for line in p.splitlines() if "=" in line] == code.splitlines()


def test_an_escape_is_never_torn() -> None:
    pieces = split("\\*" * 200, 99)

    assert all(len(re.match(r"\\*", piece[::-1])[0]) % 2 == 0 for piece in pieces)


def test_states_that_come_too_fast_are_coalesced_and_the_last_one_is_shown() -> None:
    shown: list[str] = []

    async def show(pages: list[Page], final: bool) -> None:
        shown.append(pages[0].content + ("!" if final else ""))

    async def play() -> None:
        async with Live(show, interval=0.05) as live:
            for number in range(100):
                live.update(Page(str(number)))
                await asyncio.sleep(0.001)
            await live.finish([Page("end")])

    asyncio.run(play())
    assert shown[-1] == "end!"
    assert len(shown) < 15


def test_a_failed_last_state_is_told_to_the_caller() -> None:
    async def show(pages: list[Page], final: bool) -> None:
        raise ValueError("cannot be shown")

    async def play() -> str:
        async with Live(show, interval=0.0) as live:
            try:
                await live.finish([Page("end")])
            except ValueError as error:
                return str(error)
        return ""

    assert asyncio.run(play()) == "cannot be shown"
