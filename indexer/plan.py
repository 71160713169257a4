"""Files compared with the library: what is new, changed, gone and the same. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from indexer.discover import Failure, Source
from indexer.load import SUFFIXES
from indexer.naming import named
from indexer.places import Place, places
from indexer.prepare import revision
from knowledge.errors import DocumentError
from knowledge.library import SHARED, Library
from knowledge.types import DocumentInfo


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do.

    `adopted` are the same but come from another folder now; `held` were taken back or out by a
    person, and their files have not changed since.
    """

    added: tuple[Source, ...]
    changed: tuple[Source, ...]
    removed: tuple[DocumentInfo, ...]
    unchanged: tuple[Source, ...]
    failed: tuple[Failure, ...]
    adopted: tuple[Source, ...] = ()
    held: tuple[Source, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """What will be read."""
        return (*self.added, *self.changed)


def plan(
    paths: Sequence[Path],
    *,
    library: Library,
    scope: str = SHARED,
    again: Collection[str] = (),
) -> Plan:
    """Compare files with the library. Reads and hashes every file, parses none but .jsonl.

    What a person rolled back or removed stays so until its file changes, is named itself, or its
    id is among `again`. Raises UsageError for a path that does not exist, DocumentError for a
    folder that has become empty.
    """
    live = {each.id: each for each in library.documents(scopes=[scope])}
    read = places(paths, live.values())
    sources, failures, asked = _sources(read, live)
    revisions = {
        each.id: revision(each, scope=scope, embedder=library.embedder) for each in sources.values()
    }
    by_hand = library.catalog.by_hand(scope=scope)
    held = {
        name
        for name in revisions
        if name not in asked | set(again)
        and by_hand.get(name) == revisions[name]
        and not (name in live and live[name].revision == revisions[name])
    }
    known = [each for each in sources.values() if each.id in live and each.id not in held]
    same = {each.id for each in known if live[each.id].revision == revisions[each.id]}
    return Plan(
        added=tuple(s for s in sources.values() if s.id not in live and s.id not in held),
        changed=tuple(each for each in known if each.id not in same),
        removed=tuple(
            each
            for each in live.values()
            if each.id not in sources
            and any(place.owns(each) for place in read)
            and not _hidden(each, failures)
        ),
        unchanged=tuple(each for each in known if each.id in same),
        failed=tuple(failures),
        adopted=tuple(
            each
            for each in sources.values()
            if each.id in same | (held & live.keys()) and live[each.id].origin != each.origin
        ),
        held=tuple(each for each in sources.values() if each.id in held),
    )


def _sources(
    read: Sequence[Place], live: Mapping[str, DocumentInfo]
) -> tuple[dict[str, Source], list[Failure], set[str]]:
    """What is there by id, what cannot be read, and the ids of files that were named themselves."""
    sources: dict[str, Source] = {}
    failures: list[Failure] = []
    asked: set[str] = set()
    for place in read:
        found = list(place.found())
        _refuse_emptied(place, found, live)
        for each in found:
            if isinstance(each, Failure):
                failures.append(each)
                continue
            source = named(each, sources, live)
            sources[source.id] = source
            if place.path.is_file():
                asked.add(source.id)
    return sources, failures, asked


def _hidden(document: DocumentInfo, failures: Sequence[Failure]) -> bool:
    """Whether a document may still be there, in a file or a line that cannot be read now."""
    is_file = PurePath(document.id).suffix.lower() in SUFFIXES
    return any(
        f"/{document.id}".endswith(f"/{each.id}")
        or (each.origin == document.origin and not is_file)
        for each in failures
    )


def _refuse_emptied(
    place: Place, found: Sequence[Source | Failure], live: Mapping[str, DocumentInfo]
) -> None:
    """A folder that suddenly holds nothing is more often a missing mount than a wish."""
    came = [each for each in live.values() if place.owns(each)]
    if came and not found:
        raise DocumentError(
            f"{place.path} holds no document any more, and {len(came)} in the library came from"
            " it. If they are meant to go, remove them with 'footnote remove'."
        )
