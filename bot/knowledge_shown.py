"""What `footnote knowledge` shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from bot.escape import typed

if TYPE_CHECKING:
    from bot.replay import Regression
    from bot.trial import Tried
    from indexer.receipt import Receipt
    from indexer.reviewing import Review

_PASSAGES = 5


def show_review(found: Review) -> None:
    """What was read of a document that waits."""
    pages = f"{found.pages} pages, " if found.pages else ""
    _say(f"{found.info.title} ({found.info.id})")
    _say(f"  {pages}{found.words} words, {len(found.passages)} passages")
    if found.same:
        _say("  The same is in the library already.")
    elif found.replaces is not None:
        _say(f"  Replaces {found.replaces.title}.")
    if found.lines is not None:
        lines = found.lines
        _say(
            f"  Each line is a document: {lines.added} new, {lines.changed} changed, "
            f"{lines.unchanged} unchanged, {lines.removed} no longer in it"
        )
    for note in found.notes:
        _say(f"  Not read: {note}", fg="yellow")
    for alike in found.alike:
        _say(f"  Nearly the same as {alike.title} in {alike.passages} passages.")
    for each in found.suspicious:
        _say(f"  It {each.why}: {each.quote}", fg="yellow")
    for passage in found.passages[:_PASSAGES]:
        _say(f"  » {' '.join(passage.text.split())[:160]}", dim=True)


def show_sample(one: Tried) -> None:
    """A sample question with what a document that waits would answer."""
    _say(f"  ? {one.question}")
    _say(f"    {one.text or f'No answer: {one.reason}'}")


def show_receipt(done: Receipt) -> None:
    """What a job did."""
    for label, ids in (
        ("added", done.added),
        ("changed", done.changed),
        ("removed", done.removed),
        ("left as taken back or out", done.held),
    ):
        for each in ids:
            _say(f"{label}\t{each}")
    for each in done.quarantined:
        _say(f"waits\t{each}\tsee 'footnote knowledge status'")
    for flagged in done.flagged:
        _say(f"looks planted\t{flagged.id}\t{flagged.why}: {flagged.quote}", fg="yellow")
    for failure in done.failed:
        _say(f"failed\t{failure.id}\t{failure.reason}", fg="red")
    _say(
        f"Library version {done.version_before} → {done.version_after}, "
        f"{len(done.unchanged)} unchanged, {done.seconds:.1f} s"
    )


def show_regressions(found: Sequence[Regression]) -> None:
    """Golden answers that a change would make worse, each with what would be said instead."""
    for each in found:
        _say(each.question)
        _say(f"  as it is:          {each.was}")
        _say(f"  after the change:  {each.now or 'no answer'}", fg="yellow")
        _say(f"  {each.why}", dim=True)


def _say(text: str, *, fg: str | None = None, dim: bool = False) -> None:
    """A line, whatever stands in it."""
    typer.secho(typed(text), fg=fg, dim=dim or None)
