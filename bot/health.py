"""`footnote status`, `doctor` and `models`: what is there, and what is wrong with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from bot.backup import PENDING, RECEIPTS, check_database
from bot.console import steady_console
from bot.exposure import check_exposed
from bot.link import check_linked
from bot.restore import RESTORING
from bot.wire import Json
from indexer.pending import Pending
from knowledge.errors import DigestError, FootnoteError, LibraryError, ModelError

if TYPE_CHECKING:
    from bot.app import App

_ENOUGH_DISK = 500_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; `advice` says what to do where it is not in order."""

    what: str
    ok: bool
    detail: str
    advice: str = ""


def status_object(app: App) -> Json:
    """What the library holds, as JSON."""
    documents, passages = app.library.catalog.count()
    return {
        "home": str(app.settings.home),
        "library_version": app.library.version,
        "documents": documents,
        "passages": passages,
        "bytes": _size(app.settings.home),
        "models": {
            "llm": app.settings.llm_base_url or app.settings.llm_model,
            "embedder": app.settings.embedding_model,
            "reranker": app.settings.reranker_model,
        },
        "document_ids": [each.id for each in app.library.documents()],
    }


def show_status(app: App) -> None:
    """Print what the library holds."""
    console = steady_console()
    shown = status_object(app)
    table = Table(show_header=False, box=None)
    table.add_row("data folder", escape(str(shown["home"])))
    table.add_row("library version", str(shown["library_version"]))
    table.add_row("documents", str(shown["documents"]))
    table.add_row("passages", str(shown["passages"]))
    table.add_row("size on disk", _megabytes(_size(app.settings.home)))
    for state in app.models.list():
        if state.name in app.settings.local_models:
            there = "installed" if state.installed else "not fetched yet"
            table.add_row(f"{state.role}", f"{state.name} ({_megabytes(state.bytes)}, {there})")
    console.print(table)
    documents = Table(title="Documents", title_justify="left", box=None)
    for column in ("id", "title", "updated", "passages"):
        documents.add_column(column, justify="right" if column == "passages" else "left")
    for each in app.library.documents():
        documents.add_row(
            escape(each.id), escape(each.title), each.updated or "", str(each.passages)
        )
    console.print(documents)


def show_models(app: App) -> None:
    """Print the models that are known."""
    table = Table(box=None)
    for column in ("model", "role", "size", "state", "licence"):
        table.add_column(column)
    for each in app.models.list():
        state = "installed" if each.installed else "not fetched"
        table.add_row(each.name, str(each.role), _megabytes(each.bytes), state, each.licence)
    steady_console().print(table)


def examine(app: App, *, repair: bool) -> list[Finding]:
    """Check everything; `repair` builds the vector store anew from the catalogue first."""
    findings: list[Finding] = []
    if repair:
        findings.append(_checked("repair", lambda: _repair(app)))
    for what, check in (
        ("disk", lambda: _disk(app.settings.home)),
        ("catalogue", lambda: _catalogue(app)),
        ("vectors", lambda: _vectors(app)),
        ("receipts", lambda: _receipts(app.settings.home)),
        ("belonging", lambda: _linked(app)),
        ("waiting documents", lambda: _waiting(app.settings.home)),
        ("secrets", lambda: check_exposed(app.settings)),
    ):
        findings.append(_checked(what, check))
    findings.extend(_model_findings(app))
    if app.settings.llm_base_url:
        findings.append(_checked("model server", lambda: _model_server(app)))
    return findings


def show_findings(findings: list[Finding]) -> None:
    """Print what was checked, with advice where something is wrong."""
    console = steady_console()
    for each in findings:
        mark = "[green]✓[/]" if each.ok else "[red]✗[/]"
        console.print(f"{mark} {each.what}: {escape(each.detail)}", highlight=False)
        if each.advice:
            console.print(f"  → {escape(each.advice)}", highlight=False)


def _checked(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, ok=True, detail=check())
    except FootnoteError as error:
        sentence, _, advice = str(error).partition(". ")
        return Finding(what, ok=False, detail=sentence, advice=advice)


def _disk(home: Path) -> str:
    there = next(each for each in (home, *home.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < _ENOUGH_DISK:
        raise LibraryError(f"only {_megabytes(free)} are free. Make room on the disk of {home}.")
    return f"{_megabytes(free)} free"


def _catalogue(app: App) -> str:
    documents, passages = app.library.catalog.count()
    app.library.catalog.check()
    return f"{documents} documents, {passages} passages, version {app.library.version}"


def _vectors(app: App) -> str:
    app.library.check_vectors()
    missing = extra = 0
    for scope in app.library.catalog.scopes():
        live, stored = (
            app.library.catalog.live_ids(scope=scope),
            app.library.vectors.ids(scope=scope),
        )
        missing += len(live - stored)
        extra += len(stored - live)
    if missing:
        raise LibraryError(
            f"{missing} passages have no vector. Run 'footnote doctor --repair': it needs no model."
        )
    return "every passage has its vector" + (f" ({extra} to be swept)" if extra else "")


def _receipts(home: Path) -> str:
    return check_database(home / RECEIPTS)


def _linked(app: App) -> str:
    home = app.settings.home
    return check_linked(home, app.library.catalog, records=home / RECEIPTS)


def _waiting(home: Path) -> str:
    if (home / RESTORING).exists():
        raise LibraryError(f"a restore into {home} did not finish. Run 'footnote restore' again.")
    pending = Pending(home / PENDING)
    if damaged := pending.damaged():
        raise LibraryError(
            f"{len(damaged)} documents that wait are damaged. Delete {', '.join(damaged)} in "
            f"{pending.folder}, and add them again."
        )
    return f"{len(pending.all())} wait for a decision"


def _repair(app: App) -> str:
    with app.library.writing(rebuilding=True):
        count = app.library.rebuild_vectors()
    return f"{count} vectors written anew"


def _model_findings(app: App) -> Iterator[Finding]:
    for name in app.settings.local_models:

        def check(name: str = name) -> str:
            if not app.models.installed(name):
                raise ModelError(f"{name} is not installed. Run 'footnote models fetch'.")
            return _verified(app, name)

        yield _checked(f"model {name}", check)


def _verified(app: App, name: str) -> str:
    if Path(name).expanduser().is_dir():
        return "your own folder"
    try:
        app.models.verify(name)
    except DigestError as error:
        folder = app.settings.models_dir / name.replace("/", "--")
        raise ModelError(
            f"a file of {name} has changed on the disk. Delete {folder}, and run 'footnote models "
            "fetch'."
        ) from error
    return "installed, every file as it was fetched"


def _model_server(app: App) -> str:
    app.generator.load()
    return f"{app.settings.llm_base_url} answers with {app.generator.name}"


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
