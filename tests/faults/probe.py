"""A process that looks at a data folder: `python -m tests.faults.probe HOME [repair]`.

It prints, as JSON, what the doctor finds, what can be read, and how a look-up ends; a crash of its
libraries is its own.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from functools import cached_property
from pathlib import Path

import bot.app
from bot.config import BotSettings
from bot.health import examine
from bot.receipts import Receipts
from knowledge.errors import FootnoteError
from tests.fakes import HashingEmbedder
from tests.stores import HALL, NAME, said

QUESTION = "When does the reading room open?"


class ProbeApp(bot.app.App):
    """The application, wired as always, with vectors that need no model."""

    @cached_property
    def embedder(self) -> HashingEmbedder:  # type: ignore[override]
        return HashingEmbedder()


def app_of(home: Path) -> ProbeApp:
    """The application of a data folder."""
    settings = BotSettings(home=home, embedding_model=NAME, models_dir=home / "no-models")
    return ProbeApp(settings)


def look(app: ProbeApp) -> dict[str, object]:
    """What can be read, or the sentence that says why nothing can."""
    found: dict[str, object] = {}
    try:
        found["said"] = said(app.library)
        found["version"] = int(app.library.version)
    except FootnoteError as error:
        found["unread"] = str(error)
    try:
        query = HashingEmbedder().embed_query(QUESTION)
        hits = app.library.nearest(query, k=3, scopes=[HALL])
        found["nearest"] = [passage.text for passage, _ in hits]
    except FootnoteError as error:
        found["unfound"] = str(error)
    try:
        with closing(Receipts(app.settings.home / "receipts.sqlite3")) as receipts:
            found["remembered"] = receipts.recall("fact")
    except FootnoteError as error:
        found["forgotten"] = str(error)
    return found


def main() -> None:
    """Look, and print."""
    home = Path(sys.argv[1])
    app = app_of(home)
    findings = examine(app, repair=sys.argv[2:] == ["repair"])
    wrong = {
        each.what: f"{each.detail}. {each.advice}"
        for each in findings
        if not each.ok and not each.what.startswith("model ")
    }
    json.dump({"wrong": wrong, **look(app)}, sys.stdout)


if __name__ == "__main__":
    main()
