"""A file of records that is added is a document a line, from its review to its way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.replay import GoldenError
from indexer.pending import Pending, Upload
from knowledge.errors import DocumentError, UsageError
from tests.bot.hall import Hall, hall_story
from tests.bot.test_knowledge import added
from tests.stores import HALL, opened, said, text

ROOMS = {
    "hall": "The hall opens at nine.",
    "attic": "The attic opens at ten.",
    "cellar": "The cellar is closed.",
}


def records(rooms: dict[str, str], *more: str) -> str:
    lines = [
        json.dumps({"id": name, "title": f"The {name}", "text": words})
        for name, words in rooms.items()
    ]
    return "\n".join([*lines, *more])


def file(rooms: dict[str, str], *more: str, name: str = "rooms.jsonl") -> Upload:
    return text(records(rooms, *more), name=name)


def approve(jobs, upload: Upload):
    return jobs.approve(jobs.add(upload).staged.id, scope=HALL, by="ada")


def live(jobs) -> set[str]:
    return {each.id for each in jobs.documents(scope=HALL)}


def test_the_review_and_the_receipt_name_each_line(tmp_path: Path) -> None:
    with opened(tmp_path) as (library, jobs):
        review = jobs.add(file(ROOMS))
        assert (review.lines.added, review.lines.changed, review.lines.removed) == (3, 0, 0)
        assert review.info.title == "Rooms"
        assert review.headings == ("The hall", "The attic", "The cellar")
        assert len(review.passages) == 3
        assert said(library) == ""
        asked = [each.question for each in jobs.samples(review.staged.id, scope=HALL)]
        assert asked == [f"What is said about The {each}?" for each in ROOMS]

        done = jobs.approve(review.staged.id, scope=HALL, by="ada")
        assert done.added == tuple(ROOMS)
        assert live(jobs) == set(ROOMS)
        assert jobs.waiting(scope=HALL) == ()


def test_a_newer_file_changes_what_differs_and_takes_out_what_is_gone(tmp_path: Path) -> None:
    with opened(tmp_path) as (library, jobs):
        approve(jobs, file(ROOMS))
        approve(jobs, text("Be kind.", name="rules.md"))
        newer = {"hall": ROOMS["hall"], "attic": "The attic opens at noon.", "tower": "No entry."}
        review = jobs.add(file(newer))
        counted = review.lines
        assert (counted.added, counted.changed, counted.unchanged, counted.removed) == (1, 1, 1, 1)
        assert [each.text for each in review.passages] == ["No entry.", "The attic opens at noon."]
        done = jobs.approve(review.staged.id, scope=HALL, by="ada")
        assert (done.added, done.changed) == (("tower",), ("attic",))
        assert (done.removed, done.unchanged) == (("cellar",), ("hall",))
        assert live(jobs) == {"hall", "attic", "tower", "rules.md"}

        again = jobs.add(file(newer))
        assert again.same
        before = library.version
        assert jobs.approve(again.staged.id, scope=HALL, by="ada").unchanged == tuple(newer)
        assert library.version == before


def test_one_line_or_the_whole_file_is_removed_and_comes_back(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, jobs):
        approve(jobs, file(ROOMS))
        assert jobs.remove("attic", scope=HALL, by="ada").removed == ("attic",)
        assert jobs.files(scope=HALL) == {"rooms.jsonl": 2}
        assert jobs.roll_back("attic", scope=HALL, by="ada").added == ("attic",)

        gone = jobs.remove("rooms.jsonl", scope=HALL, by="ada")
        assert set(gone.removed) == set(ROOMS)
        assert jobs.files(scope=HALL) == {"rooms.jsonl": 0}
        with pytest.raises(UsageError, match=r"no document rooms\.jsonl"):
            jobs.remove("rooms.jsonl", scope=HALL, by="ada")
        back = jobs.roll_back("rooms.jsonl", scope=HALL, by="ada")
        assert set(back.added) == set(ROOMS)

        approve(jobs, file({"hall": "The hall is closed.", "tower": "No entry."}))
        back = jobs.roll_back("rooms.jsonl", scope=HALL, by="ada")
        assert back.changed == ("hall",)
        assert back.removed == ("tower",)
        assert set(back.added) == {"attic", "cellar"}
        version = jobs.history(scope=HALL)[-1].version - 1
        jobs.roll_back("rooms.jsonl", scope=HALL, by="ada", version=version)
        assert live(jobs) == set()


def test_bad_lines_are_told_and_the_others_are_read(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, jobs):
        bad = ("{oops", json.dumps({"id": "hall", "text": "Again."}), json.dumps({"id": "x"}))
        review = jobs.add(file(ROOMS, *bad))
        assert len(review.notes) == 3
        assert "rooms.jsonl, line 4, is not a JSON object" in review.notes[0]
        assert "line 5, repeats the id of line 1" in review.notes[1]
        assert "line 6, has no 'text'" in review.notes[2]
        done = jobs.approve(review.staged.id, scope=HALL, by="ada")
        assert len(done.failed) == 3
        assert len(done.added) == 3
        with pytest.raises(DocumentError, match=r"line 1, is not a JSON object .* Mend that line"):
            jobs.add(text("{oops", name="broken.jsonl"))


def test_lines_of_two_files_with_the_same_ids_stand_beside_each_other(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, jobs):
        approve(jobs, file(ROOMS))
        other = {"hall": "Another hall."}
        assert approve(jobs, file(other, name="other.jsonl")).added == ("other/hall",)
        assert jobs.add(file(other, name="other.jsonl")).same
        jobs.remove("other.jsonl", scope=HALL, by="ada")
        assert live(jobs) == set(ROOMS)


def test_a_line_that_takes_the_ground_from_a_golden_answer_holds_up_the_file(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as (library, jobs):
        approve(jobs, file(ROOMS))
        jobs.golden.write("When does the hall open?", "The hall opens at nine.", scope=HALL)
        worse = jobs.add(file(ROOMS | {"hall": "The hall opens at noon."})).staged
        with pytest.raises(GoldenError):
            jobs.approve(worse.id, scope=HALL, by="ada")
        assert "at nine" in said(library)
        jobs.approve(worse.id, scope=HALL, by="ada", anyway=True)
        assert "at noon" in said(library)


def test_what_was_published_when_the_process_ended_does_not_wait_any_more(tmp_path: Path) -> None:
    pending = Pending(tmp_path / "pending")
    with opened(tmp_path) as (_, jobs):
        staged = jobs.add(file(ROOMS)).staged
        kept = {each.name: each.read_bytes() for each in (pending.folder / staged.id).iterdir()}
        jobs.approve(staged.id, scope=HALL, by="ada")
        waits = jobs.add(file(ROOMS | {"tower": "No entry."})).staged
        (pending.folder / staged.id).mkdir()
        for name, data in kept.items():
            (pending.folder / staged.id / name).write_bytes(data)
    with opened(tmp_path) as (library, jobs):
        jobs.settle()
        assert [each.id for each in jobs.waiting(scope=HALL)] == [waits.id]
        found = library.documents(scopes=[HALL])
        assert all((tmp_path / "originals" / f"{each.digest}.jsonl").exists() for each in found)


def test_what_came_in_as_one_document_before_is_replaced_by_its_lines(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, jobs):
        approve(jobs, Upload("rooms.md", b"# Rooms\n\nNine.", "rooms.jsonl", HALL, "ada"))
        done = approve(jobs, file(ROOMS))
        assert done.removed == ("rooms.jsonl",)
        assert set(jobs.roll_back("rooms.jsonl", scope=HALL, by="ada").removed) == set(ROOMS)
        assert live(jobs) == {"rooms.jsonl"}


@hall_story()
async def test_in_discord_a_file_of_records_is_reviewed_cited_and_removed(hall: Hall) -> None:
    ada, bob = hall.admin(), hall.person("bob")
    review = await added(hall, ada, "rooms.jsonl", records(ROOMS, "{oops"))
    assert "Each line is a document: 3 new" in review.text
    assert "line 4" in review.text
    await ada.press(review, "Approve")
    await hall.until(lambda: "Added: 3" in review.text)
    assert "Failed: 1" in review.text
    answer = await hall.finished(await bob.slash("ask", question="When does the attic open?"))
    assert "The attic opens at ten" in answer.text
    (choice, *_) = await ada.autocomplete("knowledge remove", document="rooms.jsonl")
    assert choice["name"].startswith("rooms.jsonl: all of its 3 documents")
    gone = await hall.told(await ada.slash("knowledge remove", document=choice["value"]))
    await hall.until(lambda: "Removed: 3" in gone.text)
    (choice, *_) = await ada.autocomplete("knowledge rollback", document="rooms.jsonl")
    back = await hall.told(await ada.slash("knowledge rollback", document=choice["value"]))
    await hall.until(lambda: "Added: 3" in back.text)
