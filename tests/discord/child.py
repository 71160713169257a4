"""The bot as a process of its own with scripted knowledge: run() and nothing in its way."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.config import BotSettings
from bot.receipts import Receipts
from bot.supervisor import run
from tests.bot.scripted import ScriptedAnswerer, ScriptedLibrary


def main() -> None:
    """Run until a signal comes."""
    settings = BotSettings(_env_file=None)
    receipts = Receipts(Path(settings.home) / "receipts.sqlite")
    answerer = ScriptedAnswerer(pace=0.15)
    asyncio.run(run(settings, answerer=answerer, library=ScriptedLibrary(), receipts=receipts))
    receipts.close()


if __name__ == "__main__":
    main()
