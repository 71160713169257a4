"""Sources to passages ready to be embedded; a source that cannot be read stops no other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.chunk import CHUNKER, Chunk, chunk
from indexer.discover import SHIPPED, Failure, Source
from indexer.document import Document
from indexer.formats.records import load_record
from indexer.load import load
from knowledge.errors import DocumentError
from knowledge.library import Library
from knowledge.types import DocumentInfo, Location, Passage

# Passages embedded together: enough to fill batches of like length, few enough that a stopped run
# has lost little.
TOGETHER = 256

Read = Callable[[Path], Document]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be published; no passages where its revision is stored already."""

    info: DocumentInfo
    passages: tuple[Passage, ...]


def revision(source: Source, *, scope: str, embedder: str) -> str:
    """A digest of all that decides a document's passages and vectors."""
    parts = (scope, source.id, source.digest, CHUNKER, embedder)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


def batches(
    sources: Sequence[Source],
    failures: list[Failure],
    *,
    library: Library,
    scope: str,
    read: Read,
) -> Iterator[list[Prepared]]:
    """Documents ready to be published, in batches that are embedded together."""
    batch: list[Prepared] = []
    size = 0
    for source in sources:
        try:
            prepared = prepare(source, scope=scope, library=library, read=read)
        except DocumentError as error:
            failures.append(Failure(source.id, str(error)))
            continue
        batch.append(prepared)
        size += len(prepared.passages)
        if size >= TOGETHER:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def prepare(source: Source, *, scope: str, library: Library, read: Read) -> Prepared:
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
        return Prepared(info, ())
    return Prepared(info, passages_of(chunks, info))


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
