"""`footnote run`: the services, loaded, handed to the Discord side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from bot import logbook
from bot.exposure import check_exposed
from bot.link import link
from bot.receipts import Receipts
from bot.supervisor import run
from bot.vitals.condition import Condition
from bot.vitals.figures import Figures
from bot.vitals.port import Port
from bot.vitals.watch import Watch
from knowledge.errors import SettingsError
from knowledge.types import DocumentInfo, Evidence, Passage

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger(__name__)


class Shelves:
    """The library as Discord's commands read it."""

    def __init__(self, app: App) -> None:
        self._app = app

    @property
    def version(self) -> str:
        """Grows with every switch."""
        return self._app.library.version

    def documents(self, *, scopes: Sequence[str]) -> Sequence[DocumentInfo]:
        """Every live document of these scopes."""
        return self._app.library.documents(scopes=scopes)

    def passages(self, document_id: str, *, scope: str) -> Sequence[Passage]:
        """One document's passages, in order."""
        return self._app.library.passages(document_id, scope=scope)

    def passage(self, passage_id: str) -> Passage | None:
        """A passage by its id, also of a kept older revision."""
        return self._app.library.passage(passage_id)

    def search(self, query: str, *, k: int, scopes: Sequence[str]) -> Sequence[Evidence]:
        """The best `k` passages for a query."""
        return self._app.search(query, k=k, scopes=scopes)

    def glance(self, query: str, *, k: int, scopes: Sequence[str]) -> Sequence[Evidence]:
        """About the same, sooner."""
        return self._app.glance(query, k=k, scopes=scopes)


def serve(app: App, *, port: Port | None = None) -> None:
    """Run the bot until SIGTERM or SIGINT, with a health port where one is given."""
    figures = Figures()
    logbook.begin(figures)
    try:
        check_exposed(app.settings)
    except SettingsError as error:
        log.warning("exposed", reason=str(error))
    # Fetching may take minutes and can be interrupted here; loading takes seconds.
    app.fetch_models()
    receipts = Receipts(app.settings.home / "receipts.sqlite3")
    link(app.library.catalog, receipts)
    condition = Condition(app.settings.answer_timeout_s, library=lambda: app.library.version)
    asyncio.run(
        run(
            app.settings,
            answerer=app.answerer,
            library=Shelves(app),
            receipts=receipts,
            jobs=app.jobs,
            load=app.load,
            watch=Watch(condition, figures, port=port),
        )
    )
