"""What `footnote knowledge` tells of questions that were asked: gaps, opinions, golden answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import typer

from bot.escape import typed
from bot.forms import REASONS
from bot.gaps import Gap
from bot.knowledge_work import lined, scope_of
from bot.labels import day
from bot.opinions import Opinion, Opinions
from bot.receipts import Receipts
from knowledge.errors import UsageError

if TYPE_CHECKING:
    from bot.app import App

__all__ = ["feedback", "gaps", "lined", "mark", "show_feedback"]

_DAY_S = 86_400
_REASONS = {value: label for value, label, _ in REASONS}


def gaps(app: App, guild: int | None, *, days: int) -> Sequence[Gap]:
    """What the documents did not answer in a server, or in any for None."""
    since = time.time() - days * _DAY_S
    with _receipts(app) as receipts:
        guilds = receipts.activity.guilds() if guild is None else (guild,)
        found = [each for one in guilds for each in receipts.gaps.open(one, since=since)]
    return app.jobs.alike(found)


def feedback(app: App, guild: int | None, *, days: int) -> Opinions:
    """What members of a server, or of any for None, thought of answers."""
    with _receipts(app) as receipts:
        return receipts.opinions(guild, since=time.time() - days * _DAY_S)


def show_feedback(found: Opinions) -> None:
    """The thumbs, then each opinion with its reason."""
    typer.echo(f"👍 {found.up}\t👎 {found.down}")
    for each in found.listed:
        typer.echo(typed("\t".join(_opinion(each))))


def mark(app: App, name: str) -> None:
    """Keep an answer possible, where it was given; raises UsageError where there is none."""
    with _receipts(app) as receipts:
        receipt = receipts.get(name)
    if receipt is None:
        raise UsageError(
            f"There is no record of an answer {name}: it is not there, or no longer kept."
        )
    if not app.jobs.golden.mark(receipt, scope=scope_of(receipt.guild)):
        raise UsageError("That answer proves nothing, so there is nothing to keep possible.")


@contextmanager
def _receipts(app: App) -> Iterator[Receipts]:
    with closing(Receipts(app.settings.home / "receipts.sqlite3")) as receipts:
        yield receipts


def _opinion(each: Opinion) -> Iterator[str]:
    yield "👍" if each.helpful else "👎"
    yield day(each.given_at)
    yield each.receipt
    yield each.question or "(asked in private)"
    if why := _REASONS.get(each.reason, ""):
        yield why
    if each.comment:
        yield " ".join(each.comment.split())
