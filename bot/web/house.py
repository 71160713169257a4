"""What the page's parts work with: the bot's own services, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass

from bot.config import BotSettings
from bot.jobs import Jobs
from bot.knowing import Answerer, Library
from bot.permissions import SHARED, own_scope
from bot.receipts import Receipts
from bot.worker import Worker
from knowledge.said import said

# Questions asked here belong to nobody on Discord.
NOBODY, NOWHERE = 0, 0


@dataclass(frozen=True, slots=True)
class House:
    """Made once, in the running loop."""

    settings: BotSettings
    answerer: Answerer
    library: Library
    receipts: Receipts
    jobs: Jobs
    worker: Worker

    def scopes(self) -> tuple[str, ...]:
        """Every library there is: the shared one and those of servers."""
        return (SHARED, *(own_scope(guild) for guild in self.jobs.guilds()))


def library_name(scope: str) -> str:
    """A library as a person calls it."""
    guild = scope.removeprefix("guild:")
    return said("shared documents") if scope == SHARED else said(f"server {guild}")
