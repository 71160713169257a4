"""What a way back would change: from the switches on record to those that undo them (reads only).

`Library.change` carries them out in one commit.
"""

from __future__ import annotations

from collections.abc import Collection

from knowledge.errors import UsageError
from knowledge.library import Library
from knowledge.switching import Switch
from knowledge.types import Change, DocumentInfo


def document_back(
    library: Library, document_id: str, *, scope: str, version: int | None = None
) -> tuple[Switch, ...]:
    """What lets a document answer as it did after `version`, or before its newest switch.

    Raises UsageError where the document has no such past.
    """
    past = library.catalog.history(scopes=[scope], document_id=document_id, limit=1000)
    if not past:
        raise UsageError(f"There was never a document {document_id} here. Check its id.")
    if version is None:
        revision = past[0].previous
    else:
        revision = library.catalog.state_at(version, scope=scope).get(document_id)
    return _differing(library, {document_id: revision}, scope=scope)


def documents_back(
    library: Library, ids: Collection[str], *, scope: str, version: int | None = None
) -> tuple[Switch, ...]:
    """The same for documents that belong together, whose newest switches were one commit."""
    past = [
        each
        for each in library.catalog.history(scopes=[scope], limit=-1)
        if each.document_id in ids
    ]
    if version is None:
        newest = max(past, key=lambda each: each.version).at
        version = min(each.version for each in past if each.at == newest) - 1
    then = library.catalog.state_at(version, scope=scope)
    return _differing(library, {each: then.get(each) for each in ids}, scope=scope)


def library_back(library: Library, version: int, *, scope: str) -> tuple[Switch, ...]:
    """What brings a scope back to how it was when `version` was the newest.

    Raises UsageError for a version that never was.
    """
    if not 0 <= version <= int(library.version):
        raise UsageError(f"There is no version {version}: choose one from the history.")
    then = library.catalog.state_at(version, scope=scope)
    for each in library.documents(scopes=[scope]):
        then.setdefault(each.id, None)
    return _differing(library, then, scope=scope)


def kept(library: Library, change: Change) -> bool:
    """Whether one can still go back to what a change brought."""
    return change.revision is None or library.catalog.has_revision(change.revision)


def _differing(
    library: Library, wanted: dict[str, str | None], *, scope: str
) -> tuple[Switch, ...]:
    live = {each.id: each for each in library.documents(scopes=[scope])}
    switches = []
    for document_id, revision in sorted(wanted.items()):
        now = live.get(document_id)
        if revision != (None if now is None else now.revision):
            switches.append(Switch(document_id, scope, revision, _origin(library, now, revision)))
    return tuple(switches)


def _origin(library: Library, now: DocumentInfo | None, revision: str | None) -> str:
    """Where a document comes from: what is live knows it best, since folders are moved."""
    if now is not None:
        return now.origin or ""
    then = None if revision is None else library.catalog.stored(revision)
    return "" if then is None else then.origin or ""
