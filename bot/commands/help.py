"""`/help`: what the bot can do, on one screen."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.labels import BLUE
from bot.language import Language, spoken
from bot.page import Page
from bot.services import Services, whisper


def add(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the command."""

    @tree.command(name="help", description="What I can do, and how to ask.")
    async def show_help(interaction: discord.Interaction) -> None:
        say = spoken(interaction)
        card = discord.Embed(
            title=say("Answers with footnotes"),
            description=say("I answer from this community’s documents, and prove every sentence."),
            colour=BLUE,
        )
        asking = _asking(say, directly=services.settings.direct_messages)
        for name, lines in (
            (say("Ask"), asking),
            (say("Trust, and check"), _trust(say)),
            (say("More"), _more(say)),
        ):
            card.add_field(name=name, value="\n".join(f"- {line}" for line in lines), inline=False)
        await whisper(interaction, Page("", (card,)))


def _asking(say: Language, *, directly: bool) -> list[str]:
    ways = [
        say("**/ask** a question; `private` shows the answer to you only"),
        say("**Mention me** in a message, or **reply** to an answer to ask on"),
        say("Right-click or long-press a message › **Apps** › **Explain with sources**"),
    ]
    return [*ways, say("Or write to me **directly**")] if directly else ways


def _trust(say: Language) -> list[str]:
    return [
        say(
            "Every sentence carries the number of its source;"
            " **Sources** shows the words themselves"
        ),
        say(
            "What the documents do not bear out is left out; what they do not say, I do not answer"
        ),
        say("**/why** shows the evidence, its scores and the verdict on each sentence"),
        say("On any message: **Apps** › **Fact-check**"),
    ]


def _more(say: Language) -> list[str]:
    return [
        say(
            "**/sources** the documents I answer from;"
            " **/privacy** what I keep, and how to delete it"
        ),
        say(
            "Admins: **/knowledge** adds, reviews and takes back documents; on any message:"
            " **Apps** › **Add to knowledge**, **Mark as golden**"
        ),
        say("👍 👎 help the admins; **Ask the admins** puts an unanswered question on their list"),
    ]
