"""The forms a person fills in, and what they wrote in them; a form may outlive the process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import discord

from bot.language import ENGLISH, Language
from bot.views import action_id
from knowledge.said import said

REASONS = (
    ("wrong", said("It is wrong"), said("The sources say something else")),
    ("missing", said("Something is missing"), said("The documents hold more than this")),
    ("beside", said("It answers another question"), None),
    ("source", said("A source does not fit"), said("The quote does not support the sentence")),
    ("unclear", said("It is hard to understand"), None),
)
# Discord ends the interaction behind a form after fifteen minutes.
_OPEN_S = 900.0
_COMMENT_LIMIT = 500
_TEXT_LIMIT = 4000


def follow_up_form(receipt: str, *, longest: int, say: Language = ENGLISH) -> discord.ui.Modal:
    """Asks for the next question of a conversation."""
    form = discord.ui.Modal(
        title=say("Follow up"), custom_id=action_id("follow", receipt), timeout=_OPEN_S
    )
    question: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id="question",
        style=discord.TextStyle.paragraph,
        placeholder=say("And how …?"),
        max_length=longest,
    )
    form.add_item(
        discord.ui.Label(
            text=say("Your next question"),
            description=say("I remember the answer you are following up."),
            component=question,
        )
    )
    return form


def reason_form(receipt: str, *, say: Language = ENGLISH) -> discord.ui.Modal:
    """Asks what was wrong with an answer."""
    form = discord.ui.Modal(
        title=say("What was wrong?"), custom_id=action_id("down", receipt), timeout=_OPEN_S
    )
    reasons: discord.ui.Select[discord.ui.Modal] = discord.ui.Select(
        custom_id="reason",
        placeholder=say("Choose what fits best"),
        options=[
            discord.SelectOption(
                label=say.again(label),
                value=value,
                description=say.again(description) if description else None,
            )
            for value, label, description in REASONS
        ],
    )
    comment: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id="comment",
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=_COMMENT_LIMIT,
    )
    form.add_item(discord.ui.Label(text=say("Reason"), component=reasons))
    form.add_item(
        discord.ui.Label(
            text=say("Anything to add?"),
            description=say("The admins read this beside the answer."),
            component=comment,
        )
    )
    return form


def golden_form(longest: int, *, say: Language = ENGLISH) -> discord.ui.Modal:
    """Asks for a question with its right answer."""
    form = discord.ui.Modal(
        title=say("A golden answer"), custom_id=action_id("golden", "new"), timeout=_OPEN_S
    )
    question: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id="question", max_length=longest
    )
    answer: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id="answer", style=discord.TextStyle.paragraph, max_length=_COMMENT_LIMIT
    )
    form.add_item(discord.ui.Label(text=say("Question"), component=question))
    form.add_item(
        discord.ui.Label(
            text=say("Right answer"),
            description=say("In the sentences that must stay provable from the documents."),
            component=answer,
        )
    )
    return form


def text_form(title: str = "", *, say: Language = ENGLISH) -> discord.ui.Modal:
    """Asks for a text to add to the library; `title` is what stands there already."""
    form = discord.ui.Modal(
        title=say("Add a text"), custom_id=action_id("addtext", "new"), timeout=_OPEN_S
    )
    name: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id="title",
        placeholder=say("Opening hours"),
        max_length=100,
        default=title[:100] or None,
    )
    text: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id="text", style=discord.TextStyle.paragraph, max_length=_TEXT_LIMIT
    )
    form.add_item(
        discord.ui.Label(
            text=say("Title"),
            description=say("A text of the same title is replaced."),
            component=name,
        )
    )
    form.add_item(
        discord.ui.Label(
            text=say("Text"), description=say("Markdown is understood."), component=text
        )
    )
    return form


def filled_in(components: object) -> dict[str, str]:
    """What was written or chosen in a submitted form, by the fields' names.

    Whatever has not the shape of a field is passed over: a form may be forged.
    """
    return {
        str(field["custom_id"]): _value(field)
        for field in _fields(components)
        if "custom_id" in field
    }


def _value(field: Mapping[str, Any]) -> str:
    values = field.get("values")
    chosen = values[0] if isinstance(values, list) and values else ""
    return str(field.get("value") or chosen)


def _fields(components: object) -> Iterator[Mapping[str, Any]]:
    for component in components if isinstance(components, list) else ():
        if not isinstance(component, Mapping):
            continue
        if "component" in component:
            yield from _fields([component["component"]])
        elif "components" in component:
            yield from _fields(component["components"])
        else:
            yield component
