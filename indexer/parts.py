"""The documents that an upload holds: itself, or each line of a .jsonl file; what they change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from indexer.chunk import chunk
from indexer.discover import UPLOADED, Source, together
from indexer.document import Document
from indexer.formats.records import lines, load_record
from indexer.load import RECORDS
from indexer.naming import named
from indexer.pending import Staged, Upload, digest
from indexer.prepare import passages_of, revision
from knowledge.errors import DocumentError
from knowledge.library import Library
from knowledge.switching import ADDED, CHANGED, GONE, Switch
from knowledge.types import DocumentInfo, Passage


@dataclass(frozen=True, slots=True)
class Part:
    """One document as the revision it would be, and the bytes that it is read from."""

    info: DocumentInfo
    passages: tuple[Passage, ...]
    original: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """What an upload would add, change, leave as it is and take out."""

    added: tuple[Part, ...]
    changed: tuple[Part, ...]
    unchanged: tuple[Part, ...]
    removed: tuple[DocumentInfo, ...]

    @property
    def new(self) -> tuple[Part, ...]:
        """Those that would answer anew."""
        return (*self.added, *self.changed)

    @property
    def all(self) -> tuple[Part, ...]:
        """Every document of the upload."""
        return (*self.new, *self.unchanged)

    @property
    def switches(self) -> tuple[Switch, ...]:
        """What would be switched."""
        return (
            *(_switch(each.info, ADDED) for each in self.added),
            *(_switch(each.info, CHANGED) for each in self.changed),
            *(Switch(each.id, each.scope, None, action=GONE) for each in self.removed),
        )


def holds_records(which: Upload | Staged) -> bool:
    """Whether it is a file of records, each of which is a document."""
    return PurePosixPath(which.name).suffix.lower() == RECORDS


def parts(document: Document, which: Upload | Staged, data: bytes, *, library: Library) -> Parts:
    """The documents of an upload whose bytes were read as `document`.

    Raises DocumentError where there is no text in them.
    """
    live = {each.id: each for each in library.documents(scopes=[which.scope])}
    if holds_records(which):
        found = list(_records(which, data, live, library=library))
    else:
        origin = which.origin or UPLOADED
        source = Source(which.document_id, origin, Path(which.name), digest(data), which.name)
        found = [_part(document, source, data, which, library=library)]
    if not found:
        raise DocumentError(f"{which.name} holds no text. Add some, or leave it out.")
    known = [each for each in found if each.info.id in live]
    same = [each for each in known if live[each.info.id].revision == each.info.revision]
    ids = {each.info.id for each in found}
    return Parts(
        added=tuple(each for each in found if each.info.id not in live),
        changed=tuple(each for each in known if each not in same),
        unchanged=tuple(same),
        removed=tuple(
            each for each in live.values() if each.id not in ids and _came_with(each, which)
        ),
    )


def _records(
    which: Upload | Staged, data: bytes, live: dict[str, DocumentInfo], *, library: Library
) -> Iterator[Part]:
    """A document for each good line; what is wrong with the others was noted when it was read."""
    taken: dict[str, Source] = {}
    for line in lines(data):
        where = f"{which.name}, line {line.number}"
        if line.record is None:
            continue
        # A root of its own, so that no folder of this machine gets into a document's name.
        place = Path("/") / which.name
        origin = together(which.document_id)
        source = Source(line.id, origin, place, line.digest, where, line.record)
        source = named(source, taken, live)
        taken[source.id] = source
        try:
            document = load_record(line.record, where=where)
            yield _part(document, source, line.raw, which, library=library)
        except DocumentError:
            continue


def _part(
    document: Document, source: Source, data: bytes, which: Upload | Staged, *, library: Library
) -> Part:
    chunks = chunk(document)
    if not chunks:
        raise DocumentError(f"{source.where} holds no text. Add some, or leave it out.")
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
        digest=source.digest,
    )
    return Part(info, passages_of(chunks, info), data)


def _came_with(info: DocumentInfo, which: Upload | Staged) -> bool:
    """Whether a document came in the same file before, be it as one of its lines or as a whole."""
    if not holds_records(which):
        return False
    whole = info.origin == UPLOADED and info.id == which.document_id
    return whole or info.origin == together(which.document_id)


def _switch(info: DocumentInfo, action: str) -> Switch:
    return Switch(info.id, info.scope, info.revision, info.origin or "", action)


def summed(found: Parts, which: Upload | Staged, title: str) -> DocumentInfo:
    """What a reviewer is shown as one: the document, or the file that holds several."""
    if not holds_records(which):
        return found.all[0].info
    first = found.all[0].info
    passages = sum(each.info.passages for each in found.all)
    return replace(
        first,
        id=which.document_id,
        title=title,
        passages=passages,
        source=which.source,
        summary=None,
        updated=None,
    )


def passages(found: Sequence[Part]) -> tuple[Passage, ...]:
    """The passages of several documents, one after another."""
    return tuple(passage for each in found for passage in each.passages)
