"""What the pages show, read from the stores; blocking, so called beside the loop."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.evaluation import REPORTS
from bot.gaps import Gap, Unanswered
from bot.golden import Golden
from bot.insight.activity import Figures, Line
from bot.language import Language
from bot.permissions import SHARED, own_scope
from bot.receipts import Feedback, Receipt
from bot.web.house import House, library_name
from knowledge.errors import FootnoteError
from knowledge.types import DocumentInfo, Passage

PAGE = 30
_GAPS_DAYS = 30
_DAY_S = 86_400


class NotFoundError(FootnoteError):
    """What was asked for is not there, or not any more."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document, and the quote in it that somebody wants to see, if it still stands."""

    info: DocumentInfo
    passages: tuple[Passage, ...]
    quote: str = ""
    passage: str = ""

    @property
    def changed(self) -> bool:
        """Whether the quote does not stand in it any more."""
        return bool(self.quote) and not self.passage


@dataclass(frozen=True, slots=True)
class Run:
    """An evaluation that was kept."""

    name: str
    cases: int
    right: float
    refused: float
    at: float


def shelf(house: House, wanted: str) -> dict[str, tuple[DocumentInfo, ...]]:
    """Every library's documents, or those whose title or id holds what is wanted."""
    word = wanted.casefold()
    return {
        scope: tuple(
            each
            for each in house.library.documents(scopes=[scope])
            if word in f"{each.title} {each.id}".casefold()
        )
        for scope in house.scopes()
    }


def document(house: House, document_id: str, *, scope: str) -> Opened:
    """A document."""
    known = house.library.documents(scopes=[scope])
    info = next((each for each in known if each.id == document_id), None)
    if info is None:
        raise NotFoundError("That document is not in the library any more.")
    return Opened(info, tuple(house.library.passages(document_id, scope=scope)))


def source(house: House, name: str, n: int) -> Opened:
    """The document that citation `n` of a receipt quotes, with the quote's place in it."""
    found, _ = receipt(house, name)
    cited = next((each for each in found.answer.citations if each.n == n), None)
    if cited is None:
        raise NotFoundError("That answer has no such source.")
    passage = house.library.passage(cited.passage_id)
    scope = passage.scope if passage is not None else SHARED
    opened = document(house, cited.document_id, scope=scope)
    holding = [each.id for each in opened.passages if cited.quote in each.text]
    # The same words may stand in several passages: the one that was cited, if it still does.
    place = cited.passage_id if cited.passage_id in holding else next(iter(holding), "")
    return replace(opened, quote=cited.quote, passage=place)


def receipt(house: House, name: str) -> tuple[Receipt, tuple[Feedback, ...]]:
    """A public receipt with what people thought of it."""
    found = house.receipts.get(name)
    if found is None or found.private:
        raise NotFoundError("That record is not kept any more, or was asked in private.")
    return found, house.receipts.feedback(name)


def receipts(house: House, *, status: str, skip: int) -> tuple[tuple[Line, ...], bool]:
    """A page of the latest questions, and whether there are more."""
    found = house.receipts.activity.latest(limit=PAGE + 1, skip=skip, status=status)
    return found[:PAGE], len(found) > PAGE


def gaps(house: House) -> dict[str, Sequence[Gap]]:
    """What each server asked in the last days and was not answered."""
    since = time.time() - _GAPS_DAYS * _DAY_S
    found = {
        library_name(own_scope(guild)): house.jobs.alike(
            house.receipts.gaps.open(guild, since=since)
        )
        for guild in house.receipts.activity.guilds()
    }
    return {name: each for name, each in found.items() if each}


def golden(house: House) -> dict[str, tuple[Golden, ...]]:
    """The golden answers of each library that has some."""
    found = {library_name(s): tuple(house.jobs.golden.all(scope=s)) for s in house.scopes()}
    return {name: kept for name, kept in found.items() if kept}


def figures(house: House, *, days: int) -> Figures:
    """What went on in all servers and here, in numbers."""
    found = house.receipts.activity.figures(None, days=days)
    return replace(found, gaps=len(_unanswered(house, found)))


def chart_of(house: House, *, days: int, theme: str, say: Language) -> bytes:
    """The same as a picture."""
    from bot.insight.chart import chart
    from bot.insight.theme import THEMES

    return chart(figures(house, days=days), theme=THEMES[theme], title="Footnote", say=say)


def map_of(house: House, *, days: int, theme: str, say: Language) -> bytes:
    """All libraries as a picture."""
    from bot.insight.mapping import map_picture
    from bot.insight.theme import THEMES

    found = house.receipts.activity.figures(None, days=days)
    cited = {each.document_id: each.times for each in found.cited}
    missing = house.jobs.alike(_unanswered(house, found))
    drawn = house.jobs.atlas.map(house.scopes(), cited=cited, gaps=missing)
    return map_picture(drawn, theme=THEMES[theme], title=say("What the library holds"), say=say)


def _unanswered(house: House, found: Figures) -> list[Unanswered]:
    since, store = found.since.timestamp(), house.receipts
    return [
        each for guild in store.activity.guilds() for each in store.gaps.open(guild, since=since)
    ]


def runs(house: House) -> tuple[Run, ...]:
    """The evaluations that were kept, newest first."""
    folder = house.settings.home / REPORTS
    found = [_run(each) for each in folder.glob("*.json")] if folder.is_dir() else []
    return tuple(sorted((each for each in found if each), key=lambda each: -each.at))


def report(house: House, name: str) -> str:
    """One of them, as the page that `footnote eval --html` writes."""
    from bot.report import page

    file = next((f for f in (house.settings.home / REPORTS).glob("*.json") if f.stem == name), None)
    if file is None or _run(file) is None:
        raise NotFoundError("That evaluation is not kept any more.")
    return page(json.loads(file.read_text("utf-8")), title=name)


def _run(file: Path) -> Run | None:
    try:
        scores = json.loads(file.read_text("utf-8"))["scores"]
        right, refused = float(scores["right"]), float(scores["refused"])
        return Run(file.stem, int(scores["cases"]), right, refused, file.stat().st_mtime)
    except (OSError, ValueError, KeyError, TypeError):
        # Not one of ours, or half written: it is left out of the list.
        return None
