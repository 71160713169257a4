"""Evidence from one version of the library, also while documents are switched."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.library import SHARED
from knowledge.retrieve import Retriever
from knowledge.types import Evidence

_TRIES = 3


class SteadyRetriever(Retriever):
    """Looks again where a document was switched between its two ways of finding passages.

    All that it finds answers at one instant, so that no answer is drawn from an old and a new
    version at once.
    """

    def retrieve(
        self, question: str, *, k: int, scopes: Sequence[str] = (SHARED,), fold: bool = True
    ) -> tuple[Evidence, ...]:
        """The `k` best passages, best first; () for an empty library."""
        for _ in range(_TRIES):
            with self._library.still():
                found = super().retrieve(question, k=k, scopes=scopes, fold=fold)
            live = self._library.catalog.passages(
                [each.passage.id for each in found], scopes=scopes
            )
            if len(live) == len(found):
                break
        return tuple(each for each in found if each.passage.id in live)
