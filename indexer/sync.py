"""A plan carried out: one commit a document, or all of them in one; and its receipt.

A file that cannot be read is reported and never stops the others, and its last good revision goes
on answering.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import numpy as np

from indexer.apart import FOLDER_LIMITS, Reader
from indexer.discover import Failure
from indexer.plan import Plan
from indexer.prepare import Prepared, Read, batches
from indexer.receipt import Flagged, Progress, Receipt
from indexer.suspicion import flag
from knowledge.embed import Embedder, Vectors
from knowledge.errors import LibraryLockedError
from knowledge.library import SHARED, Library
from knowledge.retrieve import reading
from knowledge.switching import ADDED, CHANGED, GONE, Switch

_LINE = "Take it out of its line, or let FOOTNOTE_QUARANTINE_PLANTED be false."

Watch = Callable[[Progress], None]
Check = Callable[[Sequence[Switch]], None]


def run(
    planned: Plan,
    *,
    library: Library,
    embedder: Embedder,
    scope: str = SHARED,
    progress: Watch | None = None,
    read: Read | None = None,
) -> Receipt:
    """Carry out a plan, one commit a document; raises LibraryLockedError while another writes.

    Files are parsed in a process of its own, unless `read` does it here.
    """
    work = _Work(planned, library=library, embedder=embedder, scope=scope, progress=progress)
    if work.nothing:
        repair(library)
        return work.receipt()
    with library.writing(), Reader(limits=FOLDER_LIMITS) as apart:
        work.adopt()
        for prepared, vectors in work.embedded(read or apart.read_file):
            library.publish(prepared.info, prepared.passages, vectors, action=work.action(prepared))
        # Last, so that a document that only got another name answers all the while.
        for info in planned.removed:
            library.remove(info.id, scope=scope, action=GONE)
    return work.receipt()


def run_together(
    planned: Plan,
    *,
    library: Library,
    embedder: Embedder,
    check: Check,
    scope: str = SHARED,
    progress: Watch | None = None,
    read: Read | None = None,
    quarantine: bool = False,
) -> Receipt:
    """Carry out a plan in one commit at the end, unless `check` raises just before it.

    It is told the switches, whose revisions are in the catalogue by then and do not answer yet.
    With `quarantine`, what holds orders to a language model is left out, and said to be.
    """
    work = _Work(planned, library=library, embedder=embedder, scope=scope, progress=progress)
    if work.nothing:
        repair(library)
        return work.receipt()
    with library.writing(), Reader(limits=FOLDER_LIMITS) as apart:
        work.adopt()
        try:
            switches = _staged(
                work,
                library=library,
                scope=scope,
                read=read or apart.read_file,
                quarantine=quarantine,
            )
            switches += [Switch(each.id, scope, None, action=GONE) for each in planned.removed]
            check(switches)
            library.change(switches)
        except BaseException:
            library.recover()
            raise
    return work.receipt()


def _staged(
    work: _Work, *, library: Library, scope: str, read: Read, quarantine: bool
) -> list[Switch]:
    """Put every new revision into the catalogue, where it does not answer yet."""
    switches = []
    for prepared, vectors in work.embedded(read):
        info = prepared.info
        if quarantine and work.kept_out(info.id):
            continue
        if not library.catalog.has_revision(info.revision):
            library.catalog.stage(info, prepared.passages, vectors, now=datetime.now(UTC))
        origin = info.origin or ""
        switches.append(Switch(info.id, scope, info.revision, origin, work.action(prepared)))
    return switches


class _Work:
    """A plan on its way, and what has come of it so far."""

    def __init__(
        self,
        planned: Plan,
        *,
        library: Library,
        embedder: Embedder,
        scope: str,
        progress: Watch | None,
    ) -> None:
        self._planned = planned
        self._library = library
        self._embedder = embedder
        self._scope = scope
        self._progress = progress
        self._started = time.perf_counter()
        self._before = library.version
        self._sources = [*planned.added, *planned.changed]
        self._changed = {each.id for each in planned.changed}
        self._failures = list(planned.failed)
        self._flagged: dict[str, Flagged] = {}
        self._quarantined: list[str] = []
        self._passages = self._embedded = 0

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self._sources or self._planned.removed or self._planned.adopted)

    def action(self, prepared: Prepared) -> str:
        """What the history calls a document's switch."""
        return CHANGED if prepared.info.id in self._changed else ADDED

    def kept_out(self, document_id: str) -> bool:
        """Whether a document that was just prepared looks planted; a line of a file cannot wait."""
        flagged = self._flagged.get(document_id)
        if flagged is None:
            return False
        if any(each.record is not None for each in self._sources if each.id == document_id):
            reason = f"{document_id} {flagged.why}: “{flagged.quote}”. {_LINE}"
            self._failures.append(Failure(document_id, reason))
        else:
            self._quarantined.append(document_id)
        return True

    def adopt(self) -> None:
        """Note where unchanged documents come from now."""
        for source in self._planned.adopted:
            self._library.catalog.adopt(source.id, scope=self._scope, origin=source.origin)

    def embedded(self, read: Read) -> Iterator[tuple[Prepared, Vectors]]:
        """Each document with the vectors of its passages; progress is told behind it."""
        done = 0
        library, scope = self._library, self._scope
        for batch in batches(
            self._sources, self._failures, library=library, scope=scope, read=read
        ):
            texts = [reading(each) for prepared in batch for each in prepared.passages]
            vectors = np.zeros((0, 0), np.float32)
            if texts:
                vectors = self._embedder.embed_documents(texts)
            self._embedded += len(texts)
            offset = 0
            for prepared in batch:
                flagged = flag(prepared.info.id, prepared.passages)
                if flagged is not None:
                    self._flagged[flagged.id] = flagged
                size = len(prepared.passages)
                yield prepared, vectors[offset : offset + size]
                offset += size
                done += 1
                self._passages += prepared.info.passages
                if self._progress is not None:
                    name = prepared.info.id
                    self._progress(Progress(done, len(self._sources), self._passages, name))

    def receipt(self) -> Receipt:
        """What was done."""
        planned = self._planned
        failed = {*(each.id for each in self._failures), *self._quarantined}
        return Receipt(
            added=tuple(each.id for each in planned.added if each.id not in failed),
            changed=tuple(each.id for each in planned.changed if each.id not in failed),
            removed=tuple(each.id for each in planned.removed),
            unchanged=tuple(each.id for each in planned.unchanged),
            failed=tuple(self._failures),
            passages=self._passages,
            embedded=self._embedded,
            version_before=self._before,
            version_after=self._library.version,
            seconds=time.perf_counter() - self._started,
            held=tuple(each.id for each in planned.held),
            flagged=tuple(self._flagged.values()),
            quarantined=tuple(self._quarantined),
        )


def repair(library: Library) -> None:
    """Put right what an interrupted run left, unless another run is at it."""
    if library.catalog.journal():
        with suppress(LibraryLockedError), library.writing():
            pass
