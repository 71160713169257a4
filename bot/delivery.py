"""Gets an answer to its asker: by the interaction while it lives, else the channel, else direct."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto
from typing import NoReturn

import aiohttp
import discord
import structlog

from bot.page import Page
from bot.routes import Route
from knowledge.errors import FootnoteError

log = structlog.get_logger(__name__)

_ATTEMPTS = 4
_DRAFT_TIMEOUT_S = 20.0
_FINAL_TIMEOUT_S = 45.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0
# How long an answer is kept for a Discord that cannot be reached at all.
_AWAY_S = 1800.0
_UNKNOWN_MESSAGE = 10008
_BAD_REQUEST = 400
_UNAUTHORISED = 401
_FORBIDDEN = 403
_NOT_FOUND = 404


Told = Callable[[Sequence[int]], Awaitable[None]]


class UndeliverableError(FootnoteError):
    """No way is left to reach the asker."""


class Trouble(Enum):
    """What a failed request means for the messages to come."""

    CLOSED = auto()
    DELETED = auto()
    PASSING = auto()


class _MovedError(Exception):
    """The way changed; everything is to be shown again."""


def trouble(error: Exception) -> Trouble:
    """Whether a way is closed, the message was deleted under us, or it is worth another try."""
    if isinstance(error, discord.HTTPException):
        if error.status == _NOT_FOUND and error.code == _UNKNOWN_MESSAGE:
            return Trouble.DELETED
        if error.status in {_BAD_REQUEST, _UNAUTHORISED, _FORBIDDEN, _NOT_FOUND}:
            return Trouble.CLOSED
    return Trouble.PASSING


def away(error: Exception) -> bool:
    """Whether Discord could not be reached at all, rather than that it was slow or declined."""
    unreached = isinstance(error, (aiohttp.ClientError, OSError))
    return unreached and not isinstance(error, TimeoutError)


class Delivery:
    """The messages of one answer, and the ways they may go.

    `routes` are tried in their order; `private` is the way for an answer whose message somebody
    deleted meanwhile: the asker still gets it, the channel does not. `placed` is told the ids of
    the messages when they are first known, `left` those that a closed way leaves behind.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        private: Route | None = None,
        messages: Sequence[int] = (),
        placed: Told | None = None,
        left: Told | None = None,
    ) -> None:
        self._routes = list(routes)
        self._private = private
        self._messages = list(messages)
        self._pages: list[Page | None] = [None] * len(self._messages)
        self._placed = placed
        self._left = left
        self._sending: asyncio.Task[int] | None = None

    @property
    def messages(self) -> tuple[int, ...]:
        """The ids of the messages shown, first to last."""
        return tuple(self._messages)

    @property
    def channel(self) -> int | None:
        """The channel the messages are in, where it is known."""
        return self._routes[0].channel if self._routes else None

    async def sent(self) -> tuple[int, ...]:
        """The ids of the messages, with one that was on its way when its sender was interrupted."""
        if self._sending is not None:
            with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
                async with asyncio.timeout(_DRAFT_TIMEOUT_S):
                    return (*self._messages, await self._sending)
        return self.messages

    async def show(self, pages: Sequence[Page], final: bool = True) -> None:
        """Make the messages show these pages.

        A draft that meets passing trouble is dropped: the next one follows. The last state is
        tried again, on another way if need be; raises UndeliverableError at the very end.
        """
        while True:
            try:
                for index, page in enumerate(pages):
                    await self._place(index, page, final=final)
            except _MovedError:
                continue
            return

    async def _place(self, index: int, page: Page, *, final: bool) -> None:
        if index < len(self._pages) and page.same_as(self._pages[index]):
            return
        tries, failures, until = 0, 0, time.monotonic() + _AWAY_S
        while failures < _ATTEMPTS:
            if not self._routes:
                raise UndeliverableError("There is no way left to reach the asker.")
            try:
                async with asyncio.timeout(_FINAL_TIMEOUT_S if final else _DRAFT_TIMEOUT_S):
                    await self._put(index, page)
            except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
                self._give_up_sending()
                await self._after_trouble(error)
                if not final:
                    return
                await asyncio.sleep(min(_FIRST_PAUSE_S * 2**tries, _LONGEST_PAUSE_S))
                tries += 1
                # Where nobody answers at all, another way would lead to nobody as well.
                failures += not away(error) or time.monotonic() > until
            else:
                return
        await self._leave()

    async def _put(self, index: int, page: Page) -> None:
        route = self._routes[0]
        if index < len(self._messages):
            await route.edit(self._messages[index], page)
        else:
            # Whoever interrupts us must be able to know of a message that is on its way.
            self._sending = asyncio.ensure_future(route.send(page))
            self._messages.append(await asyncio.shield(self._sending))
            self._sending = None
            self._pages.append(None)
            if self._placed is not None:
                await self._placed(self._messages)
        self._pages[index] = page

    def _give_up_sending(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    async def _after_trouble(self, error: Exception) -> None:
        """Note what failed, and change the way where it is closed."""
        kind = trouble(error)
        log.warning(
            "message not delivered",
            way=type(self._routes[0]).__name__,
            trouble=kind.name.lower(),
            status=getattr(error, "status", None),
            code=getattr(error, "code", None),
            error=type(error).__name__,
        )
        if kind is Trouble.DELETED:
            self._routes = [] if self._private is None else [self._private]
            self._restart()
        if kind is Trouble.CLOSED:
            await self._leave()

    async def _leave(self) -> None:
        self._routes.pop(0)
        if self._messages and self._routes and self._left is not None:
            await self._left(self._messages)
        self._restart()

    def _restart(self) -> NoReturn:
        self._messages, self._pages = [], []
        raise _MovedError
