"""The files that were added, byte for byte: a version that comes back comes back whole.

Each is kept under its digest for as long as the catalogue keeps a revision made from it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from pathlib import Path, PurePath

from indexer.pending import digest, flush


class Originals:
    """A folder of files; one that a crash leaves half written is never seen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes, *, name: str) -> None:
        """Keep a file; its name's ending says how to read it again."""
        place = self._folder / f"{digest(data)}{PurePath(name).suffix.lower()}"
        if place.exists():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        made = self._folder / f".{secrets.token_hex(6)}"
        made.write_bytes(data)
        flush(made)
        made.replace(place)
        flush(self._folder)

    def find(self, digested: str) -> Path | None:
        """The file of that digest, while it is kept."""
        if len(digested) != 64 or not digested.isalnum():
            return None
        return next(iter(sorted(self._folder.glob(f"{digested}*"))), None)

    def sweep(self, wanted: Collection[str]) -> None:
        """Forget what no revision is made from any more, and what a crash left."""
        for file in self._folder.glob("*"):
            if file.name.startswith(".") or file.name.partition(".")[0] not in wanted:
                file.unlink(missing_ok=True)
