"""What happens to a server's library once the bot is no longer there."""

from __future__ import annotations

import time

from bot import leaving
from tests.bot.hall import Hall, hall_story
from tests.stores import said, text

OTHER = "guild:42"


async def publish(hall: Hall, scope: str) -> None:
    staged = hall.jobs.add(text(f"The rules of {scope}.", scope=scope)).staged
    hall.jobs.approve(staged.id, scope=scope, by="ada")


@hall_story(leave_days=10)
async def test_a_server_that_was_left_keeps_its_data_for_the_stated_days_and_then_loses_it(
    hall: Hall,
) -> None:
    services = hall.client.services
    for scope in (OTHER, hall.scope):
        await publish(hall, scope)
    asked = await hall.finished(await hall.person("bob").slash("ask", question="What rules?"))
    await leaving.note(services, {hall.server.world.guild})
    await leaving.erase(services)
    assert said(hall.books, scope=OTHER)

    hall.receipts.remember("left:42", str(time.time() - 11 * 86_400))
    await leaving.erase(services)

    assert said(hall.books, scope=OTHER) == ""
    assert hall.jobs.history(scope=OTHER) == ()
    assert hall.jobs.guilds() == [hall.server.world.guild]
    assert "The rules" in said(hall.books, scope=hall.scope)
    assert hall.receipts.by_message(asked.id) is not None


@hall_story(leave_days=10)
async def test_leaving_is_noted_when_it_happens_and_forgotten_on_return(hall: Hall) -> None:
    guild = hall.server.world.guild
    await publish(hall, hall.scope)
    await hall.finished(await hall.person("bob").slash("ask", question="What rules?"))

    await hall.server.gateway.emit("GUILD_DELETE", {"id": str(guild), "unavailable": True})
    await hall.server.gateway.emit("GUILD_DELETE", {"id": str(guild)})
    await hall.until(lambda: hall.receipts.recall(f"left:{guild}"))
    await hall.server.gateway.emit("GUILD_CREATE", hall.server.world.guild_payload())
    await hall.until(lambda: hall.receipts.recall(f"left:{guild}") == "")
    hall.receipts.remember(f"left:{guild}", str(time.time() - 11 * 86_400))
    await leaving.erase(hall.client.services)
    assert said(hall.books, scope=hall.scope) == ""
    assert not hall.receipts.recent(0, hall.hall.id)
