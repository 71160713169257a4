"""Which way a message takes, and that no way is waited for without end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import discord
import pytest

from bot import delivery
from bot.delivery import Delivery, UndeliverableError
from bot.page import Page


def refusal(status: int, code: int) -> discord.HTTPException:
    """An error as discord.py raises it."""
    response = SimpleNamespace(status=status, reason="")
    return discord.HTTPException(response, {"code": code, "message": ""})


@dataclass
class Way:
    """A way that fails as often as it is told to."""

    trouble: Callable[[], Exception] | None = None
    times: int = 1000
    hangs: bool = False
    shown: list[str] = field(default_factory=list)
    tries: int = 0
    channel: int | None = 1

    async def send(self, page: Page) -> int:
        await self._try()
        self.shown.append(page.content)
        return len(self.shown)

    async def edit(self, message: int, page: Page) -> None:
        await self._try()
        self.shown.append(f"{message}: {page.content}")

    async def _try(self) -> None:
        self.tries += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble is not None and self.tries <= self.times:
            raise self.trouble()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_DRAFT_TIMEOUT_S", 0.02)
    monkeypatch.setattr(delivery, "_FINAL_TIMEOUT_S", 0.02)
    monkeypatch.setattr(delivery, "_FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(delivery, "_LONGEST_PAUSE_S", 0.002)


def show(*states: tuple[str, bool], ways: list[Way], private: Way | None = None) -> Delivery:
    """Show states one after the other."""
    made = Delivery(ways, private=private)

    async def play() -> None:
        for content, final in states:
            await made.show([Page(content)], final)

    asyncio.run(play())
    return made


def test_states_are_edited_into_one_message_and_the_same_state_only_once() -> None:
    way = Way()

    show(("a", False), ("b", False), ("b", False), ("c", True), ways=[way])

    assert way.shown == ["a", "1: b", "1: c"]


@pytest.mark.parametrize(
    ("status", "code"), [(401, 50027), (404, 10015), (403, 50013), (403, 50001), (404, 10003)]
)
def test_a_closed_way_is_left_at_once_for_the_next(status: int, code: int) -> None:
    closed, way = Way(lambda: refusal(status, code)), Way()

    show(("a", False), ("b", True), ways=[closed, way])

    assert closed.tries == 1
    assert way.shown == ["a", "1: b"]


@pytest.mark.parametrize(
    "passing",
    [
        lambda: refusal(429, 0),
        lambda: refusal(503, 0),
        ConnectionResetError,
        TimeoutError,
    ],
)
def test_passing_trouble_drops_drafts_and_tries_the_last_state_again(
    passing: Callable[[], Exception],
) -> None:
    way = Way(passing, times=2)

    show(("a", False), ("b", True), ways=[way])

    assert way.shown == ["b"]


def test_a_discord_that_is_away_for_long_is_waited_for_on_the_same_way() -> None:
    way, other = Way(ConnectionRefusedError, times=30), Way()

    show(("a", False), ("b", True), ways=[way, other])

    assert way.shown == ["b"]
    assert other.tries == 0


def test_a_discord_that_never_comes_back_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "_AWAY_S", 0.05)
    with pytest.raises(UndeliverableError):
        show(("a", True), ways=[Way(ConnectionRefusedError), Way(ConnectionRefusedError)])


def test_a_deleted_message_goes_on_in_private_only() -> None:
    hall, elsewhere, private = Way(lambda: refusal(404, 10008)), Way(), Way()

    show(("a", True), ways=[hall, elsewhere], private=private)

    assert elsewhere.shown == []
    assert private.shown == ["a"]


def test_a_way_that_hangs_is_given_up() -> None:
    hanging, way = Way(hangs=True), Way()

    show(("a", True), ways=[hanging, way])

    assert way.shown == ["a"]


def test_with_no_way_left_the_caller_is_told() -> None:
    with pytest.raises(UndeliverableError):
        show(("a", True), ways=[Way(lambda: refusal(403, 50007)), Way(hangs=True)])


def test_pages_after_the_first_are_sent_and_all_again_on_the_next_way() -> None:
    first = Way(times=0)
    second = Way()
    made = Delivery([first, second])

    async def play() -> None:
        await made.show([Page("a")], False)
        first.trouble, first.times = (lambda: refusal(401, 50027)), 1000
        await made.show([Page("b"), Page("c")], True)

    asyncio.run(play())
    assert second.shown == ["b", "c"]
    assert made.messages == (1, 2)
