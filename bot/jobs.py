"""What admins do to a library: one job at a time, each by somebody and written down.

Synchronous: the command line calls it as it is, Discord from a thread of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.audit import Audit
from bot.config import BotSettings
from bot.gaps import Gap, Unanswered, grouped
from bot.golden import GoldenAnswers, GoldenError, losses
from bot.insight.atlas import Atlas
from indexer import intake
from indexer.apart import ReadingLimits
from indexer.intake import Review
from indexer.pending import Pending, Staged, Upload
from indexer.plan import plan
from indexer.receipt import Progress, Receipt
from indexer.sync import run
from knowledge.embed import Embedder
from knowledge.errors import UsageError
from knowledge.history import document_back, library_back
from knowledge.library import Library
from knowledge.switching import REMOVED, ROLLED_BACK, Switch
from knowledge.types import Change, DocumentInfo, Passage

WAITS_DAYS = 14
Moved = Callable[["Running"], None]


@dataclass(frozen=True, slots=True)
class Running:
    """The job under way: what, by whom, where, and how far; `since` is monotonic seconds."""

    what: str
    by: str
    scope: str
    since: float
    done: int = 0
    of: int = 0


def _unseen(_: Running) -> None:
    """Nobody watches."""


class Jobs:
    """The jobs of one library."""

    def __init__(
        self,
        library: Library,
        *,
        embedder: Embedder,
        pending: Pending,
        audit: Audit,
        golden: GoldenAnswers,
        limits: ReadingLimits,
    ) -> None:
        self._library = library
        self._embedder = embedder
        self.atlas = Atlas(library, embedder=embedder)
        self._pending = pending
        self._audit = audit
        self._golden = golden
        self._limits = limits
        self._turn = threading.Lock()
        self._running: Running | None = None

    @property
    def running(self) -> Running | None:
        """The job under way."""
        return self._running

    @property
    def limits(self) -> ReadingLimits:
        """How much one document may be."""
        return self._limits

    def settle(self) -> None:
        """Tidy up after an earlier process; once, before the first job."""
        self._audit.settle()
        with self._library.writing():
            pass  # to take the lock is to repair
        before = datetime.now(UTC) - timedelta(days=WAITS_DAYS)
        intake.settle(self._pending, self._library, before=before.isoformat(timespec="seconds"))

    # -- looking ---------------------------------------------------------------------------

    def documents(self, *, scope: str) -> Sequence[DocumentInfo]:
        """The live documents of one scope."""
        return self._library.documents(scopes=[scope])

    @property
    def golden(self) -> GoldenAnswers:
        """Answers that must stay possible."""
        return self._golden

    def guilds(self) -> Sequence[int]:
        """Every server that has, or had, anything here."""
        found = {scope for scope in self._audit.scopes() if scope.startswith("guild:")}
        return sorted(int(scope.removeprefix("guild:")) for scope in found)

    def waiting(self, *, scope: str) -> Sequence[Staged]:
        """What waits for a decision."""
        return self._pending.all(scope=scope)

    def history(
        self, *, scope: str, document_id: str | None = None, limit: int = 25
    ) -> Sequence[Change]:
        """The newest switches, newest first."""
        return self._library.catalog.history(scopes=[scope], document_id=document_id, limit=limit)

    @property
    def audit(self) -> Audit:
        """The log."""
        return self._audit

    def alike(self, found: Sequence[Unanswered]) -> Sequence[Gap]:
        """Unanswered questions, those alike together."""
        if not found:
            return ()
        vectors = self._embedder.embed_documents([each.question for each in found])
        return grouped(found, vectors)

    # -- doing -----------------------------------------------------------------------------

    def add(self, upload: Upload, *, moved: Moved = _unseen) -> Review:
        """Read an upload and let it wait for a decision."""
        what = f"reading {upload.name}"
        with self._job(
            upload.by, "staged", upload.document_id, scope=upload.scope, what=what, moved=moved
        ) as go:
            return intake.take_in(
                upload,
                pending=self._pending,
                library=self._library,
                embedder=self._embedder,
                limits=self._limits,
                step=go,
            )

    def review(self, name: str, *, scope: str) -> Review:
        """Look again at what waits."""
        staged = self._pending.get(name, scope=scope)
        return intake.review(
            staged, pending=self._pending, library=self._library, embedder=self._embedder
        )

    def approve(
        self, name: str, *, scope: str, by: str, moved: Moved = _unseen, anyway: bool = False
    ) -> Receipt:
        """Let a document that waits answer.

        Raises GoldenError where golden answers would lose what they quote, unless `anyway`.
        """
        staged = self._pending.get(name, scope=scope)
        what = f"adding {staged.name}"
        with self._job(
            by, "approved", staged.document_id, scope=scope, what=what, moved=moved
        ) as go:
            # Again, behind the lock: somebody else may have decided while this one waited.
            staged = self._pending.get(name, scope=scope)
            if not anyway:
                self._refuse_losses(
                    staged.document_id, self.review(name, scope=scope).passages, scope=scope
                )
            return intake.publish(
                staged,
                pending=self._pending,
                library=self._library,
                embedder=self._embedder,
                step=go,
            )

    def reject(self, name: str, *, scope: str, by: str) -> Staged:
        """Forget a document that waits."""
        staged = self._pending.get(name, scope=scope)
        with self._job(
            by, "rejected", staged.document_id, scope=scope, what=f"rejecting {staged.name}"
        ):
            staged = self._pending.get(name, scope=scope)
            self._pending.drop([name])
        return staged

    def remove(self, document_id: str, *, scope: str, by: str, anyway: bool = False) -> Receipt:
        """Let a document answer no more; raises GoldenError as `approve` does."""
        with self._job(by, "removed", document_id, scope=scope, what=f"removing {document_id}"):
            if self._library.catalog.document(document_id, scope=scope) is None:
                raise UsageError(f"There is no document {document_id} here. Check the list.")
            if not anyway:
                self._refuse_losses(document_id, (), scope=scope)
            return self._switched([Switch(document_id, scope, None, action=REMOVED)])

    def roll_back(
        self, document_id: str, *, scope: str, by: str, version: int | None = None
    ) -> Receipt:
        """Let a document answer as it did after a version, or before its newest change."""
        with self._job(
            by, ROLLED_BACK, document_id, scope=scope, what=f"rolling back {document_id}"
        ):
            return self._switched(
                document_back(self._library, document_id, scope=scope, version=version)
            )

    def roll_back_all(self, version: int, *, scope: str, by: str) -> Receipt:
        """Bring the whole scope back to a version."""
        what = f"rolling back to version {version}"
        with self._job(
            by, ROLLED_BACK, f"everything, to version {version}", scope=scope, what=what
        ):
            return self._switched(library_back(self._library, version, scope=scope))

    def sync(self, folder: Path, *, scope: str, by: str, moved: Moved = _unseen) -> Receipt:
        """Bring a scope in step with a folder, one commit a document."""
        with self._job(
            by, "synchronised", folder.name, scope=scope, what="a sync", moved=moved
        ) as go:
            planned = plan([folder], library=self._library, scope=scope)

            def progress(each: Progress) -> None:
                go(each.documents, each.of)

            return run(
                planned,
                library=self._library,
                embedder=self._embedder,
                scope=scope,
                progress=progress,
            )

    def erase(self, scope: str, *, by: str) -> None:
        """Delete all of a scope, for good: its library, what waits for it, and its log."""
        with (
            self._job(by, "erased", "everything", scope=scope, what="erasing"),
            self._library.writing(),
        ):
            self._library.erase(scope)
            self._pending.drop([each.id for each in self._pending.all(scope=scope)])
        self._golden.erase(scope)
        self._audit.erase(scope)

    def _refuse_losses(self, document_id: str, after: Sequence[Passage], *, scope: str) -> None:
        before = self._library.passages(document_id, scope=scope)
        golden = self._golden.all(scope=scope)
        if lost := losses(golden, document_id, before=before, after=after):
            raise GoldenError(lost)

    def _switched(self, switches: Sequence[Switch]) -> Receipt:
        started = time.perf_counter()
        before = self._library.version
        if switches:
            with self._library.writing():
                live = {each.id for each in self.documents(scope=switches[0].scope)}
                self._library.change(switches)
        else:
            live = set()
        back = [each for each in switches if each.revision is not None]
        return Receipt(
            added=tuple(each.document_id for each in back if each.document_id not in live),
            changed=tuple(each.document_id for each in back if each.document_id in live),
            removed=tuple(each.document_id for each in switches if each.revision is None),
            unchanged=(),
            failed=(),
            passages=0,
            embedded=0,
            version_before=before,
            version_after=self._library.version,
            seconds=time.perf_counter() - started,
        )

    @contextmanager
    def _job(
        self,
        by: str,
        action: str,
        document: str,
        *,
        scope: str,
        what: str,
        moved: Moved = _unseen,
    ) -> Iterator[intake.Step]:
        """Wait for one's turn, write the deed down, and let others see how far it is."""
        with self._turn:
            running = Running(what, by, scope, time.monotonic())

            def step(done: int, of: int) -> None:
                self._running = replace(running, done=done, of=of)
                moved(self._running)

            self._running = running
            moved(running)
            try:
                with self._audit.deed(
                    by, action, document, scope=scope, version=lambda: self._library.version
                ):
                    yield step
            finally:
                self._running = None


def jobs_of(settings: BotSettings, *, library: Library, embedder: Embedder) -> Jobs:
    """The jobs of a library as the settings want them, with their files in its home."""
    return Jobs(
        library,
        embedder=embedder,
        pending=Pending(library.home / "pending"),
        audit=Audit(library.home / "receipts.sqlite3"),
        golden=GoldenAnswers(library.home / "receipts.sqlite3"),
        limits=ReadingLimits(
            file_bytes=int(settings.document_megabytes * 1e6),
            pages=settings.document_pages,
            seconds=settings.document_seconds,
        ),
    )
