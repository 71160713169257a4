"""What the loopback Discord tells a bot of the servers it is in and their roles."""

from __future__ import annotations

from typing import Any

from tests.discord.rest import DiscordError, Files
from tests.discord.world import World

Payload = dict[str, Any]


class Guilds:
    """The handlers, in the form of those in `Rest`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.joined = True

    async def mine(self, _: Payload, __: Any, ___: Files) -> tuple[int, Any]:
        """GET /users/@me/guilds."""
        told = self._world.guild_payload()
        server = {"id": told["id"], "name": told["name"], "icon": None, "banner": None}
        rights = {"owner": False, "permissions": str(self._world.everyone), "features": []}
        return 200, [{**server, **rights}] if self.joined else []

    async def roles(self, path: Payload, _: Any, __: Files) -> tuple[int, Any]:
        """GET /guilds/{guild_id}/roles."""
        told = self._world.guild_payload()
        if path["guild_id"] != told["id"] or not self.joined:
            raise DiscordError(404, 10004, "Unknown Guild")
        colours = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        looks = {"icon": None, "unicode_emoji": None, "flags": 0, "colors": colours}
        return 200, [{**looks, **role} for role in told["roles"]]
