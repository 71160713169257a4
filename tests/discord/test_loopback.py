"""The loopback Discord refuses what Discord refuses; else the other tests would prove nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.discord import limits
from tests.discord.openapi import referee
from tests.discord.server import API, TOKEN, Loopback

NOBODY = {"parse": []}
BUTTON = {"type": 2, "style": 2, "label": "Go", "custom_id": "go"}


def row(*items: dict[str, Any]) -> dict[str, Any]:
    """A row of components."""
    return {"type": 1, "components": list(items)}


@pytest.mark.parametrize(
    "broken",
    [
        {"content": "x" * 2001},
        {"content": "  "},
        {"embeds": [{"description": "x" * 4097}]},
        {"embeds": [{"description": "x" * 3001}] * 2},
        {"embeds": [{"title": "x" * 257}]},
        {"embeds": [{"title": "x"}] * 11},
        {"embeds": [{"title": "x", "fields": [{"name": "", "value": "x"}]}]},
        {"embeds": [{"title": "x", "footer": {"text": "x" * 2049}}]},
        {"content": "x", "components": [row(BUTTON)] * 6},
        {"content": "x", "components": [row(*[BUTTON] * 2)]},
        {"content": "x", "components": [row(*({**BUTTON, "custom_id": str(n)} for n in range(6)))]},
        {"content": "x", "components": [row({**BUTTON, "custom_id": "x" * 101})]},
        {"content": "x", "components": [row({**BUTTON, "label": "x" * 81})]},
        {"content": "x", "components": [row({"type": 3, "custom_id": "m", "options": []})]},
        {"content": "x", "allowed_mentions": {"parse": ["users"]}},
        {"content": "x", "allowed_mentions": {"parse": [], "replied_user": True}},
    ],
)
def test_each_limit_is_held(broken: dict[str, Any]) -> None:
    assert list(limits.message({"allowed_mentions": NOBODY, **broken}, new=True))


def test_a_message_within_the_limits_passes() -> None:
    fine = {
        "content": "x" * 2000,
        "embeds": [{"description": "x" * 4096}, {"description": "x" * 1904}],
        "components": [row(BUTTON)],
        "allowed_mentions": NOBODY,
    }

    assert list(limits.message(fine, new=True)) == []


def talk(*requests: tuple[str, str, Any], token: str = TOKEN) -> list[tuple[int, Any]]:
    """Send requests with a plain client; returns status and body of each answer."""

    async def play() -> list[tuple[int, Any]]:
        answers = []
        headers = {"Authorization": f"Bot {token}", "Content-Type": "application/json"}
        async with (
            Loopback() as server,
            aiohttp.ClientSession(connector=server.connector(), headers=headers) as client,
        ):
            hall = server.world.channel("hall")
            for method, path, body in requests:
                url = f"https://discord.com{API}{path.format(hall=hall.id)}"
                async with client.request(method, url, json=body) as answer:
                    answers.append((answer.status, await answer.json(content_type=None)))
        return answers

    return asyncio.run(play())


def test_a_message_that_breaks_a_limit_is_refused() -> None:
    ((status, body),) = talk(("POST", "/channels/{hall}/messages", {"content": "x" * 2001}))

    assert (status, body["code"]) == (400, 50035)


def test_a_wrong_token_an_unknown_channel_and_an_unknown_interaction_are_refused() -> None:
    body = {"content": "x", "allowed_mentions": NOBODY}

    assert talk(("GET", "/users/@me", None), token="wrong")[0][0] == 401
    ((status, error),) = talk(("POST", "/channels/1/messages", body))
    assert (status, error["code"]) == (404, 10003)
    ((status, error),) = talk(("POST", "/interactions/1/token/callback", {"type": 5}))
    assert (status, error["code"]) == (404, 10062)
    ((status, error),) = talk(("PATCH", "/webhooks/1/token/messages/@original", body))
    assert (status, error["code"]) == (401, 50027)


def test_names_that_are_not_discords_are_refused_and_noted() -> None:
    async def play() -> list[str]:
        async with (
            Loopback() as server,
            aiohttp.ClientSession(connector=server.connector()) as client,
        ):
            with pytest.raises(aiohttp.ClientConnectorError):
                await client.get("https://example.org/")
            return server.violations

    assert asyncio.run(play()) == ["looked up example.org"]


@pytest.mark.skipif(referee() is None, reason="Discord's OpenAPI description is not at hand")
def test_the_description_refuses_what_it_does_not_describe() -> None:
    judge = referee()
    assert judge is not None
    path = "/channels/{channel_id}/messages"

    assert list(judge.request("POST", path, {"content": "fine"})) == []
    assert list(judge.request("POST", path, {"content": 7}))
    assert list(judge.request("POST", path, {"embeds": "none"}))
    assert list(judge.response("GET", "/users/@me", 200, {"id": "1"}))
