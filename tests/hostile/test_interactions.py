"""Interactions that no client sends: forged, stale, replayed, oversized, of the wrong shape."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import structlog

from bot.client import PRESSES, SUBMITS
from bot.views import TEMPLATE
from tests.bot.hall import Hall, hall_story
from tests.discord.play import Person
from tests.discord.rest import Sent
from tests.discord.world import Message
from tests.hostile import ALL

ROUNDS = 20 if ALL else 4
EACH = 500 if ALL else 250
TEXTS = [
    *("", " ", "0", "-1", "9" * 40, "a" * 3000, "../../etc/passwd", "%s%n", "' OR 1=1 --", "\0"),
    *("@everyone <@1>", "\u202etxt", "\u200b" * 50, "💩" * 200, "nan", "1e999", "[]", "{}", "None"),
    *("guild:1", "shared", "::", ":", "fn:approve:x", "[a](https://b.c)", "\n\n", "null", "true"),
]
STATES = ["", "0", "1", "-5", "99999999999999999999", "a-b_c", "x" * 60, "anyway", "guild", "::"]


def custom_id(chance: random.Random, seen: list[str]) -> str:
    """An id of an action with a state that is not its own, or something like one."""
    action = chance.choice([*PRESSES, *SUBMITS, "nonsense", ""])
    states = ":".join(chance.choices(STATES, k=chance.randrange(5)))
    match chance.randrange(6):
        case 0 if seen:
            return chance.choice(seen)
        case 1 if seen:
            kept = chance.choice(seen)
            at = chance.randrange(len(kept))
            return kept[:at] + chance.choice("0a:x_-") + kept[at + 1 :]
        case 2:
            return chance.choice(TEXTS)[:100]
        case _:
            return f"fn:{action}:{states}"[:100]


def anything(chance: random.Random, depth: int = 0) -> Any:
    """A value of any shape."""
    match chance.randrange(7 if depth < 3 else 4):
        case 0:
            return chance.choice(TEXTS)
        case 1:
            return chance.choice([0, -1, 2**63, 1.5, True, None])
        case 2:
            return str(chance.randrange(10**18))
        case 3:
            return chance.choice(TEXTS)[:20]
        case 4:
            return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
        case _:
            return {
                chance.choice(["value", "type", "name", "custom_id", "values", "components", "id"]):
                anything(chance, depth + 1)
                for _ in range(chance.randrange(4))
            }  # fmt: skip


def pressed(chance: random.Random, seen: list[str]) -> tuple[int, dict[str, Any]]:
    values = chance.choice([[], ["x"], [chance.choice(TEXTS)] * 3])
    kind = chance.choice([2, 3])
    more = {"values": values} if kind == 3 else {}
    return 3, {"custom_id": custom_id(chance, seen), "component_type": kind, **more}


def submitted(chance: random.Random, seen: list[str]) -> tuple[int, dict[str, Any]]:
    def field() -> dict[str, Any]:
        name = chance.choice(["text", "title", "question", "comment", "reason", "x"])
        inner = {"type": 4, "custom_id": name, "id": 2, "value": chance.choice(TEXTS) * 3}
        return {"type": 18, "id": 1, "component": inner}

    fields = [field() for _ in range(chance.randrange(4))]
    shape = fields if chance.random() < 0.7 else anything(chance)
    return 5, {"custom_id": custom_id(chance, seen), "components": shape}


def commanded(chance: random.Random, known: list[Mapping[str, Any]]) -> tuple[int, dict[str, Any]]:
    """A known command with options of any kind, or one that is not there any more."""
    command = chance.choice(known)
    options = []
    inner: Mapping[str, Any] = command
    path = []
    while any(option["type"] in (1, 2) for option in inner.get("options", ())):
        inner = chance.choice(inner["options"])
        path.append(inner)
    for option in inner.get("options", ()):
        # A member, role, channel or file comes with what it is, or not at all.
        if option["type"] in (3, 4, 5, 10) and chance.random() < 0.8:
            # Discord itself holds types, ranges and choices against the command.
            whole = [option.get("min_value", -(2**53)), option.get("max_value", 2**53)]
            of_type = {3: TEXTS, 4: whole, 5: [True, False], 10: [0.5, -1e9]}
            values = [each["value"] for each in option.get("choices", ())]
            value = chance.choice(values or of_type[option["type"]])
            options.append({"name": option["name"], "type": option["type"], "value": value})
    for part in reversed(path):
        options = [{"name": part["name"], "type": part["type"], "options": options}]
    name = command["name"] if chance.random() < 0.9 else "gone"
    data = {"id": command["id"], "name": name, "type": command["type"], "options": options}
    if command["type"] == 3:
        data["target_id"] = chance.choice(["1", "x"])
        data["resolved"] = chance.choice([{}, {"messages": {}}])
    return chance.choice([2, 2, 4]), data


async def sent(who: Person, chance: random.Random, seen: list[str]) -> tuple[Sent, dict[str, Any]]:
    known = who.server.rest.commands
    kind, data = chance.choice(
        [
            lambda: pressed(chance, seen),
            lambda: submitted(chance, seen),
            lambda: commanded(chance, known),
        ]
    )()
    source = shown(who, data) if kind == 3 else None
    return await who.raw(kind, data, source=source), data


def shown(who: Person, data: dict[str, Any]) -> Message:
    """A message of the bot's that has, or is said to have, what is pressed."""
    common = {"custom_id": data["custom_id"] or "x"}
    inner = {"type": 2, "style": 2, "label": "?"} | common
    if data["component_type"] == 3:
        inner = {"type": 3, "options": [{"label": "?", "value": "x"}]} | common
    body = {"content": "?", "components": [{"type": 1, "components": [inner]}]}
    world = who.server.world
    return world.add(Message(who.channel, world.bot, body))


def last(fault: Mapping[str, Any]) -> str:
    """What of ours broke; '' where discord.py refused what no Discord sends."""
    frames = [line for line in str(fault.get("trace", "")).splitlines() if "File " in line]
    return "" if frames and "/discord/" in frames[-1] else f"{fault['error']}: {frames[-3:]}"


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_no_interaction_harms_the_bot_and_each_of_ours_gets_a_sentence(
    tmp_path: Any, seed: int
) -> None:
    @hall_story()
    async def play(hall: Hall) -> None:
        chance = random.Random(seed)
        people = [hall.admin(), hall.person("eve"), hall.person("bob").directly()]
        seen: list[str] = []
        counts: Counter[str] = Counter()
        asked: list[Sent] = []
        with structlog.testing.capture_logs() as logged:
            for number in range(EACH):
                who = chance.choice(people)
                happened, data = await sent(who, chance, seen)
                counts[str(happened.kind)] += 1
                if TEMPLATE.fullmatch(str(data.get("custom_id"))):
                    asked.append(happened)
                if number % 25 == 24:
                    await asyncio.sleep(0.05)
                    messages = hall.server.world.messages.values()
                    seen = [each["custom_id"] for m in messages for each in m.controls][-50:]
            answer = await hall.finished(
                await hall.person("zoe").slash("ask", question="What is mode collapse?")
            )
            await hall.until(lambda: all(each.response for each in asked), seconds=30)
        assert answer.text
        assert asked
        faults = [each for each in logged if each["log_level"] in ("error", "critical")]
        ours = {last(each) for each in faults} - {""}
        assert not ours, "\n".join(sorted(ours))
        sys.stdout.write(f"{EACH} interactions: {dict(counts)}\n")

    play(tmp_path)


@hall_story()
async def test_what_is_not_known_any_more_is_told_so(hall: Hall) -> None:
    eve = hall.person("eve")
    for forged in ("fn:nonsense:1", "fn:sources:abc:first", "fn:documents:", "fn:delete:x:y"):
        data = {"custom_id": forged, "component_type": 2}
        pressed = await eve.raw(3, data, source=shown(eve, data))
        assert "do not know this button" in (await hall.told(pressed)).text, forged
    form = await eve.raw(5, {"custom_id": "fn:nonsense:1", "components": []})
    assert "do not know this button" in (await hall.told(form)).text
