"""Commands described in the reader's language; their names stay English, as the help has them."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Place

from bot.language import Language, language_of

_DESCRIBED = frozenset(
    {
        Place.command_description,
        Place.group_description,
        Place.parameter_description,
        Place.choice_name,
    }
)


class Translator(app_commands.Translator):
    """Tells Discord every description and choice in each language that the bot speaks."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """What a text is called in a locale; None where it is as in the code."""
        say = _own(locale)
        if say is None or context.location not in _DESCRIBED:
            return None
        said = say(string.message)
        return said if said != string.message else None


def _own(locale: discord.Locale) -> Language | None:
    say = language_of(str(locale))
    return None if say.tag == "en" else say
