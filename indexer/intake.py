"""One document on its way in: read, looked over, published. `sync` does the same for folders."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from indexer.apart import ReadingLimits, read_apart, words
from indexer.chunk import chunk
from indexer.clean import clean
from indexer.discover import UPLOADED, Source
from indexer.document import Document
from indexer.originals import Originals
from indexer.pending import Pending, Staged, Upload, digest
from indexer.prepare import passages_of, revision
from indexer.receipt import Receipt
from indexer.suspicion import Suspicion, suspicions
from knowledge.embed import Embedder, Vectors
from knowledge.errors import DocumentError
from knowledge.library import SHARED, Library
from knowledge.retrieve import reading
from knowledge.switching import ADDED, CHANGED
from knowledge.tentative import Draft
from knowledge.types import DocumentInfo, Passage

# Cosine from which a reviewer is shown two passages as alike: a hint, decided by a person.
ALIKE = 0.93
_COMPARED = 200
_NAME = 200

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Likeness:
    """A document that says the same in `passages` of the new one's passages."""

    document: str
    title: str
    passages: int


@dataclass(frozen=True, slots=True)
class Review:
    """What a person should know before a document answers.

    `replaces` is the live document of the same id; `same` says that it would change nothing.
    """

    staged: Staged
    info: DocumentInfo
    pages: int | None
    words: int
    headings: tuple[str, ...]
    passages: tuple[Passage, ...]
    notes: tuple[str, ...]
    alike: tuple[Likeness, ...]
    suspicious: tuple[Suspicion, ...]
    replaces: DocumentInfo | None
    same: bool


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
    info, passages = cut(document, upload, digest(upload.data), library=library)
    vectors = _embed(passages, embedder=embedder, step=step)
    staged = pending.keep(upload, document, vectors=vectors, revision=info.revision)
    return _reviewed(staged, document, info, passages, vectors, library=library)


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
    found = draft(staged, pending=pending, library=library, embedder=embedder)
    document = pending.document(staged)
    return _reviewed(staged, document, found.info, found.passages, found.vectors, library=library)


def draft(
    staged: Staged,
    *,
    pending: Pending,
    library: Library,
    embedder: Embedder,
    step: Step | None = None,
) -> Draft:
    """The revision that a document which waits would be."""
    info, passages = cut(pending.document(staged), staged, staged.digest, library=library)
    vectors = pending.vectors(staged, revision=info.revision)
    if vectors is None:
        # Whoever runs this has changed the embedder since.
        vectors = _embed(passages, embedder=embedder, step=step)
    return Draft(info, passages, vectors)


def publish(
    staged: Staged, made: Draft, *, pending: Pending, originals: Originals, library: Library
) -> Receipt:
    """Let a document that waited answer, in one commit; the old version answers until then."""
    started = time.perf_counter()
    info = made.info
    before = library.version
    with library.writing():
        live = library.catalog.document(info.id, scope=info.scope)
        same = live is not None and live.revision == info.revision
        if not same:
            # Before the switch, and under the lock that whoever tidies up takes too.
            originals.keep(pending.original(staged), name=staged.name)
            action = ADDED if live is None else CHANGED
            library.publish(info, made.passages, made.vectors, action=action)
    pending.drop([staged.id])
    return Receipt(
        added=(info.id,) if live is None else (),
        changed=(info.id,) if live is not None and not same else (),
        removed=(),
        unchanged=(info.id,) if same else (),
        failed=(),
        passages=len(made.passages),
        embedded=0,  # when it was staged
        version_before=before,
        version_after=library.version,
        seconds=time.perf_counter() - started,
    )


def settle(pending: Pending, library: Library, *, before: str) -> None:
    """Forget what waits since before an ISO time, or answers already: a crash came in between."""
    pending.sweep(before=before)
    for staged in pending.all():
        live = library.catalog.document(staged.document_id, scope=staged.scope)
        if live is not None and live.digest == staged.digest:
            pending.drop([staged.id])


def cut(
    document: Document, which: Upload | Staged, digested: str, *, library: Library
) -> tuple[DocumentInfo, tuple[Passage, ...]]:
    """A document as the passages of the revision it would be; raises DocumentError for none."""
    source = Source(which.document_id, UPLOADED, Path(which.name), digested, which.name)
    chunks = chunk(document)
    if not chunks:
        raise DocumentError(f"{which.name} holds no text. Add some, or leave it out.")
    info = DocumentInfo(
        id=source.id,
        title=document.title,
        scope=which.scope,
        passages=len(chunks),
        revision=revision(source, scope=which.scope, embedder=library.embedder),
        updated=document.updated,
        source=document.source or which.source,
        summary=document.summary,
        origin=source.origin,
        digest=digested,
    )
    return info, passages_of(chunks, info)


def _embed(passages: Sequence[Passage], *, embedder: Embedder, step: Step | None = None) -> Vectors:
    done = 0

    def progress(number: int) -> None:
        nonlocal done
        done += number
        if step is not None:
            step(done, len(passages))

    return embedder.embed_documents([reading(each) for each in passages], progress=progress)


def _reviewed(
    staged: Staged,
    document: Document,
    info: DocumentInfo,
    passages: tuple[Passage, ...],
    vectors: Vectors,
    *,
    library: Library,
) -> Review:
    live = library.catalog.document(info.id, scope=info.scope)
    headings = (heading for block in document.blocks for heading in block.headings)
    return Review(
        staged=staged,
        info=info,
        pages=document.pages,
        words=words(document),
        headings=tuple(dict.fromkeys(headings)),
        passages=passages,
        notes=document.notes,
        alike=_alike(info, vectors, library=library),
        suspicious=suspicions(passages),
        replaces=live,
        same=live is not None and live.revision == info.revision,
    )


def _alike(info: DocumentInfo, vectors: Vectors, *, library: Library) -> tuple[Likeness, ...]:
    """The documents in reach that hold nearly the same passages, the likest first."""
    reach = dict.fromkeys((SHARED, info.scope))
    chosen = np.linspace(0, len(vectors) - 1, min(len(vectors), _COMPARED)).astype(int)
    titles: dict[str, str] = {}
    times: Counter[str] = Counter()
    for index in chosen:
        near = library.nearest(vectors[index], k=5, scopes=tuple(reach))
        found = {
            f"{passage.scope}\n{passage.document_id}": passage.title
            for passage, cosine in near
            if cosine >= ALIKE and (passage.document_id, passage.scope) != (info.id, info.scope)
        }
        titles.update(found)
        times.update(found.keys())
    return tuple(
        Likeness(name.split("\n", 1)[1], titles[name], number)
        for name, number in times.most_common(5)
    )
