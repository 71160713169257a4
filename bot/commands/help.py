"""`/help`: what the bot can do, on one screen."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.labels import BLUE
from bot.page import Page
from bot.services import Services, whisper

ASK = """\
- **/ask** a question; `private` shows the answer to you only
- **Mention me** in a message, or **reply** to an answer to ask on
- Right-click or long-press a message › **Apps** › **Explain with sources**"""
TRUST = """\
- Every sentence carries the number of its source; **Sources** shows the words themselves
- What the documents do not bear out is left out; what they do not say, I do not answer
- **/why** shows the evidence, its scores and the verdict on each sentence
- On any message: **Apps** › **Fact-check**"""
MORE = """\
- **/sources** the documents I answer from; **/privacy** what I keep, and how to delete it
- Admins: **/knowledge** adds, reviews and takes back documents; on any message: **Apps** ›
  **Add to knowledge**, **Mark as golden**
- 👍 👎 help the admins; **Ask the admins** puts an unanswered question on their list"""


def add(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the command."""

    @tree.command(name="help", description="What I can do, and how to ask.")
    async def show_help(interaction: discord.Interaction) -> None:
        direct = "\n- Or write to me **directly**" if services.settings.direct_messages else ""
        card = discord.Embed(
            title="Answers with footnotes",
            description="I answer from this community’s documents, and prove every sentence.",
            colour=BLUE,
        )
        card.add_field(name="Ask", value=ASK + direct, inline=False)
        card.add_field(name="Trust, and check", value=TRUST, inline=False)
        card.add_field(name="More", value=MORE, inline=False)
        await whisper(interaction, Page("", (card,)))
