"""A backup is whole while the bot works, and comes back with all that was committed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from bot.backup import back_up, unpack
from bot.receipts import Receipts
from bot.restore import restore
from indexer.originals import Originals
from knowledge.errors import LibraryError, UsageError
from knowledge.library import Library
from tests.bot.mortal import State, held
from tests.bot_cli.conftest import Footnote, the_object
from tests.fakes import HashingEmbedder, IdleEmbedder
from tests.stores import HALL, NAME, opened, said, text

ROOT = Path(__file__).parents[2]
OPEN = "# Hours\n\nThe reading room opens at nine."
SECRET = "what only one member asked"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A data folder with a document, one that waits, and a receipt's database."""
    with opened(tmp_path / "home") as (_, jobs):
        jobs.approve(jobs.add(text(OPEN)).staged.id, scope=HALL, by="ada")
        jobs.add(text("Be kind.", name="later.md"))
    return tmp_path / "home"


@pytest.fixture
def made(place: Path, tmp_path: Path) -> Path:
    back_up(place, tmp_path / "a.backup")
    return tmp_path / "a.backup"


def test_all_comes_back_without_any_model(made: Path, tmp_path: Path) -> None:
    found, kept = restore(made, tmp_path / "new", replace=False)
    assert (found.documents, found.version, kept) == (1, 1, None)
    with opened(tmp_path / "new") as (library, jobs):
        assert "opens at nine" in said(library)
        query = HashingEmbedder().embed_query("When does the reading room open?")
        assert library.nearest(query, k=1, scopes=[HALL])[0][0].document_id == "rules.md"
        assert library.keyword("reading room", k=1, scopes=[HALL])
        (waiting,) = jobs.waiting(scope=HALL)
        assert jobs.approve(waiting.id, scope=HALL, by="ada").embedded == 0
        assert [each.action for each in jobs.audit.entries(scope=HALL)][-1] == "staged"
        kept = Originals(tmp_path / "new" / "originals")
        assert all(kept.find(each.digest) for each in library.documents(scopes=[HALL]))
    assert not list((tmp_path / "new").glob("restoring*"))


def test_a_backup_is_for_its_owner_alone_and_names_what_it_holds(made: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(made) as archive:
        assert {"catalog.sqlite3", "receipts.sqlite3"} < set(archive.namelist())
        assert not any(name.startswith("vectors") for name in archive.namelist())
    assert [each.name for each in made.parent.iterdir() if each.name.startswith(".")] == []


def test_what_was_there_is_kept(made: Path, place: Path, tmp_path: Path) -> None:
    with opened(place) as (_, jobs):
        jobs.remove("rules.md", scope=HALL, by="ada")
    with pytest.raises(UsageError, match=r"holds a library\. Add --replace"):
        restore(made, place, replace=False)
    _, kept = restore(made, place, replace=True)
    with opened(place) as (library, _):
        assert "opens at nine" in said(library)
    assert kept is not None
    with opened(kept) as (library, _):
        assert said(library) == ""


def test_nothing_is_replaced_under_a_process_that_uses_it(made: Path, place: Path) -> None:
    with Library(place, embedder=NAME), pytest.raises(UsageError, match=r"is using .*catalog"):
        restore(made, place, replace=True)
    with (
        closing(Receipts(place / "receipts.sqlite3")),
        pytest.raises(UsageError, match=r"is using .*receipts"),
    ):
        restore(made, place, replace=True)
    with opened(place) as (library, _):
        assert "opens at nine" in said(library)


def test_a_damaged_library_is_replaced(made: Path, place: Path) -> None:
    for file in ("catalog.sqlite3", "receipts.sqlite3"):
        (place / file).write_bytes(random.Random(1).randbytes(40_000))
    restore(made, place, replace=True)
    with opened(place) as (library, _):
        assert "opens at nine" in said(library)


def test_a_damaged_library_is_not_backed_up_as_if_it_were_whole(
    place: Path, tmp_path: Path
) -> None:
    data = bytearray((place / "catalog.sqlite3").read_bytes())
    for start in range(4096, len(data), 8192):
        data[start : start + 64] = bytes(64)
    (place / "catalog.sqlite3").write_bytes(data)
    with pytest.raises(
        LibraryError, match=r"catalog\.sqlite3 cannot be copied .* keep the backups"
    ):
        back_up(place, tmp_path / "b.backup")
    assert {each.name for each in tmp_path.iterdir()} == {"home"}


def broken(made: Path, how: str) -> None:
    data = bytearray(made.read_bytes())
    match how:
        case "cut":
            made.write_bytes(data[: len(data) // 2])
        case "other":
            made.write_bytes(b"This is a letter.")
        case "changed":
            with zipfile.ZipFile(made) as old:
                parts = {name: old.read(name) for name in old.namelist()}
            parts["catalog.sqlite3"] = parts["catalog.sqlite3"].replace(b"nine", b"ten!")
            rewritten(made, parts)
        case "leads outside":
            with zipfile.ZipFile(made) as old:
                parts = {name: old.read(name) for name in old.namelist()}
            note = json.loads(parts["footnote-backup.json"])
            note["files"]["pending/../../../evil.txt"] = "0" * 64
            parts["footnote-backup.json"] = json.dumps(note).encode()
            parts["pending/../../../evil.txt"] = b"evil"
            rewritten(made, parts)


def rewritten(made: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(made, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)


@pytest.mark.parametrize("how", ["cut", "other", "changed", "leads outside"])
def test_a_backup_that_is_not_whole_touches_nothing(made: Path, place: Path, how: str) -> None:
    broken(made, how)
    before = {each.name for each in made.parent.rglob("*")}
    with pytest.raises(LibraryError, match=r"a\.backup is no whole backup.*Use another"):
        restore(made, place, replace=True)
    with opened(place) as (library, _):
        assert "opens at nine" in said(library)
    assert {each.name for each in made.parent.rglob("*")} - before <= {"restoring", *PARTS}


PARTS = {"catalog.sqlite3", "receipts.sqlite3", "catalog.sqlite3-wal", "catalog.sqlite3-shm"}


def test_backups_made_while_jobs_run_are_each_of_one_instant(tmp_path: Path) -> None:
    place = tmp_path / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bot.mortal", str(place), "3"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("begun")
        for number in range(6):
            time.sleep(0.3)
            back_up(place, tmp_path / f"{number}.backup")
        assert process.poll() is None, "the jobs ended by themselves"
    finally:
        os.kill(process.pid, 9)
        process.communicate()
    versions = []
    for number in range(6):
        new = tmp_path / str(number)
        found, _ = restore(tmp_path / f"{number}.backup", new, replace=False)
        with opened(new) as (library, jobs):
            jobs.settle()
            assert int(library.version) == found.version
            assert library.vectors.ids(scope=HALL) == library.catalog.live_ids(scope=HALL)
            assert whole(held(library))
        versions.append(found.version)
    assert versions == sorted(versions)
    assert versions[-1] > versions[0], "nothing happened between the first and the last"


def whole(state: State) -> bool:
    """Whether each document is of one version."""
    return all(len({line.split("version ")[1] for line in text.splitlines()}) == 1
               for text in state.values())  # fmt: skip


def test_the_commands(footnote: Footnote, filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.backup"
    told = footnote("backup", file)
    assert told.exit_code == 0, told.stderr
    assert "2 documents" in told.stdout
    again = footnote("backup", file)
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)
    other = tmp_path / "other"
    told = footnote("restore", file, "--home", other)
    assert told.exit_code == 0, told.stderr
    shown = the_object(footnote("status", "--json", "--home", other))
    assert shown["documents"] == 2
    nothing = footnote("backup", "--home", tmp_path / "nowhere")
    assert (nothing.exit_code, "There is no library" in nothing.stderr) == (1, True)


def test_unpacking_leaves_a_folder_that_opens(made: Path, tmp_path: Path) -> None:
    unpack(made, tmp_path / "out")
    with Library(tmp_path / "out", embedder=IdleEmbedder(NAME).name) as library:
        assert library.catalog.count()[0] == 1
