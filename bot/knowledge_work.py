"""What `footnote knowledge` does, once its options are read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bot.escape import encoded
from bot.jobs import Jobs
from bot.knowledge_shown import show_receipt, show_regressions, show_review, show_sample
from bot.permissions import SHARED, own_scope
from bot.pipeline import here
from bot.refreshing import Found
from bot.replay import GoldenError
from indexer.addresses import document_id
from indexer.pending import Upload
from indexer.receipt import Receipt
from indexer.web import Web
from knowledge.errors import DocumentError, UsageError

WHO = "command line"
MODEL = here

Say = Callable[[str], None]


def scope_of(guild: int | None) -> str:
    """A server's own library, or the shared one."""
    return SHARED if guild is None else own_scope(guild)


def upload(
    jobs: Jobs, file: Path | None, *, url: str | None, text: str | None, scope: str
) -> Upload:
    """What is to be added: a file, a page or a text on standard input."""
    if [file, url, text].count(None) != 2:
        raise UsageError("Name one of: a file, --url, --text.")
    if url is not None:
        web = Web(largest=jobs.limits.file_bytes, seconds=jobs.limits.seconds)
        found = web.fetch(url)
        return Upload(found.name, found.data, document_id(found.url), scope, WHO, source=found.url)
    if text is not None:
        name = f"{text}.md"
        return Upload(name, f"# {text}\n\n{sys.stdin.read()}".encode(), name, scope, WHO)
    assert file is not None
    try:
        with file.open("rb") as stream:
            data = stream.read(jobs.limits.file_bytes + 1)
    except OSError as error:
        raise DocumentError(f"{file} cannot be opened ({error.strerror}).") from error
    return Upload(file.name, data, file.name, scope, WHO)


def add(jobs: Jobs, what: Upload, *, approve: Callable[[], bool], at_once: bool, say: Say) -> None:
    """Read a document and show what was read; `approve` asks whether it may answer."""
    found = jobs.add(what)
    name = found.staged.id
    show_review(found)
    if not at_once:
        for each in jobs.samples(name, scope=what.scope, model=MODEL):
            show_sample(each)
    if at_once or approve():
        decided(lambda: jobs.approve(name, scope=what.scope, by=WHO, model=MODEL))
    else:
        say(f"It waits: footnote knowledge approve {name}")


def roll_back(
    jobs: Jobs, document: str | None, *, version: int | None, scope: str, anyway: bool
) -> None:
    """Take one document back, or all of a library to a version."""
    if document is None and version is None:
        raise UsageError("Name a document, or a --version to take everything back to.")

    def back() -> Receipt:
        if document is None:
            return jobs.roll_back_all(version or 0, scope=scope, by=WHO, anyway=anyway, model=MODEL)
        return jobs.roll_back(
            document, scope=scope, by=WHO, version=version, anyway=anyway, model=MODEL
        )

    decided(back)


def decided(work: Callable[[], Receipt]) -> None:
    """Do a job and show its receipt, or what it would make worse."""
    try:
        show_receipt(work())
    except GoldenError as error:
        show_regressions(error.found)
        raise


def refresh(jobs: Jobs, *, at_once: bool, say: Say) -> None:
    """Look at every watched page whose time has come."""
    web = Web(largest=jobs.limits.file_bytes, seconds=jobs.limits.seconds)
    for page in jobs.due():
        found: Found
        try:
            found = web.fetch_newer(page.url, page.version)
        except DocumentError as error:
            found = error
        look = jobs.refreshed(page, found, at_once=at_once, model=MODEL)
        if look is not None:
            say(f"{look.state}\t{page.document}\t{look.reason}".rstrip())


def drop_golden(jobs: Jobs, name: str, *, scope: str) -> None:
    """Take a golden answer off the list; raises UsageError where it is not on it."""
    if name not in {each.id for each in jobs.golden.all(scope=scope)}:
        raise UsageError(f"No golden answer here has the id {name}. Check the list.")
    jobs.golden.unmark(name, scope=scope)


def lined(value: object) -> str:
    """A dataclass as one line of JSON."""
    return encoded(json.dumps(asdict(value), ensure_ascii=False))  # type: ignore[call-overload]
