"""Pages looked at again: the same, changed, or gone, which is said and never acted upon."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.admitting import Admitting
from bot.pipeline import Model, absent
from bot.replay import GoldenError
from bot.watching import State, Watched
from indexer.pending import Upload, digest
from indexer.reviewing import Review
from indexer.web import Fetched, GoneError
from knowledge.errors import DocumentError, UsageError
from knowledge.said import said

SCHEDULE = said("the schedule")
# A server may be down for a while; who watches is told when it stays so.
_PATIENCE = 3

Found = Fetched | DocumentError | None


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a page came to; `news` for whoever watches it."""

    page: Watched
    state: State
    reason: str = ""
    news: bool = False


class Refreshing(Admitting):
    """The jobs on pages that are watched."""

    def watch(self, document: str, *, hours: float, scope: str, by: str) -> None:
        """Look at a document's page every so many hours; 0 for no more.

        Raises UsageError for a document that has no page.
        """
        if not hours:
            self._parts.watchlist.unwatch(document, scope=scope)
            return
        live = self._library.catalog.document(document, scope=scope)
        url = "" if live is None else live.source or ""
        if not url.startswith(("http://", "https://")):
            raise UsageError(
                f"{document} does not come from a page on the web. Add it by its address."
            )
        self._parts.watchlist.watch(document, url=url, hours=hours, scope=scope, by=by)

    def watch_added(self, upload: Upload, *, hours: float) -> None:
        """The same for a page that was only just added."""
        if hours and upload.source:
            self._parts.watchlist.watch(
                upload.document_id, url=upload.source, hours=hours, scope=upload.scope, by=upload.by
            )

    def watched(self, *, scope: str) -> Sequence[Watched]:
        """The pages that are watched."""
        return self._parts.watchlist.all(scope=scope)

    def due(self) -> Sequence[Watched]:
        """The pages of all scopes that are to be looked at now."""
        return self._parts.watchlist.due(now=time.time())

    def refreshed(
        self, page: Watched, found: Found, *, at_once: bool, model: Model = absent
    ) -> Look | None:
        """Take in what was found at a page's address; None where nobody has the document any more.

        What has changed waits for a decision, unless it may answer `at_once`.
        """
        look = self._look(page, found, at_once=at_once, model=model)
        watchlist = self._parts.watchlist
        if look is None:
            watchlist.unwatch(page.document, scope=page.scope)
            return None
        version = found.version if isinstance(found, Fetched) else None
        watchlist.looked(page, look.state, now=time.time(), reason=look.reason, version=version)
        if look.news and look.state in (State.GONE, State.FAILED):
            now = self._library.version
            number = self.audit.begin(
                SCHEDULE, said("looked at"), page.document, scope=page.scope, version=now
            )
            self.audit.end(number, said(f"failed: {look.reason}"), version=now)
        return look

    def _look(self, page: Watched, found: Found, *, at_once: bool, model: Model) -> Look | None:
        live = self._library.catalog.document(page.document, scope=page.scope)
        waiting = [s for s in self.waiting(scope=page.scope) if s.document_id == page.document]
        if live is None:
            return Look(page, State.NEW) if waiting else None
        if isinstance(found, GoneError):
            return Look(page, State.GONE, str(found), news=page.state is not State.GONE)
        if isinstance(found, DocumentError):
            news = page.failures + 1 == _PATIENCE
            return Look(page, State.FAILED, str(found), news=news)
        if found is None or digest(found.data) == live.digest:
            return Look(page, State.SAME)
        upload = Upload(
            found.name, found.data, page.document, page.scope, SCHEDULE, source=page.url
        )
        try:
            review = self.add(upload)
        except DocumentError as error:
            return Look(page, State.FAILED, str(error), news=page.failures + 1 == _PATIENCE)
        # What the schedule let wait before is out of date.
        self._parts.pending.drop([each.id for each in waiting if each.by == SCHEDULE])
        return self._decided(page, review, at_once=at_once, model=model)

    def _decided(self, page: Watched, review: Review, *, at_once: bool, model: Model) -> Look:
        if self._says_the_same(review):
            self._parts.pending.drop([review.staged.id])
            return Look(page, State.SAME)
        if not at_once or review.suspicious or review.notes:
            return Look(page, State.WAITS, news=True)
        try:
            self.approve(review.staged.id, scope=page.scope, by=SCHEDULE, model=model)
        except GoldenError as error:
            return Look(page, State.WAITS, str(error), news=True)
        return Look(page, State.CHANGED)

    def _says_the_same(self, review: Review) -> bool:
        """Whether only what is no text has changed: a page's advertisements, its date of today."""
        live = self._library.passages(review.info.id, scope=review.info.scope)
        return [each.text for each in live] == [each.text for each in review.passages]
