"""`/knowledge`: what admins see of their library, and how they change it."""

from __future__ import annotations

from collections.abc import Mapping

from discord import app_commands

from bot.commands import (
    adding,
    changing,
    deciding,
    gaps,
    golden,
    insight,
    looking,
    opinions,
    watching,
)
from bot.keeping import KEEPERS
from bot.services import Press, Services, Submit
from bot.stale import again


def add(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the commands and the menus."""
    group = app_commands.Group(
        name="knowledge",
        description="Add documents to this server’s library, review them, take them back.",
        guild_only=True,
        default_permissions=KEEPERS,
    )
    for module in (adding, looking, insight, gaps, golden, opinions, changing, watching):
        module.add_to(group, services)
    tree.add_command(group)
    adding.add_menu(tree, services)
    golden.add_menu(tree, services)


PRESSES: Mapping[str, Press] = {
    **deciding.PRESSES,
    **looking.PRESSES,
    **gaps.PRESSES,
    **golden.PRESSES,
    **changing.PRESSES,
    "again": again,
}
SUBMITS: Mapping[str, Submit] = {**adding.SUBMITS, **golden.SUBMITS}
