"""Pages that are looked at again on a schedule: which, how often, and what came of it last."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.database import Database
from indexer.web import Version
from knowledge.said import said


class State(StrEnum):
    """What the last look found."""

    NEW = said("not looked at yet")
    SAME = said("unchanged")
    CHANGED = said("changed, and answers")
    WAITS = said("changed, and waits for a decision")
    GONE = said("gone")
    FAILED = said("not reached")


@dataclass(frozen=True, slots=True)
class Watched:
    """A page; times are seconds since the epoch, `failures` counts those in a row."""

    scope: str
    document: str
    url: str
    by: str
    hours: float
    etag: str
    modified: str
    state: State
    reason: str
    failures: int
    looked_at: float | None
    due_at: float

    @property
    def version(self) -> Version:
        """What the server called the page as it was last read."""
        return Version(self.etag, self.modified)


class Watchlist:
    """The store, a list for each scope."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def watch(self, document: str, *, url: str, hours: float, scope: str, by: str) -> None:
        """Look at a page every so many hours from now on; what is known of it stays known."""
        self._database.write(
            "INSERT INTO watched VALUES (?, ?, ?, ?, ?, '', '', ?, '', 0, NULL, ?)"
            " ON CONFLICT (scope, document) DO UPDATE SET"
            " url = excluded.url, by = excluded.by, hours = excluded.hours,"
            " due_at = excluded.due_at",
            *(scope, document, url, by, hours, State.NEW, time.time() + hours * 3600),
        )

    def unwatch(self, document: str, *, scope: str) -> bool:
        """Look at a page no more; False where nobody did."""
        rows = self._database.write(
            "DELETE FROM watched WHERE scope = ? AND document = ?", scope, document
        )
        return rows > 0

    def erase(self, scope: str) -> None:
        """Forget a scope's."""
        self._database.write("DELETE FROM watched WHERE scope = ?", scope)

    def all(self, *, scope: str) -> tuple[Watched, ...]:
        """A scope's, by document."""
        rows = self._database.rows("SELECT * FROM watched WHERE scope = ? ORDER BY document", scope)
        return tuple(_watched(dict(row)) for row in rows)

    def due(self, *, now: float, limit: int = 20) -> tuple[Watched, ...]:
        """Those whose time has come in any scope, the longest due first."""
        rows = self._database.rows(
            "SELECT * FROM watched WHERE due_at <= ? ORDER BY due_at LIMIT ?", now, limit
        )
        return tuple(_watched(dict(row)) for row in rows)

    def looked(
        self,
        page: Watched,
        state: State,
        *,
        now: float,
        reason: str = "",
        version: Version | None = None,
    ) -> None:
        """Note what a look found; a page that was not read keeps its version."""
        kept = version or page.version
        failures = page.failures + 1 if state in (State.FAILED, State.GONE) else 0
        self._database.write(
            "UPDATE watched SET etag = ?, modified = ?, state = ?, reason = ?, failures = ?,"
            " looked_at = ?, due_at = ? WHERE scope = ? AND document = ?",
            *(kept.etag, kept.modified, state, reason, failures),
            *(now, now + page.hours * 3600, page.scope, page.document),
        )


def _watched(fields: dict[str, object]) -> Watched:
    return Watched(**{**fields, "state": State(str(fields["state"]))})  # type: ignore[arg-type]
