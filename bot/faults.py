"""The one handler of errors: a plain sentence for the person, the rest for the log, one id."""

from __future__ import annotations

import contextlib
import secrets
import traceback

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.escape import remark
from bot.language import ENGLISH, Language, spoken
from bot.page import CONTENT_LIMIT, shortened
from bot.routes import NOBODY
from knowledge.errors import FootnoteError

log = structlog.get_logger(__name__)

_GONE = frozenset({10062, 40060, 50027, 10015})


class NotNowError(FootnoteError):
    """Something is not done, with the sentence its asker is told; not a fault."""


def told(error: BaseException, *, say: Language = ENGLISH, **where: object) -> str:
    """The sentence a person is told of an error, which is logged under the same id.

    In this order: what we declined ourselves; what we can name, with its own sentence; an
    interaction that is over; everything else.
    """
    if isinstance(error, (app_commands.CommandInvokeError, app_commands.TransformerError)):
        error = error.__cause__ or error
    if isinstance(error, NotNowError):
        log.info("declined", reason=str(error), **where)
        return say.again(error)
    name = secrets.token_hex(3)
    if isinstance(error, discord.HTTPException) and error.code in _GONE:
        log.warning("interaction is over", id=name, code=error.code, **where)
        return say("That took too long for Discord. Please try again. (error {name})", name=name)
    if isinstance(error, FootnoteError):
        log.warning("failed", id=name, error=type(error).__name__, reason=str(error), **where)
        return say("{sentence} (error {name})", sentence=say.again(error), name=name)
    # Not exc_info: a renderer may print local variables with it, and so what people wrote.
    trace = "".join(traceback.format_tb(error.__traceback__))
    log.error("failed", id=name, error=type(error).__name__, trace=trace, **where)
    return say(
        "Something went wrong on my side; it was noted. Please try again. (error {name})", name=name
    )


async def report(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell the person behind an interaction, in private where that is still possible."""
    command = getattr(interaction.command, "name", None)
    # A name in it may be as long as somebody liked.
    where = {"command": command, "guild": interaction.guild_id}
    sentence = remark(told(error, say=spoken(interaction), **where))
    sentence = shortened(sentence, CONTENT_LIMIT)
    response = interaction.response
    with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, TimeoutError):
        if not response.is_done():
            await response.send_message(sentence, ephemeral=True, allowed_mentions=NOBODY)
        elif response.type is discord.InteractionResponseType.deferred_channel_message:
            await interaction.edit_original_response(
                content=sentence, embeds=[], view=None, allowed_mentions=NOBODY
            )
        else:
            await interaction.followup.send(sentence, ephemeral=True, allowed_mentions=NOBODY)
