"""Files to a library: plan what is added, changed, removed and the same; run it; give a receipt.

Every document is one commit. A file that cannot be read is reported and never stops the others,
and its last good revision goes on answering.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from indexer.apart import FOLDER_LIMITS, Reader
from indexer.chunk import CHUNKER, Chunk, chunk
from indexer.discover import SHIPPED, Failure, Source, discover, origin_of
from indexer.document import Document
from indexer.load import SUFFIXES, load, load_record
from knowledge.embed import Embedder
from knowledge.errors import DocumentError, LibraryLockedError
from knowledge.library import SHARED, Library
from knowledge.retrieve import reading
from knowledge.types import DocumentInfo, Location, Passage

# Passages embedded together: enough to fill batches of like length, few enough that a stopped run
# has lost little.
_TOGETHER = 256

Read = Callable[[Path], Document]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do."""

    added: tuple[Source, ...]
    changed: tuple[Source, ...]
    removed: tuple[DocumentInfo, ...]
    unchanged: tuple[Source, ...]
    failed: tuple[Failure, ...]
    adopted: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a run did, by document id, with the library's version before and after."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: tuple[Failure, ...]
    passages: int
    embedded: int
    version_before: str
    version_after: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: documents and passages done, of how many."""

    documents: int
    of: int
    passages: int
    current: str


def plan(paths: Sequence[Path], *, library: Library, scope: str = SHARED) -> Plan:
    """Compare files with the library. Reads and hashes every file, parses none but .jsonl.

    Raises UsageError for a path that does not exist, DocumentError for a folder that has become
    empty.
    """
    live = {each.id: each for each in library.documents(scopes=[scope])}
    sources: dict[str, Source] = {}
    failures: list[Failure] = []
    origins = {origin_of(path): path for path in paths}
    for path in origins.values():
        found = list(discover(path))
        _refuse_emptied(path, found, live)
        for each in found:
            if isinstance(each, Failure):
                failures.append(each)
                continue
            named = _named(each, sources, live)
            sources[named.id] = named
    known = [each for each in sources.values() if each.id in live]
    same = {
        each.id
        for each in known
        if live[each.id].revision == revision(each, scope=scope, embedder=library.embedder)
    }
    return Plan(
        added=tuple(each for each in sources.values() if each.id not in live),
        changed=tuple(each for each in known if each.id not in same),
        removed=tuple(
            each
            for each in live.values()
            if each.origin in origins and each.id not in sources and not _hidden(each, failures)
        ),
        unchanged=tuple(each for each in known if each.id in same),
        failed=tuple(failures),
        adopted=tuple(
            each for each in known if each.id in same and live[each.id].origin != each.origin
        ),
    )


def _hidden(document: DocumentInfo, failures: Sequence[Failure]) -> bool:
    """Whether a document may still be there, in a file or a line that cannot be read now."""
    is_file = PurePath(document.id).suffix.lower() in SUFFIXES
    return any(
        f"/{document.id}".endswith(f"/{each.id}")
        or (each.origin == document.origin and not is_file)
        for each in failures
    )


def revision(source: Source, *, scope: str, embedder: str) -> str:
    """A digest of all that decides a document's passages and vectors."""
    parts = (scope, source.id, source.digest, CHUNKER, embedder)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


def _refuse_emptied(
    path: Path, found: Sequence[Source | Failure], live: dict[str, DocumentInfo]
) -> None:
    """A folder that suddenly holds nothing is more often a missing mount than a wish."""
    came = [each for each in live.values() if each.origin == origin_of(path)]
    if came and not found:
        raise DocumentError(
            f"{path} holds no document any more, and {len(came)} in the library came from it. "
            "If they are meant to go, remove them with 'footnote remove'."
        )


def _named(source: Source, taken: dict[str, Source], live: dict[str, DocumentInfo]) -> Source:
    """The source under an id that no document from elsewhere has.

    A folder that was moved keeps its documents' ids: the old place is gone.
    """

    def free(document_id: str) -> bool:
        holder = live.get(document_id)
        elsewhere = (
            holder is not None
            and holder.origin != source.origin
            and (holder.origin == SHIPPED or Path(holder.origin or "").exists())
        )
        return document_id not in taken and not elsewhere

    return source.renamed(next(filter(free, _names(source))))


def _names(source: Source) -> Iterator[str]:
    """A source's own id, then the same below more and more of the folders it stands in."""
    yield source.id
    place = Path(source.origin)
    if source.record is not None:
        place = source.path.resolve().with_suffix("")
    elif place == source.path.resolve():
        place = place.parent
    folders = [part for part in place.parts if part != place.anchor]
    for start in reversed(range(len(folders))):
        yield "/".join([*folders[start:], source.id])
    for number in itertools.count(2):
        yield f"{source.id} ({number})"


def run(
    planned: Plan,
    *,
    library: Library,
    embedder: Embedder,
    scope: str = SHARED,
    progress: Callable[[Progress], None] | None = None,
    read: Read | None = None,
) -> Receipt:
    """Carry out a plan, one commit a document; raises LibraryLockedError while another writes.

    Files are parsed in a process of its own, unless `read` does it here.
    """
    started = time.perf_counter()
    before = library.version
    work = [*planned.added, *planned.changed]
    if not (work or planned.removed or planned.adopted):
        _repair(library)
        return _receipt(planned, library, before=before, started=started)
    failures = list(planned.failed)
    passages = embedded = 0
    with library.writing(), Reader(limits=FOLDER_LIMITS) as apart:
        read = read or apart.read_file
        for source in planned.adopted:
            library.catalog.adopt(source.id, scope=scope, origin=source.origin)
        changed = {each.id for each in planned.changed}
        done = 0
        for batch in _batches(work, failures, library=library, scope=scope, read=read):
            texts = [reading(each) for prepared in batch for each in prepared.passages]
            vectors = embedder.embed_documents(texts) if texts else np.zeros((0, 0), np.float32)
            embedded += len(texts)
            offset = 0
            for prepared in batch:
                size = len(prepared.passages)
                library.publish(
                    prepared.info,
                    prepared.passages,
                    vectors[offset : offset + size],
                    action="changed" if prepared.info.id in changed else "added",
                )
                offset += size
                passages += prepared.info.passages
                done += 1
                if progress is not None:
                    progress(Progress(done, len(work), passages, prepared.info.id))
        # Last, so that a document that only got another name answers all the while.
        for info in planned.removed:
            library.remove(info.id, scope=scope)
    return _receipt(
        planned,
        library,
        before=before,
        started=started,
        failures=failures,
        passages=passages,
        embedded=embedded,
    )


def _repair(library: Library) -> None:
    """Put right what an interrupted run left, unless another run is at it."""
    if library.catalog.journal():
        with suppress(LibraryLockedError), library.writing():
            pass


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document ready to be published; no passages where its revision is stored already."""

    info: DocumentInfo
    passages: tuple[Passage, ...]


def _batches(
    sources: Sequence[Source],
    failures: list[Failure],
    *,
    library: Library,
    scope: str,
    read: Read,
) -> Iterator[list[_Prepared]]:
    batch: list[_Prepared] = []
    size = 0
    for source in sources:
        try:
            prepared = prepare(source, scope=scope, library=library, read=read)
        except DocumentError as error:
            failures.append(Failure(source.id, str(error)))
            continue
        batch.append(prepared)
        size += len(prepared.passages)
        if size >= _TOGETHER:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def prepare(source: Source, *, scope: str, library: Library, read: Read) -> _Prepared:
    """Load and chunk one document; raises DocumentError."""
    revised = revision(source, scope=scope, embedder=library.embedder)
    if source.record is not None:
        document = load_record(source.record, where=source.where)
    elif source.origin == SHIPPED:
        document = load(source.path)
    else:
        document = read(source.path)
    chunks = chunk(document)
    if not chunks:
        raise DocumentError(f"{source.where} holds no text. Remove it or add some.")
    info = DocumentInfo(
        id=source.id,
        title=document.title,
        scope=scope,
        passages=len(chunks),
        revision=revised,
        updated=document.updated,
        source=document.source,
        summary=document.summary,
        origin=source.origin,
        digest=source.digest,
    )
    if library.catalog.has_revision(revised):
        return _Prepared(info, ())
    return _Prepared(info, passages_of(chunks, info))


def passages_of(chunks: Sequence[Chunk], info: DocumentInfo) -> tuple[Passage, ...]:
    """A document's chunks as the passages of its revision."""
    return tuple(
        Passage(
            id=f"{info.revision}-{position}",
            document_id=info.id,
            title=info.title,
            text=each.text,
            location=Location(each.headings, each.page, each.line),
            position=position,
            updated=info.updated,
            source=info.source,
            scope=info.scope,
        )
        for position, each in enumerate(chunks)
    )


def _receipt(
    planned: Plan,
    library: Library,
    *,
    before: str,
    started: float,
    failures: Sequence[Failure] | None = None,
    passages: int = 0,
    embedded: int = 0,
) -> Receipt:
    failures = planned.failed if failures is None else failures
    failed = {each.id for each in failures}
    return Receipt(
        added=tuple(each.id for each in planned.added if each.id not in failed),
        changed=tuple(each.id for each in planned.changed if each.id not in failed),
        removed=tuple(each.id for each in planned.removed),
        unchanged=tuple(each.id for each in planned.unchanged),
        failed=tuple(failures),
        passages=passages,
        embedded=embedded,
        version_before=before,
        version_after=library.version,
        seconds=time.perf_counter() - started,
    )
