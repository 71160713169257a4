"""What every job on a library stands on: its stores, whose turn it is, what must not be lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.audit import Audit
from bot.gaps import Gap, Unanswered, grouped
from bot.golden import GoldenAnswers
from bot.insight.atlas import Atlas
from bot.pipeline import Build, Model
from bot.replay import GoldenError, Replay
from bot.turn import Running, Turn
from bot.watching import Watchlist
from indexer.apart import ReadingLimits
from indexer.discover import came_in
from indexer.originals import Originals
from indexer.pending import Pending, Staged
from knowledge.embed import Embedder
from knowledge.library import SHARED, Library
from knowledge.switching import Switch
from knowledge.tentative import Draft, Tentative
from knowledge.types import Change, DocumentInfo

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """Where things are kept, and what reads and answers."""

    library: Library
    embedder: Embedder
    pending: Pending
    originals: Originals
    audit: Audit
    golden: GoldenAnswers
    watchlist: Watchlist
    limits: ReadingLimits
    build: Build


class Works:
    """A library as its admins see it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._library = parts.library
        self.atlas = Atlas(parts.library, embedder=parts.embedder)
        self._turn = Turn(parts.audit, version=lambda: parts.library.version)

    @property
    def running(self) -> Running | None:
        """The job under way."""
        return self._turn.running

    @property
    def limits(self) -> ReadingLimits:
        """How much one document may be."""
        return self._parts.limits

    @property
    def golden(self) -> GoldenAnswers:
        """Answers that must stay possible."""
        return self._parts.golden

    @property
    def audit(self) -> Audit:
        """The log."""
        return self._parts.audit

    def documents(self, *, scope: str) -> Sequence[DocumentInfo]:
        """The live documents of one scope."""
        return self._library.documents(scopes=[scope])

    def files(self, *, scope: str) -> dict[str, int]:
        """Files of records that were added, with how many of their documents answer now."""
        counts = Counter(came_in(each.origin) for each in self.documents(scope=scope))
        known = map(came_in, self._library.catalog.origins(scope=scope))
        return {file: counts[file] for file in known if file is not None}

    def waiting(self, *, scope: str) -> Sequence[Staged]:
        """What waits for a decision."""
        return self._parts.pending.all(scope=scope)

    def history(
        self, *, scope: str, document_id: str | None = None, limit: int = 25
    ) -> Sequence[Change]:
        """The newest switches, newest first."""
        return self._library.catalog.history(scopes=[scope], document_id=document_id, limit=limit)

    def since(self, version: int) -> Sequence[Change]:
        """What was switched after a version, in every scope."""
        return self._library.catalog.since(version)

    def guilds(self) -> Sequence[int]:
        """Every server that has, or had, anything here."""
        found = {scope for scope in self.audit.scopes() if scope.startswith("guild:")}
        return sorted(int(scope.removeprefix("guild:")) for scope in found)

    def alike(self, found: Sequence[Unanswered]) -> Sequence[Gap]:
        """Unanswered questions, those alike together."""
        if not found:
            return ()
        vectors = self._parts.embedder.embed_documents([each.question for each in found])
        return grouped(found, vectors)

    def _refuse_worse(
        self,
        switches: Sequence[Switch],
        *,
        scope: str,
        model: Model,
        step: Step,
        drafts: Sequence[Draft] = (),
    ) -> None:
        """Raise GoldenError where a change would make golden answers worse.

        What everybody shares is behind the answers of every server.
        """
        golden = self.golden.all(scope=None if scope == SHARED else scope)
        if not golden or not switches:
            return
        build = self._parts.build
        with Tentative(self._library, switches, drafts=drafts) as ahead:
            replay = Replay(build(self._library), build(ahead), model)
            found = replay.regressions(golden, step=step)
        if found:
            raise GoldenError(found)
