"""What admins do to a library: one job at a time, each by somebody and written down.

Synchronous: the command line calls it as it is, Discord from a thread of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.audit import Audit
from bot.config import BotSettings
from bot.golden import GoldenAnswers
from bot.pipeline import Build
from bot.refreshing import Refreshing
from bot.undoing import Undoing
from bot.watching import Watchlist
from bot.works import Parts
from indexer import intake
from indexer.apart import ReadingLimits
from indexer.originals import Originals
from indexer.pending import Pending
from knowledge.embed import Embedder
from knowledge.library import Library
from knowledge.said import said

WAITS_DAYS = 14


class Jobs(Refreshing, Undoing):
    """The jobs of one library."""

    def settle(self) -> None:
        """Tidy up after an earlier process; once, before the first job."""
        parts = self._parts
        parts.audit.settle()
        # To take the lock is to repair; and nobody adds an original meanwhile.
        with parts.library.writing():
            parts.originals.sweep(parts.library.catalog.digests())
        before = datetime.now(UTC) - timedelta(days=WAITS_DAYS)
        intake.settle(parts.pending, parts.library, before=before.isoformat(timespec="seconds"))

    def close(self) -> None:
        """Give the stores' files back; the library is its owner's to close."""
        for store in (self._parts.audit, self._parts.golden, self._parts.watchlist):
            store.close()

    def erase(self, scope: str, *, by: str) -> None:
        """Delete all of a scope, for good: its library, what waits for it, and its log."""
        parts = self._parts
        with (
            self._turn.job(by, said("erased"), "everything", scope=scope, what=said("erasing")),
            parts.library.writing(),
        ):
            parts.library.erase(scope)
            parts.pending.drop([each.id for each in parts.pending.all(scope=scope)])
            parts.originals.sweep(parts.library.catalog.digests())
        parts.golden.erase(scope)
        parts.watchlist.erase(scope)
        parts.audit.erase(scope)


def jobs_of(settings: BotSettings, *, library: Library, embedder: Embedder, build: Build) -> Jobs:
    """The jobs of a library as the settings want them, with their files in its home."""
    receipts = library.home / "receipts.sqlite3"
    return Jobs(
        Parts(
            library,
            embedder=embedder,
            pending=Pending(library.home / "pending"),
            originals=Originals(library.home / "originals"),
            audit=Audit(receipts),
            golden=GoldenAnswers(receipts),
            watchlist=Watchlist(receipts),
            limits=ReadingLimits(
                file_bytes=int(settings.document_megabytes * 1e6),
                pages=settings.document_pages,
                seconds=settings.document_seconds,
            ),
            build=build,
        )
    )
