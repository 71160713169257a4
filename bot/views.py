"""Pages as discord.py views, whose buttons and menus carry their state and outlive a restart."""

from __future__ import annotations

import re
from typing import Any, Protocol, Self, runtime_checkable

import discord

from bot.page import LABEL_LIMIT, OPTION_LIMIT, OPTIONS_LIMIT, Button, Menu, Page

TEMPLATE = re.compile(r"fn:(?P<action>[a-z]+):(?P<state>[\w:-]*)")


def action_id(action: str, *state: object) -> str:
    """The custom id of an action with what it needs to know."""
    return f"fn:{action}:{':'.join(map(str, state))}"


def parse_id(custom_id: str) -> tuple[str, tuple[str, ...]] | None:
    """The action and its state, or None where the custom id is not one of ours."""
    match = TEMPLATE.fullmatch(custom_id)
    return (match["action"], tuple(match["state"].split(":"))) if match else None


@runtime_checkable
class Presses(Protocol):
    """A client that knows what our buttons and menus do."""

    async def pressed(
        self, interaction: discord.Interaction[Any], action: str, state: tuple[str, ...]
    ) -> None:
        """Do what was asked for; tells the person of any error itself."""
        ...


class Control(discord.ui.DynamicItem[discord.ui.Item[Any]], template=TEMPLATE):
    """Any of our buttons and menus, made again from a message of any earlier process."""

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        _match: re.Match[str],
        /,
    ) -> Self:
        """Take the item as it is: all it needs to know is in its custom id."""
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the client."""
        parsed = parse_id(self.custom_id)
        if parsed is not None and isinstance(interaction.client, Presses):
            await interaction.client.pressed(interaction, *parsed)


def view_of(page: Page) -> discord.ui.View | None:
    """The buttons and menus of a page, or None where it has none."""
    if not page.rows:
        return None
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(page.rows):
        if isinstance(row, Menu):
            view.add_item(Control(_menu(row, number)))
        else:
            for button in row:
                view.add_item(Control(_button(button, number)))
    return view


def _button(button: Button, row: int) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(
        label=button.label[:LABEL_LIMIT] or None,
        custom_id=button.custom_id,
        emoji=button.emoji,
        style=button.style,
        disabled=button.disabled,
        row=row,
    )


def _menu(menu: Menu, row: int) -> discord.ui.Select[discord.ui.View]:
    options = [
        discord.SelectOption(
            label=option.label[:OPTION_LIMIT] or "–",
            value=option.value,
            description=option.description[:OPTION_LIMIT] if option.description else None,
        )
        for option in menu.options[:OPTIONS_LIMIT]
    ]
    return discord.ui.Select(
        custom_id=menu.custom_id, placeholder=menu.placeholder, options=options, row=row
    )
