"""/knowledge stats and map, played by a real client."""

from __future__ import annotations

from tests.bot.hall import Hall, hall_story
from tests.bot.insight.month import live
from tests.bot.test_knowledge import approved
from tests.discord.play import unescaped

PNG = b"\x89PNG"


@hall_story()
async def test_an_admin_sees_what_was_asked_as_a_picture_and_in_words(hall: Hall) -> None:
    ada, bob = hall.admin(), hall.person("bob")
    await approved(hall, ada)
    good = await hall.finished(await bob.slash("ask", question="When does the reading room open?"))
    await hall.told(await bob.press(good, "👍"))
    await hall.finished(await bob.slash("ask", question="Who sells umbrellas?"))
    await hall.finished(await bob.slash("ask", question="My secret?", private=True))

    shown = await hall.told(await ada.slash("knowledge stats", theme="light"))

    assert shown.ephemeral
    told = unescaped(shown.text)
    assert "Questions 3 by 1 person" in told
    assert "Found helpful 1 (100 %)" in told
    assert "1 × Opening hours" in told
    assert "secret" not in told
    ((name, data),) = shown.files
    assert (name, data[:4]) == ("footnote.png", PNG)


@hall_story()
async def test_the_map_numbers_what_was_asked_and_not_answered(hall: Hall) -> None:
    ada, bob = hall.admin(), hall.person("bob")
    await approved(hall, ada)
    await approved(hall, ada, "tea.md", "# Tea\n\nGreen tea is served on Fridays.")
    await hall.finished(await bob.slash("ask", question="Who sells umbrellas?"))

    shown = await hall.told(await ada.slash("knowledge map"))

    assert "1 Who sells umbrellas?, near" in unescaped(shown.text).replace("`", "")
    ((_, data),) = shown.files
    assert data[:4] == PNG


@hall_story()
async def test_a_map_without_documents_says_how_to_begin(hall: Hall) -> None:
    shown = await hall.told(await hall.admin().slash("knowledge map"))

    assert "/knowledge add" in shown.text


@hall_story()
async def test_members_without_the_right_see_neither(hall: Hall) -> None:
    for command in ("knowledge stats", "knowledge map"):
        told = await hall.told(await hall.person("bob").slash(command))
        assert "Manage Server" in unescaped(told.text)
        assert not told.files


@hall_story()
async def test_another_server_s_questions_are_not_counted(hall: Hall) -> None:
    live(hall.receipts, [("d.md", "Theirs")], days=3)

    shown = await hall.told(await hall.admin().slash("knowledge stats", days=730))

    assert "Questions none" in unescaped(shown.text)
    assert "Theirs" not in shown.text
