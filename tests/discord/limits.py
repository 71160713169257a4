"""Discord's documented limits that its OpenAPI description does not hold, and our own manners."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Payload = dict[str, Any]

COMMAND_NAME = re.compile(r"^[-_'\w]{1,32}$")
EMBED_LIMITS = {"title": 256, "description": 4096}


def message(payload: Payload, *, new: bool, files: int = 0) -> Iterator[str]:
    """What is wrong with a message that a bot sends or edits."""
    content = payload.get("content") or ""
    embeds = payload.get("embeds") or []
    components = payload.get("components") or []
    if len(content) > 2000:
        yield f"content has {len(content)} characters"
    if new and not (content.strip() or embeds or components or files):
        yield "the message is empty"
    if len(embeds) > 10:
        yield f"{len(embeds)} embeds"
    if sum(map(embed_length, embeds)) > 6000:
        yield f"embeds have {sum(map(embed_length, embeds))} characters"
    for embed in embeds:
        yield from _embed(embed)
    yield from rows(components)
    if payload.get("allowed_mentions", {}).get("parse") != []:
        yield "allowed_mentions is not 'nobody'"
    if payload.get("allowed_mentions", {}).get("replied_user"):
        yield "the person replied to would be pinged"


def rows(components: list[Payload]) -> Iterator[str]:
    """What is wrong with a message's buttons and menus."""
    if len(components) > 5:
        yield f"{len(components)} rows of components"
    ids: list[str] = []
    for row in components:
        items = row.get("components", [])
        if row.get("type") != 1 or not 1 <= len(items) <= 5:
            yield f"a row of type {row.get('type')} with {len(items)} items"
        for item in items:
            ids.append(item.get("custom_id") or item.get("url") or "")
            yield from _button(item) if item["type"] == 2 else _select(item)
    if len(set(ids)) != len(ids):
        yield f"custom ids are not unique: {ids}"


def modal(payload: Payload) -> Iterator[str]:
    """What is wrong with a form."""
    if not 1 <= len(payload["title"]) <= 45:
        yield f"a form's title has {len(payload['title'])} characters"
    if not 1 <= len(payload["custom_id"]) <= 100:
        yield "a form's custom id is too long"
    if not 1 <= len(payload["components"]) <= 5:
        yield f"a form with {len(payload['components'])} fields"
    for field in payload["components"]:
        if field["type"] == 18 and not 1 <= len(field["label"]) <= 45:
            yield f"a field's label has {len(field['label'])} characters"
        if field["type"] == 18 and len(field.get("description") or "") > 100:
            yield "a field's description is too long"
        inner = field.get("component") or field["components"][0]
        if inner["type"] == 3:
            yield from _select(inner)
        elif len(inner.get("placeholder") or "") > 100:
            yield "a field's placeholder is too long"


def choices(payload: Payload) -> Iterator[str]:
    """What is wrong with the suggestions of an autocomplete."""
    if len(payload["choices"]) > 25:
        yield f"{len(payload['choices'])} choices"
    for choice in payload["choices"]:
        if not 1 <= len(choice["name"]) <= 100 or not 1 <= len(str(choice["value"])) <= 100:
            yield f"a choice is too long or empty: {choice}"


def commands(payload: list[Payload]) -> Iterator[str]:
    """What is wrong with the commands that are registered."""
    for command in payload:
        slash = command.get("type", 1) == 1
        name = command["name"]
        if slash and (not COMMAND_NAME.match(name) or name != name.lower()):
            yield f"a command's name {name!r}"
        if not slash and not 1 <= len(name) <= 32:
            yield f"a menu's name {name!r}"
        if slash and not 1 <= len(command.get("description", "")) <= 100:
            yield f"{name}'s description has {len(command.get('description', ''))} characters"
        for option in command.get("options", []):
            if not COMMAND_NAME.match(option["name"]) or not 1 <= len(option["description"]) <= 100:
                yield f"{name}'s option {option['name']!r}"


def embed_length(embed: Payload) -> int:
    """The characters that count towards the limit over all embeds."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field["name"], field["value"]]
    return sum(len(text or "") for text in texts)


def _embed(embed: Payload) -> Iterator[str]:
    for name, limit in EMBED_LIMITS.items():
        if len(embed.get(name) or "") > limit:
            yield f"an embed's {name} has {len(embed[name])} characters"
    if len((embed.get("footer") or {}).get("text") or "") > 2048:
        yield "an embed's footer is too long"
    if len(embed.get("fields") or []) > 25:
        yield "an embed has too many fields"
    for field in embed.get("fields") or []:
        if not 1 <= len(field["name"]) <= 256 or not 1 <= len(field["value"]) <= 1024:
            yield f"an embed's field {field['name']!r} is empty or too long"


def _button(item: Payload) -> Iterator[str]:
    if len(item.get("label") or "") > 80:
        yield "a button's label is too long"
    if not item.get("label") and not item.get("emoji"):
        yield "a button shows nothing"
    if item["style"] != 5 and not 1 <= len(item.get("custom_id") or "") <= 100:
        yield "a button's custom id is missing or too long"


def _select(item: Payload) -> Iterator[str]:
    options = item.get("options", [])
    if not 1 <= len(options) <= 25:
        yield f"a menu has {len(options)} options"
    if len({option["value"] for option in options}) != len(options):
        yield "a menu's values are not unique"
    if len(item.get("placeholder") or "") > 150 or not 1 <= len(item["custom_id"]) <= 100:
        yield "a menu's placeholder or custom id is too long"
    for option in options:
        texts = (option["label"], option["value"], option.get("description") or "–")
        if not all(1 <= len(text) <= 100 for text in texts):
            yield f"a menu's option is too long or empty: {option}"
