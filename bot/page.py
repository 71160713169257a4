"""One Discord message as a value, and Discord's limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.language import ENGLISH, Language

CONTENT_LIMIT = 2000
EMBEDS_LIMIT = 6000
EMBED_LIMIT = 10
DESCRIPTION_LIMIT = 4096
TITLE_LIMIT = 256
# A title may double in length when it is made safe.
HEADLINE = TITLE_LIMIT // 2
FOOTER_LIMIT = 2048
FIELD_LIMIT = 1024
LABEL_LIMIT = 80
OPTION_LIMIT = 100
OPTIONS_LIMIT = 25


@dataclass(frozen=True, slots=True)
class Button:
    """A button; `custom_id` is `fn:action:state`, so that it works in any later process."""

    label: str
    custom_id: str
    emoji: str | None = None
    style: discord.ButtonStyle = discord.ButtonStyle.secondary
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a menu."""

    label: str
    value: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu to choose one thing from."""

    placeholder: str
    custom_id: str
    options: tuple[Option, ...]


Row = tuple[Button, ...] | Menu


@dataclass(frozen=True, slots=True)
class Page:
    """What one message shows; `rows` come from top to bottom."""

    content: str = ""
    embeds: tuple[discord.Embed, ...] = ()
    rows: tuple[Row, ...] = ()

    def same_as(self, other: Page | None) -> bool:
        """Whether showing this after `other` would change nothing."""
        return (
            other is not None
            and self.content == other.content
            and self.rows == other.rows
            and [e.to_dict() for e in self.embeds] == [e.to_dict() for e in other.embeds]
        )


def packed(embeds: list[discord.Embed]) -> list[tuple[discord.Embed, ...]]:
    """Embeds in as few messages as Discord's limits on number and length allow."""
    messages: list[tuple[discord.Embed, ...]] = []
    current: list[discord.Embed] = []
    for embed in embeds:
        full = len(current) == EMBED_LIMIT or sum(map(len, current)) + len(embed) > EMBEDS_LIMIT
        if current and full:
            messages.append(tuple(current))
            current = []
        current.append(embed)
    if current:
        messages.append(tuple(current))
    return messages


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning up to a word with an ellipsis, in at most `limit` characters."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    return (head[:space] if space > limit // 2 else head).rstrip(" ,;:") + "…"


def fitting(lines: Sequence[str], limit: int, *, say: Language = ENGLISH) -> str:
    """The first lines that fit into `limit` characters, and how many do not."""
    text = ""
    for number, line in enumerate(lines):
        more = f"\n-# {say('and {count} more', count=len(lines) - number)}"
        if len(text) + len(line) + 1 + len(more) > limit:
            return (text + more).strip()
        text = f"{text}\n{line}" if text else line
    return text
