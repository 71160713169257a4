"""The library and the bot's records know each other, so that the loss of one is noticed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import structlog

from bot.receipts import Receipts
from knowledge.catalog import Catalog
from knowledge.errors import LibraryError

log = structlog.get_logger(__name__)

_LIBRARY, _RECORDS = "library", "records"
_KEPT = "kept"
_NO_RECORDS = (
    "The library's records of questions, feedback and the admins' log are gone. Put a backup back "
    "with 'footnote restore --replace'; the next 'footnote run' begins new ones."
)


def link(catalog: Catalog, receipts: Receipts) -> None:
    """Let both know each other; raises LibraryError where the records belong to another library."""
    known, mine = receipts.recall(_LIBRARY), catalog.identity()
    if known is None:
        if catalog.meta(_RECORDS) == _KEPT:
            log.warning("records lost", reason=_NO_RECORDS)
        receipts.remember(_LIBRARY, mine)
        catalog.set_meta(_RECORDS, _KEPT)
    elif known != mine:
        raise _other_library()


def check_linked(home: Path, catalog: Catalog, *, records: Path) -> str:
    """Raise LibraryError where the library or its records were lost; changes nothing."""
    known = _known(records)
    if known is not None and known != catalog.identity():
        raise _other_library()
    if known is None and catalog.meta(_RECORDS) == _KEPT:
        raise LibraryError(_NO_RECORDS)
    if catalog.version() == 0 and any((home / "vectors").glob("*/*.bin")):
        raise LibraryError(
            "The catalogue is empty, and there are vectors: it was lost. Put a backup back with "
            "'footnote restore --replace', or index again."
        )
    return "the library and its records belong together" if known else "no records yet"


def _other_library() -> LibraryError:
    return LibraryError(
        "The records (receipts.sqlite3) belong to another catalogue than the one that is there: it "
        "was lost or exchanged. Put a backup back with 'footnote restore --replace'; or move the "
        "records away, to go on with this catalogue and without them."
    )


def _known(records: Path) -> str | None:
    if not records.is_file() or not records.stat().st_size:
        return None
    try:
        with closing(sqlite3.connect(f"file:{records}?mode=ro", uri=True, timeout=30)) as db:
            row = db.execute("SELECT value FROM facts WHERE name = ?", [_LIBRARY]).fetchone()
    except sqlite3.DatabaseError:  # damaged, which is another finding
        return None
    return str(row[0]) if row else None
