"""What `footnote knowledge` shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bot.replay import Regression
    from bot.trial import Tried
    from indexer.intake import Review
    from indexer.receipt import Receipt

_PASSAGES = 5


def show_review(found: Review) -> None:
    """What was read of a document that waits."""
    pages = f"{found.pages} pages, " if found.pages else ""
    typer.echo(f"{found.info.title} ({found.info.id})")
    typer.echo(f"  {pages}{found.words} words, {len(found.passages)} passages")
    if found.same:
        typer.echo("  The same is in the library already.")
    elif found.replaces is not None:
        typer.echo(f"  Replaces {found.replaces.title}.")
    for note in found.notes:
        typer.secho(f"  Not read: {note}", fg="yellow")
    for alike in found.alike:
        typer.echo(f"  Nearly the same as {alike.title} in {alike.passages} passages.")
    for each in found.suspicious:
        typer.secho(f"  It {each.why}: {each.quote}", fg="yellow")
    for passage in found.passages[:_PASSAGES]:
        typer.secho(f"  » {' '.join(passage.text.split())[:160]}", dim=True)


def show_sample(one: Tried) -> None:
    """A sample question with what a document that waits would answer."""
    typer.echo(f"  ? {one.question}")
    typer.echo(f"    {one.text or f'No answer: {one.reason}'}")


def show_receipt(done: Receipt) -> None:
    """What a job did."""
    for label, ids in (
        ("added", done.added),
        ("changed", done.changed),
        ("removed", done.removed),
        ("left as taken back or out", done.held),
    ):
        for each in ids:
            typer.echo(f"{label}\t{each}")
    for failure in done.failed:
        typer.secho(f"failed\t{failure.id}\t{failure.reason}", fg="red")
    typer.echo(
        f"Library version {done.version_before} → {done.version_after}, "
        f"{len(done.unchanged)} unchanged, {done.seconds:.1f} s"
    )


def show_regressions(found: Sequence[Regression]) -> None:
    """Golden answers that a change would make worse, each with what would be said instead."""
    for each in found:
        typer.echo(each.question)
        typer.echo(f"  as it is:          {each.was}")
        typer.secho(f"  after the change:  {each.now or 'no answer'}", fg="yellow")
        typer.secho(f"  {each.why}", dim=True)
