"""A message that changes as an answer grows: edits coalesced, long texts split."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from bot.page import CONTENT_LIMIT, Page

Show = Callable[[Sequence[Page], bool], Awaitable[None]]

_FENCE = re.compile(r"^ {0,3}```([^\n`]*)$", re.MULTILINE)
_CLOSE = "\n```"
_LANGUAGE_LIMIT = 20
_SENTENCE_END = re.compile(r"[.!?…](?:[\"'’”)*_]|\s*\[\d+\])*(?=\s)")
_PARAGRAPH = re.compile(r"\n\s*\n")
_LINE = re.compile(r"\n")
_SPACE = re.compile(r"\s")


class Live:
    """Shows the newest state of an answer, never more often than once an interval.

    States that come while an edit is under way, or waits out a rate limit, replace one another:
    only the newest is sent. `show` gets the pages and whether they are the last.
    """

    def __init__(self, show: Show, *, interval: float) -> None:
        self._show = show
        self._interval = interval
        self._newest: Sequence[Page] = ()
        self._news = asyncio.Event()
        self._final = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def update(self, *pages: Page) -> None:
        """Show this state when it is its turn, unless a newer one comes first."""
        self._newest = pages
        self._news.set()

    async def finish(self, pages: Sequence[Page]) -> None:
        """Show the last state and return when it is there; raises where it could not be shown."""
        self._newest = pages
        self._final = True
        self._news.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        done = -self._interval
        while True:
            await self._news.wait()
            # Counted from the end of the last edit, so that the gap holds where it is received.
            await asyncio.sleep(max(0.0, done + self._interval - time.monotonic()))
            self._news.clear()
            final = self._final
            await self._show(self._newest, final)
            done = time.monotonic()
            if final:
                return


def split(text: str, limit: int = CONTENT_LIMIT) -> list[str]:
    """The text in pieces of at most `limit` characters, cut where it hurts least.

    In this order: between paragraphs, after a sentence, at a line, at a space, anywhere. A fence
    that does not fit is closed at the cut and opened again with its language.
    """
    pieces: list[str] = []
    reopened, rest = "", text.strip()
    while len(reopened) + len(rest) > limit:
        head = reopened + rest
        cut = _cut(head, limit - len(_CLOSE), after=len(reopened))
        piece, rest = head[:cut].rstrip(), head[cut:]
        fence = _open_fence(piece)
        if fence is None:
            reopened, rest = "", rest.lstrip()
        else:
            reopened, rest = f"```{fence}\n", rest.removeprefix("\n")
            piece += _CLOSE
        pieces.append(piece)
    if rest.strip():
        pieces.append(reopened + rest)
    return pieces


def _cut(text: str, room: int, *, after: int) -> int:
    """The best place to cut within `room` characters, behind `after`."""
    window = text[:room]
    if _open_fence(window) is not None:
        start = [match.start() for match in _FENCE.finditer(window)][-1]
        if start > max(after, room // 2):
            return start
        return _last(_LINE, window, after) or _hard(window)
    for pattern, least in (
        (_PARAGRAPH, room // 2),
        (_SENTENCE_END, room // 3),
        (_LINE, after),
        (_SPACE, after),
    ):
        if cut := _last(pattern, window, max(after, least)):
            return cut
    return _hard(window)


def _last(pattern: re.Pattern[str], window: str, least: int) -> int | None:
    """The end of the pattern's last match that ends behind `least`; line ends stay behind."""
    ends = [match.end() for match in pattern.finditer(window) if match.start() > least]
    return ends[-1] if ends else None


def _hard(window: str) -> int:
    """The window's end, or just before a backslash there: it belongs to what follows."""
    return len(window) - (len(window) - len(window.rstrip("\\"))) % 2


def _open_fence(text: str) -> str | None:
    """The language of the fence that is open at the text's end ('' for none), else None."""
    fences = _FENCE.findall(text)
    if len(fences) % 2 == 0:
        return None
    language = str(fences[-1]).strip()
    return language if len(language) <= _LANGUAGE_LIMIT else ""
