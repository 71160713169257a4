"""Every action against every kind of member: what each may do, played on the loopback Discord.

A new command, button, menu, form or suggestion needs a row here before the tests pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.client import PRESSES, SUBMITS
from bot.permissions import SHARED, own_scope
from tests.bot.hall import EVERYBODY, MANAGE_SERVER, Hall, hall_story
from tests.bot.test_receipts import receipt
from tests.discord.play import Person
from tests.discord.rest import Sent
from tests.discord.world import Channel, Message, snowflake
from tests.stores import text

MANAGE_MESSAGES = 0x2000
KEEPER, READER = 77, 70

# Who there is: the columns. `owner` is whoever the bot's application belongs to.
KINDS = (
    "stranger", "reader", "asker", "moderator", "keeper", "manager", "owner", "elsewhere", "direct",
)  # fmt: skip
HERE = frozenset(KINDS) - {"elsewhere", "direct"}

# What a row may say: who may do it.
ALL = frozenset(KINDS)
MEMBERS = ALL - {"direct"}
# With a role that may ask, or a moderator; in a direct message there are no roles.
ASKERS = frozenset({"reader", "asker", "moderator", "keeper", "manager", "direct", "elsewhere"})
# Who changes a library; somebody from elsewhere changes their own.
KEEPERS = frozenset({"keeper", "manager", "elsewhere"})
KEEPERS_HERE = KEEPERS & HERE
# Who sees a public answer: all where it was given, and its asker.
SEERS = HERE
SEEING_ASKERS = SEERS & ASKERS
DELETERS = frozenset({"asker", "moderator", "keeper", "manager"})

REFUSALS = (
    "Only members with", "A library belongs to a server", "I no longer have the record of this",
    "Only the person who asked", "I don't answer", "may ask me",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One action: how it is done, and who may."""

    name: str
    may: frozenset[str]
    options: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    values: tuple[str, ...] = ()


SETTINGS = {
    "admin_role": KEEPER,
    "allowed_roles": frozenset({READER}),
    "user_questions": 0,
    "guild_questions": 0,
}
FILE = ("x.md", b"# X\n\nSome words.")
ROWS = (
    Row("/ask", ASKERS, {"question": "When does the reading room open?"}),
    Row("/help", ALL),
    Row("/privacy", ALL),
    Row("/sources", ALL),
    Row("/why", ALL),
    Row("/knowledge add file", KEEPERS, {"file": FILE}),
    Row("/knowledge add text", KEEPERS),
    Row("/knowledge add url", KEEPERS, {"address": "http://127.0.0.1/"}),
    Row("/knowledge feedback", KEEPERS),
    Row("/knowledge gaps", KEEPERS),
    Row("/knowledge golden", KEEPERS),
    Row("/knowledge history", KEEPERS),
    Row("/knowledge list", KEEPERS),
    Row("/knowledge map", KEEPERS),
    Row("/knowledge remove", KEEPERS, {"document": "none.md"}),
    Row("/knowledge rollback", KEEPERS, {"document": "none.md"}),
    Row("/knowledge stats", KEEPERS),
    Row("/knowledge status", KEEPERS),
    Row("/knowledge sync", KEEPERS),
    Row("/knowledge watch", KEEPERS, {"document": "none.md", "often": "never"}),
    Row("menu Add to knowledge", KEEPERS),
    Row("menu Explain with sources", ASKERS),
    Row("menu Fact-check", ASKERS),
    Row("menu Mark as golden", KEEPERS),
    # Suggestions, which refuse by suggesting nothing.
    Row("suggest /sources search", ALL, {"search": ""}),
    Row("suggest /why answer", ALL, {"answer": ""}),
    Row("suggest /knowledge history document", KEEPERS, {"document": ""}),
    Row("suggest /knowledge remove document", KEEPERS, {"document": ""}),
    Row("suggest /knowledge rollback document", KEEPERS, {"document": ""}),
    Row("suggest /knowledge rollback version", KEEPERS, {"version": ""}),
    Row("suggest /knowledge watch document", KEEPERS, {"document": ""}),
    # Buttons and menus below answers.
    Row("press sources", SEERS, state="RECEIPT:0"),
    Row("press leaf", SEERS, state="RECEIPT:0"),
    Row("press why", SEERS, state="RECEIPT"),
    Row("press follow", SEERS, state="RECEIPT"),
    Row("press up", SEERS, state="RECEIPT"),
    Row("press down", SEERS, state="RECEIPT"),
    Row("press wish", SEERS, state="RECEIPT"),
    Row("press again", SEEING_ASKERS, state="RECEIPT"),
    Row("press stop", DELETERS, state="RUNNING"),
    Row("press delete", DELETERS, state="RECEIPT:1"),
    # About oneself.
    Row("press export", ALL),
    Row("press erase", ALL),
    Row("press forget", ALL),
    # The documents in reach.
    Row("press documents", ALL, state="0"),
    Row("press open", ALL, values=("none.md",)),
    Row("press document", ALL, state="none:0"),
    # The library.
    Row("press approve", KEEPERS, state="nothing"),
    Row("press reject", KEEPERS, state="nothing"),
    Row("press review", KEEPERS, values=("nothing",)),
    Row("press log", KEEPERS),
    Row("press remove", KEEPERS, state="none"),
    Row("press rollback", KEEPERS, state="none:1"),
    Row("press sync", KEEPERS, state="now"),
    Row("press gap", KEEPERS_HERE, values=("RECEIPT",)),
    Row("press gild", KEEPERS_HERE, state="RECEIPT"),
    Row("press ungild", KEEPERS, values=("1",)),
    Row("press newgolden", KEEPERS),
    # Forms, as they come back.
    Row("submit addtext", KEEPERS),
    Row("submit golden", KEEPERS),
    Row("submit follow", SEEING_ASKERS, state="RECEIPT"),
    Row("submit down", SEERS, state="RECEIPT"),
)


def actions(tree: app_commands.CommandTree) -> Iterator[str]:
    """Every action that the bot offers, as the rows name it."""
    for command in tree.walk_commands():
        if isinstance(command, app_commands.Command):
            yield f"/{command.qualified_name}"
            for parameter in command.parameters:
                if parameter.autocomplete:
                    yield f"suggest /{command.qualified_name} {parameter.name}"
    for kind in (discord.AppCommandType.message, discord.AppCommandType.user):
        yield from (f"menu {each.name}" for each in tree.walk_commands(type=kind))
    yield from (f"press {name}" for name in PRESSES)
    yield from (f"submit {name}" for name in SUBMITS)


@hall_story()
async def test_every_action_has_a_row_and_every_row_an_action(hall: Hall) -> None:
    offered = sorted(actions(hall.client.tree))
    assert len(offered) > 50
    # A new action: say in ROWS who may do it.
    assert {row.name for row in ROWS} ^ set(offered) == set()
    assert len(ROWS) == len(offered)


class Town:
    """The members, one of each kind, and what they act upon."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        world = hall.server.world
        world.roles |= {KEEPER: "keeper", READER: "reader"}
        away = Channel("away", type=0, guild=snowflake())
        world.channels[away.id] = away
        self.away = own_scope(away.guild)
        person = hall.person
        self.asker = person("asker", roles=[READER], permissions=EVERYBODY)
        self.members: dict[str, Person] = {
            "stranger": person("stranger", permissions=EVERYBODY),
            "reader": person("reader", roles=[READER], permissions=EVERYBODY),
            "asker": self.asker,
            "moderator": person("moderator", permissions=EVERYBODY | MANAGE_MESSAGES),
            "keeper": person("keeper", roles=[KEEPER], permissions=EVERYBODY),
            "manager": person("manager", permissions=EVERYBODY | MANAGE_SERVER),
            "owner": person("owner", permissions=EVERYBODY),
            "elsewhere": hall.admin("elsewhere").at(away),
            "direct": person("direct", permissions=EVERYBODY).directly(),
        }
        asking = hall.client.services.asking
        asked = SimpleNamespace(asker=self.asker.user.id, guild=world.guild)
        running = SimpleNamespace(question=asked)
        asking.find = lambda name: running if name == "RUNNING" else None  # type: ignore[method-assign]
        self.said = world.add(Message(self.asker.channel, self.asker.user, {"content": "Hours?"}))

    async def settle(self) -> None:
        """Let the bot know the roles."""
        world = self.hall.server.world
        for role in world.guild_payload()["roles"][1:]:
            made = {"guild_id": str(world.guild), "role": role}
            await self.hall.server.gateway.emit("GUILD_ROLE_CREATE", made)

    def receipt(self) -> str:
        """A public answer of the asker's, in the channel where all are."""
        name = f"r{snowflake()}"
        where = {"guild": self.hall.server.world.guild, "channel": self.asker.channel.id}
        made = receipt(name, asker=self.asker.user.id, key="", **where)
        self.hall.receipts.save(made)
        return name

    async def does(self, kind: str, row: Row) -> str:
        """What a member is told who tries; '' for a suggestion of nothing."""
        who, (way, _, name) = self.members[kind], row.name.partition(" ")
        if row.name.startswith("/"):
            sent = await who.slash(row.name[1:], **row.options)
        elif way == "menu":
            sent = await who.menu(name, self.said)
        elif way == "suggest":
            command, _, _ = name.removeprefix("/").rpartition(" ")
            found = await who.autocomplete(command, **row.options)
            return " ".join(str(each["name"]) for each in found)
        else:
            sent = await self._component(who, way, name, row)
        return await self._told(sent)

    async def _component(self, who: Person, way: str, name: str, row: Row) -> Sent:
        own = self.receipt()
        state = row.state.replace("RECEIPT", own)
        values = [each.replace("RECEIPT", own) for each in row.values]
        control: dict[str, Any] = {"type": 2, "style": 2, "label": "x"}
        if values:
            options = [{"label": each, "value": each} for each in values]
            control = {"type": 3, "options": options}
        control["custom_id"] = f"fn:{name}:{state}"
        row_of_it = {"type": 1, "components": [control]}
        source = self.hall.server.world.add(
            Message(
                who.channel,
                self.hall.server.world.bot,
                {"content": "an answer", "components": [row_of_it]},
            )
        )
        if way == "press":
            data = {"custom_id": control["custom_id"], "component_type": control["type"]}
            return await who.raw(3, {**data, "values": values} if values else data, source=source)
        fields = {"question": "When does it open?", "title": "T", "text": "Some words.",
                  "reason": "wrong", "comment": "", "answer": "It opens at nine."}  # fmt: skip
        inner = [{"type": 4, "custom_id": key, "value": value} for key, value in fields.items()]
        components = [
            {"type": 18, "id": n, "component": {"id": n + 50, **each}}
            for n, each in enumerate(inner, start=1)
        ]
        return await who.raw(
            5, {"custom_id": f"fn:{name}:{state}", "components": components}, source=source
        )

    async def _told(self, sent: Sent) -> str:
        """The first words that come back, or 'a form'."""
        await self.hall.until(lambda: sent.response)
        if sent.response["type"] == 9:
            return "a form"
        shown = [sent.message, *sent.follow_ups]
        if sent.response["type"] in (5, 6) and not sent.follow_ups:
            # What is shown while it works will do: a refusal is the first that is said.
            await self.hall.until(lambda: _answered(sent), seconds=40)
            shown = [sent.message, *sent.follow_ups]
        return "\n".join(each.text for each in shown if each is not None) or "done"


def _answered(sent: Sent) -> bool:
    if sent.message is None or sent.message.deleted or sent.follow_ups:
        return True
    return bool(sent.message.text) or sent.response["type"] == 6


PARTS = {
    "commands": ("/ask", "/help", "/privacy", "/sources", "/why"),
    "library commands": ("/knowledge a", "/knowledge f", "/knowledge g", "/knowledge h"),
    "further library commands": ("/knowledge l", "/knowledge m", "/knowledge r", "/knowledge s",
                                 "/knowledge w"),
    "menus and suggestions": ("menu", "suggest"),
    "answers": ("press sources", "press leaf", "press why", "press follow", "press up",
                "press down", "press wish", "press again", "press stop", "press delete"),
    "oneself and documents": ("press export", "press erase", "press forget", "press documents",
                              "press open", "press document"),
    "library": ("press approve", "press reject", "press review", "press log", "press remove",
                "press rollback", "press sync", "press g", "press ungild", "press newgolden"),
    "forms": ("submit",),
}  # fmt: skip


def test_the_parts_are_the_whole_table() -> None:
    assert all(any(row.name.startswith(part) for part in PARTS.values()) for row in ROWS)


@pytest.mark.parametrize("part", PARTS)
def test_each_kind_of_member_may_do_what_the_table_says(part: str, tmp_path: Path) -> None:
    rows = [row for row in ROWS if row.name.startswith(PARTS[part])]

    @hall_story(
        admin_role=KEEPER, allowed_roles=frozenset({READER}), user_questions=0, guild_questions=0
    )
    async def told(hall: Hall) -> None:
        town = Town(hall)
        await town.settle()
        secret = "The safe of this server is behind the clock."
        for scope, words in ((hall.scope, secret), (town.away, "Ours."), (SHARED, "Everybody's.")):
            staged = hall.jobs.add(text(f"# Safe\n\n{words}", name="safe.md", scope=scope)).staged
            hall.jobs.approve(staged.id, scope=scope, by="ada")
        before = said_of(hall)
        wrong = []
        for row in rows:
            for kind in KINDS:
                try:
                    said = await town.does(kind, row)
                except AssertionError as error:
                    wrong.append(f"{row.name}, {kind}: {error}")
                    continue
                refused = any(each in said for each in REFUSALS) or not said
                if refused == (kind in row.may):
                    wrong.append(f"{row.name}, {kind}: {said[:90]!r}")
                if kind in ("elsewhere", "direct"):
                    assert "behind the clock" not in said, (row.name, kind)
        assert "\n".join(wrong) == ""
        # Nobody who was refused, and nobody from elsewhere, has changed anything.
        assert said_of(hall) == before

    told(tmp_path)


def said_of(hall: Hall) -> list[str]:
    """The server's documents as they are."""
    assert hall.scope == own_scope(hall.server.world.guild)
    return [each.id for each in hall.books.documents(scopes=[hall.scope])]
