"""Settings of the Discord bot, on top of those of the library and the models."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from knowledge.config import Settings

Value = TypeVar("Value")


def _listed(value: str | int | Iterable[Value]) -> Iterable[Value] | list[str]:
    """Take '1, 2 3' for a list, as people write it in an environment file."""
    if isinstance(value, (str, int)):
        return str(value).replace(",", " ").split()
    return value


Ids = Annotated[frozenset[int], NoDecode, BeforeValidator(_listed)]


class BotSettings(Settings):
    """What the bot may be told; each field has its line in `.env.example`."""

    discord_token: Annotated[
        SecretStr | None,
        Field(
            validation_alias=AliasChoices("DISCORD_TOKEN", "FOOTNOTE_DISCORD_TOKEN"),
            description="The bot's token, from the Bot page of the Discord developer portal.",
        ),
    ] = None
    allowed_channels: Annotated[
        Ids, Field(description="Ids of the channels to answer in, with their threads; empty: all.")
    ] = frozenset()
    allowed_roles: Annotated[
        Ids, Field(description="Ids of the roles that may ask; empty: everyone.")
    ] = frozenset()
    admin_role: Annotated[
        int | None,
        Field(
            description="Id of the role that may do what moderators may, and change the library."
        ),
    ] = None
    documents_folder: Annotated[
        Path | None,
        Field(description="Folder with a folder for each server, by id, for /knowledge sync."),
    ] = None
    review_documents: Annotated[
        bool, Field(description="Whether what admins add always waits for somebody's approval.")
    ] = True
    quarantine_planted: Annotated[
        bool,
        Field(
            description="Whether what holds orders to a language model waits even without a review."
        ),
    ] = True
    document_megabytes: Annotated[
        float, Field(gt=0, le=500, description="Largest file or page that is added, in megabytes.")
    ] = 20.0
    document_pages: Annotated[
        int, Field(ge=1, description="Longest document that is added, in pages.")
    ] = 1000
    document_seconds: Annotated[
        float, Field(gt=0, description="Seconds that reading or fetching one document may take.")
    ] = 60.0
    web_token: Annotated[
        SecretStr | None,
        Field(description="Token that opens the local page; needed to reach it from elsewhere."),
    ] = None
    direct_messages: Annotated[bool, Field(description="Whether to answer in direct messages.")] = (
        True
    )
    user_questions: Annotated[
        int, Field(ge=0, description="Questions a person may ask in one window; 0: no limit.")
    ] = 10
    guild_questions: Annotated[
        int, Field(ge=0, description="Questions a server may ask in one window; 0: no limit.")
    ] = 60
    window_minutes: Annotated[
        float, Field(gt=0, description="Length of the window of both limits, in minutes.")
    ] = 10.0
    queue_length: Annotated[
        int, Field(ge=1, le=1000, description="Questions that may wait for the model at once.")
    ] = 16
    concurrent_answers: Annotated[
        int, Field(ge=1, le=64, description="Answers written at once, together.")
    ] = 4
    conversation_turns: Annotated[
        int, Field(ge=0, le=20, description="Earlier questions a follow-up remembers.")
    ] = 3
    question_length: Annotated[
        int, Field(ge=50, le=2000, description="Longest question, in characters.")
    ] = 600
    edit_interval_s: Annotated[
        float, Field(ge=1.0, le=30.0, description="Seconds between two edits of one message.")
    ] = 1.2
    answer_timeout_s: Annotated[
        float, Field(gt=0, description="Seconds after which a running answer is cut short.")
    ] = 180.0
    shutdown_grace_s: Annotated[
        float, Field(ge=0, description="Seconds that running answers get when the bot is stopped.")
    ] = 20.0
    resume_minutes: Annotated[
        float, Field(ge=0, description="Questions left open by a stop are taken up for this long.")
    ] = 30.0
    retention_days: Annotated[
        int, Field(ge=0, description="Days that questions and answers are kept; 0: for ever.")
    ] = 90
    leave_days: Annotated[
        int, Field(ge=0, description="Days a server's library is kept once the bot has left it.")
    ] = 30
    log_messages: Annotated[
        bool, Field(description="Whether the log may hold what people write.")
    ] = False
