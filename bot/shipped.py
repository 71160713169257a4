"""The documents that come with the project: whether a library holds them, and which stay out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.config import DOCUMENTS
from knowledge.library import Library

if TYPE_CHECKING:
    from indexer.plan import Plan

_HELD = "shipped documents"
_LEFT_OUT = "shipped documents left out"


class Shipped:
    """What one library has of them."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def wanted(self) -> bool:
        """Whether this library is to hold them."""
        return self._library.catalog.meta(_HELD) != "no"

    def leave_out_all(self) -> None:
        """Take them out of this library, now and in future."""
        from indexer.discover import SHIPPED

        with self._library.writing():
            self._library.catalog.set_meta(_HELD, "no")
            for each in self._library.catalog.documents(origin=SHIPPED):
                self._library.remove(each.id, scope=each.scope)

    def leave_out(self, document_ids: Sequence[str]) -> None:
        """Remember which were taken out one by one: they stay out."""
        self._keep_out(self._left_out() | set(document_ids))

    def take_back(self, paths: Sequence[Path]) -> None:
        """Let those that are named by their paths come back."""
        out = self._left_out()
        if out & _named(paths):
            self._keep_out(out - _named(paths))

    def plan(self, paths: Sequence[Path], *, with_them: bool) -> Plan:
        """What bringing the library in step with `paths` would do, and with the shipped ones."""
        from indexer.discover import SHIPPED
        from indexer.plan import plan

        if not (with_them and self.wanted()):
            return plan(paths, library=self._library)
        own = [path for path in paths if not _named([path])]
        planned = plan([DOCUMENTS, *own], library=self._library, again=_named(paths))
        out = self._left_out() - _named(paths)
        added = (each for each in planned.added if each.origin != SHIPPED or each.id not in out)
        return replace(planned, added=tuple(added))

    def _left_out(self) -> frozenset[str]:
        return frozenset(json.loads(self._library.catalog.meta(_LEFT_OUT) or "[]"))

    def _keep_out(self, ids: frozenset[str]) -> None:
        self._library.catalog.set_meta(_LEFT_OUT, json.dumps(sorted(ids)))


def _named(paths: Sequence[Path]) -> frozenset[str]:
    """Ids of the shipped documents among `paths`."""
    shipped = DOCUMENTS.resolve()
    inside = (path.resolve() for path in paths)
    return frozenset(
        path.relative_to(shipped).as_posix() for path in inside if path.parent == shipped
    )
