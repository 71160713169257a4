"""An upload on its way in: read, looked over, published. `sync` does the same for folders."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import numpy as np

from indexer.apart import ReadingLimits, read_apart
from indexer.clean import clean
from indexer.discover import Failure
from indexer.originals import Originals
from indexer.parts import Part, Parts, holds_records, parts, passages
from indexer.pending import Pending, Staged, Upload
from indexer.receipt import Receipt
from indexer.reviewing import Review, reviewed
from indexer.suspicion import flag
from knowledge.embed import Embedder, Vectors
from knowledge.errors import DocumentError
from knowledge.library import Library
from knowledge.retrieve import reading
from knowledge.tentative import Draft

_NAME = 200

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Ahead:
    """An upload that waits as what it would be: its documents, those that are new with vectors."""

    parts: Parts
    drafts: tuple[Draft, ...]
    notes: tuple[str, ...]


def take_in(
    upload: Upload,
    *,
    pending: Pending,
    library: Library,
    embedder: Embedder,
    limits: ReadingLimits,
    step: Step | None = None,
) -> Review:
    """Read an upload, let it wait for a decision, and say what was found.

    Raises DocumentError, and keeps nothing, where it cannot be read.
    """
    upload = _named(upload)
    document = read_apart(upload.data, name=upload.name, limits=limits)
    found = parts(document, upload, upload.data, library=library)
    vectors = _embed(found.new, embedder=embedder, step=step)
    staged = pending.keep(upload, document, vectors=vectors, revision=_revision(found.new))
    return reviewed(staged, document, found, vectors, library=library)


def _named(upload: Upload) -> Upload:
    """The upload under names that can be shown: no folders, nothing invisible, of sane length."""
    name = PurePosixPath(" ".join(clean(upload.name).split()).replace("\\", "/")).name
    return replace(
        upload,
        name=name[-_NAME:] or "unnamed",
        document_id=" ".join(clean(upload.document_id).split())[-_NAME:] or "unnamed",
    )


def review(staged: Staged, *, pending: Pending, library: Library, embedder: Embedder) -> Review:
    """What waits, looked over again against what the library holds now."""
    document = pending.document(staged)
    found = parts(document, staged, pending.original(staged), library=library)
    vectors = _vectors(found.new, staged, pending=pending, embedder=embedder)
    return reviewed(staged, document, found, vectors, library=library)


def ahead(
    staged: Staged,
    *,
    pending: Pending,
    library: Library,
    embedder: Embedder,
    step: Step | None = None,
) -> Ahead:
    """What an upload that waits would make of the library as it is now."""
    document = pending.document(staged)
    found = parts(document, staged, pending.original(staged), library=library)
    vectors = _vectors(found.new, staged, pending=pending, embedder=embedder, step=step)
    drafts, start = [], 0
    for each in found.new:
        end = start + len(each.passages)
        drafts.append(Draft(each.info, each.passages, vectors[start:end]))
        start = end
    return Ahead(found, tuple(drafts), document.notes)


def publish(
    staged: Staged, made: Ahead, *, pending: Pending, originals: Originals, library: Library
) -> Receipt:
    """Let what waited answer, in one commit; what was there before answers until then."""
    started = time.perf_counter()
    before = library.version
    with library.writing():
        # Before the switch, and under the lock that whoever tidies up takes too.
        for each in made.parts.new:
            originals.keep(each.original, name=staged.name)
        _switch(made, library=library)
    pending.drop([staged.id])
    found = made.parts
    return Receipt(
        added=tuple(each.info.id for each in found.added),
        changed=tuple(each.info.id for each in found.changed),
        removed=tuple(each.id for each in found.removed),
        unchanged=tuple(each.info.id for each in found.unchanged),
        failed=tuple(Failure(staged.name, note) for note in made.notes)
        if holds_records(staged)
        else (),
        passages=sum(each.info.passages for each in found.all),
        embedded=0,  # when it was staged
        version_before=before,
        version_after=library.version,
        seconds=time.perf_counter() - started,
        flagged=tuple(mark for part in found.new if (mark := flag(part.info.id, part.passages))),
    )


def _switch(made: Ahead, *, library: Library) -> None:
    switches = made.parts.switches
    if not switches:
        return
    if len(switches) == 1 and made.drafts:
        (draft,), (to,) = made.drafts, switches
        library.publish(draft.info, draft.passages, draft.vectors, action=to.action)
        return
    now = datetime.now(UTC)
    try:
        for each in made.drafts:
            if not library.catalog.has_revision(each.info.revision):
                library.catalog.stage(each.info, each.passages, each.vectors, now=now)
        library.change(switches, now=now)
    except BaseException:
        library.recover()
        raise


def settle(pending: Pending, library: Library, *, before: str) -> None:
    """Forget what waits since before an ISO time, or answers already: a crash came in between."""
    pending.sweep(before=before)
    for staged in pending.all():
        if _answers(staged, pending=pending, library=library):
            pending.drop([staged.id])


def _answers(staged: Staged, *, pending: Pending, library: Library) -> bool:
    if not holds_records(staged):
        live = library.catalog.document(staged.document_id, scope=staged.scope)
        return live is not None and live.digest == staged.digest
    try:
        document = pending.document(staged)
        found = parts(document, staged, pending.original(staged), library=library)
    except (DocumentError, OSError):
        return False
    return not found.switches


def _vectors(
    new: Sequence[Part],
    staged: Staged,
    *,
    pending: Pending,
    embedder: Embedder,
    step: Step | None = None,
) -> Vectors:
    """Those made when it was read, unless the embedder or the library has changed since."""
    vectors = pending.vectors(staged, revision=_revision(new))
    return _embed(new, embedder=embedder, step=step) if vectors is None else vectors


def _revision(new: Sequence[Part]) -> str:
    """What tells the vectors of these documents from those of any others."""
    if len(new) == 1:
        return new[0].info.revision
    return hashlib.sha256("\0".join(each.info.revision for each in new).encode()).hexdigest()[:20]


def _embed(new: Sequence[Part], *, embedder: Embedder, step: Step | None = None) -> Vectors:
    texts = [reading(each) for each in passages(new)]
    if not texts:
        return np.zeros((0, 0), np.float32)
    done = 0

    def progress(number: int) -> None:
        nonlocal done
        done += number
        if step is not None:
            step(done, len(texts))

    return embedder.embed_documents(texts, progress=progress)
