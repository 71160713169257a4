"""Broken files: what was committed is there, or a sentence says how it comes back, and it does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.backup import back_up
from bot.restore import restore
from knowledge.catalog import Catalog
from tests.faults.probe import app_of
from tests.faults.stage import ALL, blank, cut, fill, probe, scramble
from tests.stores import HALL, opened

HOW: dict[str, Callable[[Path], None]] = {
    "emptied": lambda file: cut(file, 0),
    "cut": lambda file: cut(file, 0.5),
    "blanked": blank,
    "scrambled": lambda file: scramble(file, 1),
    "gone": Path.unlink,
}
FILES = [
    "catalog.sqlite3",
    "receipts.sqlite3",
    "vectors/chroma.sqlite3",
    "vectors/*/data_level0.bin",
    "vectors/*/header.bin",
    "vectors/*/length.bin",
]
SHORT = [
    ("catalog.sqlite3", "cut"),
    ("catalog.sqlite3", "gone"),
    ("receipts.sqlite3", "scrambled"),
    ("receipts.sqlite3", "gone"),
    ("vectors/chroma.sqlite3", "scrambled"),
    ("vectors/chroma.sqlite3", "gone"),
    ("vectors/*/data_level0.bin", "cut"),
    ("vectors/*/header.bin", "scrambled"),
]
FULL = [(name, how) for name in FILES for how in HOW]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled folder, its backup, and what it says."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "said").write_text(fill(folder / "home"))
    back_up(folder / "home", folder / "a.backup")
    return folder


@pytest.mark.parametrize(("name", "how"), FULL if ALL else SHORT)
def test_a_broken_file_is_found_and_all_comes_back(
    whole: Path, tmp_path: Path, name: str, how: str
) -> None:
    home, told = tmp_path / "home", (whole / "said").read_text()
    shutil.copytree(whole / "home", home)
    broken = list(home.glob(name))
    assert broken, f"there is no {name} to break"
    for file in broken:
        HOW[how](file)

    code, found = probe(home)

    assert code == 0, found["err"]
    assert intact(found, told) or found["wrong"], "nobody noticed"
    if not intact(found, told):
        advice = " ".join(found["wrong"].values())
        assert "footnote doctor --repair" in advice or "footnote restore" in advice
        if "footnote doctor --repair" in advice:
            code, found = probe(home, "repair")
            assert code == 0, found["err"]
        if not intact(found, told):
            assert "footnote restore" in " ".join(found["wrong"].values())
            restore(whole / "a.backup", home, replace=True)
            code, found = probe(home)
            assert code == 0, found["err"]
    assert intact(found, told)
    assert found["wrong"] == {}


def intact(found: dict[str, object], told: str) -> bool:
    """Whether all that was committed can be read and found."""
    return (
        found.get("said") == told
        and found.get("remembered") == "committed"
        and len(found.get("nearest") or []) == 3
    )


def damaged(whole: Path, home: Path, how: str) -> None:
    """A copy of the folder as a crash in the middle of a writing leaves it, at its worst."""
    shutil.copytree(whole / "home", home)
    with closing(Catalog(home / "catalog.sqlite3")) as catalog:
        (revision,) = [each.revision for each in catalog.documents(scopes=[HALL])][:1]
        catalog.note_adding(revision, scope=HALL)
    for file in home.glob("vectors/*.sqlite3"):
        HOW[how](file)


@pytest.mark.parametrize("how", ["cut", "scrambled"])
def test_vectors_that_a_crash_has_damaged_are_made_anew_by_the_next_start(
    whole: Path, tmp_path: Path, how: str
) -> None:
    home, told = tmp_path / "home", (whole / "said").read_text()
    damaged(whole, home, how)

    with opened(home) as (library, jobs):
        jobs.settle()
        assert library.catalog.journal() == []

    code, found = probe(home)
    assert code == 0, found["err"]
    assert intact(found, told)
    assert found["wrong"] == {}


def test_a_library_without_the_shipped_documents_is_mended_before_anybody_asks(
    whole: Path, tmp_path: Path
) -> None:
    home, told = tmp_path / "home", (whole / "said").read_text()
    damaged(whole, home, "cut")

    app = app_of(home)
    app.shipped.leave_out_all()
    app.library.catalog.note_adding(app.library.documents(scopes=[HALL])[0].revision, scope=HALL)
    app.library.close()
    for file in home.glob("vectors/*.sqlite3"):
        cut(file, 0.5)
    app = app_of(home)
    app.index_shipped()
    app.library.close()

    code, found = probe(home)
    assert code == 0, found["err"]
    assert intact(found, told)
    assert found["wrong"] == {}
