"""What came of a load run: judged, in words, and drawn over time."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.insight import canvas
from bot.insight.theme import LIGHT, Theme
from tests.load.crowd import ANSWERED, LOST, REFUSED, Asked, Book

MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Sample:
    """The bot at one moment: seconds since the run began, bytes of memory, questions waiting."""

    at: float
    memory: float
    waiting: float
    running: float


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what happened, how the bot was, and what it was allowed."""

    book: Book
    samples: tuple[Sample, ...]
    queue_length: int
    user_questions: int
    violations: tuple[str, ...]

    @property
    def slope(self) -> float:
        """Growth of memory in the run's second half, in megabytes a minute (least squares)."""
        late = [each for each in self.samples if each.at >= self.samples[-1].at / 2]
        at, memory = ([each.at for each in late], [each.memory for each in late])
        return float(np.polyfit(at, memory, 1)[0]) * 60 / MEGABYTE

    @property
    def longest_queue(self) -> float:
        """The most questions that ever waited."""
        return max(each.waiting for each in self.samples)

    def outcomes(self) -> Counter[str]:
        """How many questions ended how."""
        return Counter(each.outcome for each in self.book.asked)

    def reasons(self) -> Counter[str]:
        """What those were told who were not answered."""
        return Counter(each.reason for each in self.book.asked if each.reason)

    def answers_each(self, *, greedy: bool) -> list[int]:
        """How many answers each member of a kind got, fewest first."""
        people = {each.who for each in self.book.asked if each.greedy == greedy}
        got = Counter(each.who for each in self.book.asked if each.outcome in (ANSWERED, REFUSED))
        return sorted(got[name] for name in people)

    @property
    def evenness(self) -> float:
        """Jain's index over the ordinary members' shares of answers: 1 where all are equal."""
        shares = [
            sum(e.outcome in (ANSWERED, REFUSED) for e in mine) / len(mine)
            for mine in _by_person(self.book.asked).values()
        ]
        squares = sum(share * share for share in shares)
        return sum(shares) ** 2 / (len(shares) * squares) if squares else 0.0


def _by_person(asked: list[Asked]) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = {}
    for each in asked:
        if not each.greedy:
            found.setdefault(each.who, []).append(each)
    return found


def described(run: Run) -> str:
    """The figures, a line each."""
    book = run.book
    whole = [e.whole_s for e in book.asked if e.outcome in (ANSWERED, REFUSED) and e.whole_s]
    evidence = [e.evidence_s for e in book.asked if e.evidence_s is not None]
    acknowledged = [e.acknowledged_s for e in book.asked if e.acknowledged_s is not None]
    memory = [each.memory / MEGABYTE for each in run.samples]
    ended = ", ".join(f"{count} {name}" for name, count in run.outcomes().most_common())
    reasons = run.reasons().most_common(8)
    ordinary, greedy = (_three(run.answers_each(greedy=each)) for each in (False, True))
    lines = [
        f"{len(book.asked)} questions in {run.samples[-1].at:.0f} s: {ended}",
        *(f"  {count} were told: {reason}" for reason, count in reasons),
        (
            f"lost: {run.outcomes()[LOST]} questions, {book.clicks_lost} of {book.clicks} clicks, "
            f"{book.uploads_lost} of {book.uploads} uploads"
        ),
        f"acknowledged: {_spread(acknowledged)}",
        f"evidence: {_spread(evidence)}",
        f"whole answer: {_spread(whole)}",
        f"queue: at most {run.longest_queue:.0f} of {run.queue_length}",
        (
            f"answers a member got (fewest, median, most): {ordinary}; a greedy one: {greedy}; "
            f"evenness {run.evenness:.2f}"
        ),
        (
            f"memory: {memory[0]:.0f} MB at first, {max(memory):.0f} at most, {memory[-1]:.0f} at "
            f"last; {run.slope:+.2f} MB a minute in the second half"
        ),
        f"refused by Discord: {len(run.violations)}",
    ]
    return "\n".join(lines)


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    return (
        f"{statistics.median(seconds):.2f} s, at 95 % {np.quantile(seconds, 0.95):.2f}, "
        f"at most {max(seconds):.2f}"
    )


def _three(counts: list[int]) -> str:
    if not counts:
        return "none"
    return f"{counts[0]}, {statistics.median(counts):.0f}, {counts[-1]}"


def draw(run: Run, to: Path, *, theme: Theme = LIGHT) -> None:
    """Latency, queue and memory over time, one below the other."""
    below = (
        f"{len(run.book.asked)} questions · {len({e.who for e in run.book.asked})} members · "
        f"{len({e.guild for e in run.book.asked})} servers"
    )
    figure = canvas.sheet(theme, title="Under load", below=below)
    minutes = [each.at / 60 for each in run.samples]
    for place, (name, unit) in enumerate(
        (("From question to answer", "s"), ("Questions waiting", ""), ("Memory of the bot", "MB"))
    ):
        axes = figure.add_axes((0.12, 0.66 - 0.295 * place, 0.83, 0.2))
        _dress(axes, theme, f"{name} ({unit})" if unit else name)
        if place == 0:
            _answers(axes, run, theme)
        elif place == 1:
            axes.plot(minutes, [each.waiting for each in run.samples], color=theme.answered)
            axes.axhline(run.queue_length, color=theme.gap, linestyle="--")
        else:
            axes.plot(minutes, [e.memory / MEGABYTE for e in run.samples], color=theme.answered)
            axes.set_ylim(bottom=0)
    axes.set_xlabel("minutes", color=theme.dim, size=canvas.SMALL)
    to.write_bytes(canvas.png(figure))


def _answers(axes: canvas.Axes, run: Run, theme: Theme) -> None:
    """A dot for each answer and each evidence."""
    done = [e for e in run.book.asked if e.outcome in (ANSWERED, REFUSED) and e.whole_s]
    found = [e for e in run.book.asked if e.evidence_s is not None]
    for label, colour, dots in (
        ("whole answer", theme.answered, [(e.at / 60, e.whole_s) for e in done]),
        ("evidence", theme.partial, [(e.at / 60, e.evidence_s) for e in found]),
    ):
        if dots:
            axes.scatter(*zip(*dots, strict=True), s=22, color=colour, label=label, linewidths=0)
    axes.set_ylim(bottom=0)
    if done:
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            ncols=2,
            frameon=False,
            fontsize=canvas.SMALL,
            labelcolor=theme.dim,
        )


def _dress(axes: canvas.Axes, theme: Theme, title: str) -> None:
    axes.set_facecolor(theme.ground)
    axes.set_title(title, loc="left", color=theme.ink, size=canvas.NORMAL, pad=12)
    axes.tick_params(colors=theme.dim, labelsize=canvas.SMALL, length=0)
    axes.grid(axis="y", color=theme.line)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
