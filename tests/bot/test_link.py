"""The loss of the catalogue or of the records is noticed, at start and by the doctor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.link import check_linked, link
from bot.receipts import Receipts
from knowledge.catalog import Catalog
from knowledge.errors import LibraryError

CATALOG, RECORDS = "catalog.sqlite3", "receipts.sqlite3"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with opened(tmp_path) as (catalog, receipts):
        link(catalog, receipts)
        link(catalog, receipts)
    return tmp_path


@contextmanager
def opened(home: Path) -> Iterator[tuple[Catalog, Receipts]]:
    """A catalogue and records as a process has them."""
    with closing(Catalog(home / CATALOG)) as catalog, closing(Receipts(home / RECORDS)) as receipts:
        yield catalog, receipts


def checked(home: Path) -> str:
    with closing(Catalog(home / CATALOG)) as catalog:
        return check_linked(home, catalog, records=home / RECORDS)


def test_both_know_each_other(home: Path) -> None:
    assert checked(home) == "the library and its records belong together"


def test_a_new_library_without_records_is_in_order(tmp_path: Path) -> None:
    assert checked(tmp_path) == "no records yet"
    (tmp_path / RECORDS).touch()
    assert checked(tmp_path) == "no records yet"


def test_a_lost_catalogue_keeps_the_bot_from_starting_with_an_empty_one(home: Path) -> None:
    (home / CATALOG).unlink()
    with pytest.raises(LibraryError, match=r"another catalogue .*'footnote restore"):
        checked(home)
    with opened(home) as parts, pytest.raises(LibraryError, match="belong to another catalogue"):
        link(*parts)


def test_lost_records_are_told_and_begun_anew(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / RECORDS).unlink()
    with pytest.raises(LibraryError, match=r"are gone\. Put a backup back with 'footnote restore"):
        checked(home)
    with opened(home) as parts:
        link(*parts)
    assert "records lost" in capsys.readouterr().out
    assert checked(home) == "the library and its records belong together"


def test_an_empty_catalogue_beside_vectors_was_lost(tmp_path: Path) -> None:
    (tmp_path / "vectors" / "one").mkdir(parents=True)
    (tmp_path / "vectors" / "one" / "data_level0.bin").touch()
    with pytest.raises(LibraryError, match="The catalogue is empty, and there are vectors"):
        checked(tmp_path)
