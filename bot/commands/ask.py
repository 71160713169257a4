"""`/ask`, and the message menu that explains a message with sources."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.arrival import member_of
from bot.faults import NotNowError
from bot.page import shortened
from bot.services import Services


def add(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the commands of this module."""

    @tree.command(description="Ask the documents a question; every sentence comes with its source.")
    @app_commands.describe(
        question="What would you like to know?", private="Show the answer to you only."
    )
    async def ask(
        interaction: discord.Interaction,
        question: app_commands.Range[str, 1, 2000],
        private: bool = False,
    ) -> None:
        await answer(services, interaction, question, private=private)

    @tree.context_menu(name="Explain with sources")
    async def explain(interaction: discord.Interaction, message: discord.Message) -> None:
        text = message.clean_content.strip()
        if not text:
            raise NotNowError("There is no text in that message to explain.")
        longest = services.settings.question_length
        await answer(services, interaction, shortened(text, longest), private=False)


async def answer(
    services: Services, interaction: discord.Interaction, text: str, *, private: bool
) -> None:
    """Permit, promise, answer."""
    with services.admission.admitted(member_of(interaction), text) as question_text:
        question, delivery = await services.arrivals.interaction(
            interaction, question_text, private=private
        )
        await services.asking.answer(question, delivery)
