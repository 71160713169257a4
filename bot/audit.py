"""Who did what to which document, when, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.database import Database
from knowledge.errors import FootnoteError
from knowledge.said import said

Version = Callable[[], str]

FORGOTTEN = said("somebody who has left no name")
BEGUN, DONE, INTERRUPTED = said("begun"), said("done"), said("interrupted")


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry; `who` is a person's Discord id, or 'command line'; times are ISO."""

    number: int
    at: str
    who: str
    scope: str
    action: str
    document: str
    outcome: str
    version_before: str
    version_after: str | None


class Audit:
    """The log: an entry stands before the deed begins, so that a crash leaves a trace."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def begin(self, who: str, action: str, document: str, *, scope: str, version: str) -> int:
        """Note what is about to be done."""
        with self._database.writing() as connection:
            row = connection.execute(
                "INSERT INTO audit (at, who, scope, action, document, outcome, version_before)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (_now(), who, scope, action, document, BEGUN, version),
            )
            return row.lastrowid or 0

    def end(self, number: int, outcome: str, *, version: str) -> None:
        """Note how it ended."""
        self._database.write(
            "UPDATE audit SET outcome = ?, version_after = ? WHERE number = ?",
            *(outcome, version, number),
        )

    @contextmanager
    def deed(
        self, who: str, action: str, document: str, *, scope: str, version: Version
    ) -> Iterator[None]:
        """Note a deed before it begins and when it has ended, well or not."""
        number = self.begin(who, action, document, scope=scope, version=version())
        outcome = said("failed")
        try:
            yield
            outcome = DONE
        except FootnoteError as error:
            outcome = said(f"failed: {error}")
            raise
        finally:
            self.end(number, outcome, version=version())

    def settle(self) -> None:
        """Say of what an earlier process left open that it was interrupted."""
        self._database.write("UPDATE audit SET outcome = ? WHERE outcome = ?", INTERRUPTED, BEGUN)

    def entries(self, *, scope: str, limit: int = 10_000) -> tuple[Deed, ...]:
        """A scope's entries, newest first."""
        rows = self._database.rows(
            "SELECT * FROM audit WHERE scope = ? ORDER BY number DESC LIMIT ?", scope, limit
        )
        return tuple(Deed(**dict(row)) for row in rows)

    def of(self, who: str) -> tuple[Deed, ...]:
        """What one person did, in every scope, newest first."""
        rows = self._database.rows("SELECT * FROM audit WHERE who = ? ORDER BY number DESC", who)
        return tuple(Deed(**dict(row)) for row in rows)

    def forget(self, who: str) -> int:
        """Let the log no longer say that it was them; how many entries did."""
        return self._database.write("UPDATE audit SET who = ? WHERE who = ?", FORGOTTEN, who)

    def scopes(self) -> tuple[str, ...]:
        """Every scope with an entry."""
        rows = self._database.rows("SELECT DISTINCT scope FROM audit")
        return tuple(str(row["scope"]) for row in rows)

    def erase(self, scope: str) -> None:
        """Forget a scope's entries."""
        self._database.write("DELETE FROM audit WHERE scope = ?", scope)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
