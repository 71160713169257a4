"""Where documents come from: the named folders and files, and which of them lie within others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from indexer.discover import SHIPPED, UPLOADED, Failure, Source, discover, origin_of
from indexer.load import SUFFIXES
from knowledge.config import DOCUMENTS
from knowledge.types import DocumentInfo


@dataclass(frozen=True, slots=True)
class Place:
    """A path to read, and the origin that its documents are noted with.

    `inside` is where the path stands below that origin's folder, which was indexed before; it is
    empty for a path that is its own origin.
    """

    path: Path
    origin: str
    inside: str = ""

    def found(self) -> Iterator[Source | Failure]:
        """What is there, under the ids that it has below its origin."""
        for each in discover(self.path):
            if isinstance(each, Failure) or not self.inside:
                yield each
            elif each.record is not None:
                yield replace(each, origin=self.origin)
            else:
                below = each.path.relative_to(self.path).as_posix() if self.path.is_dir() else ""
                name = f"{self.inside}/{below}" if below else self.inside
                yield replace(each, id=name, origin=self.origin)

    def owns(self, document: DocumentInfo) -> bool:
        """Whether a document goes when it is not found here any more."""
        if not self.inside:
            return document.origin == self.origin or within(document.origin, self.origin)
        is_file = PurePath(document.id).suffix.lower() in SUFFIXES
        below = document.id == self.inside or document.id.startswith(f"{self.inside}/")
        return document.origin == self.origin and is_file and below


def places(paths: Sequence[Path], live: Iterable[DocumentInfo]) -> tuple[Place, ...]:
    """Each path once, and under the widest folder around it that is named or was indexed.

    So a file keeps its one document, whether it is named itself or comes with its folder.
    """
    named = {origin_of(path): path for path in paths}
    known = sorted({each.origin for each in live if each.origin}, key=len)
    found = []
    for origin, path in named.items():
        if any(within(origin, other) for other in named):
            continue
        wider = next((each for each in known if within(origin, each)), None)
        if wider is None:
            found.append(Place(path, origin))
        else:
            found.append(Place(path, wider, path.resolve().relative_to(_folder(wider)).as_posix()))
    return tuple(found)


def within(origin: str | None, other: str) -> bool:
    """Whether an origin lies in another one's folder, where reading that folder comes to it."""
    if origin is None or origin == other or {SHIPPED, UPLOADED} & {origin, other}:
        return False
    folder, place = Path(other), Path(origin)
    if not folder.is_absolute() or not place.is_relative_to(folder) or not folder.is_dir():
        return False
    return not any(part.startswith(".") for part in place.relative_to(folder).parts)


def _folder(origin: str) -> Path:
    return DOCUMENTS.resolve() if origin == SHIPPED else Path(origin)
