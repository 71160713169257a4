"""Figures as a picture: the numbers that count, questions and seconds over time, documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.insight.activity import Figures
from bot.insight.canvas import HUGE, NORMAL, SMALL, drawable, png, sheet
from bot.insight.theme import Theme
from bot.insight.words import short_day
from bot.language import ENGLISH, Language
from bot.page import shortened

if TYPE_CHECKING:
    from bot.insight.canvas import Axes, Figure

_LABEL, _TOP = 36, 5
_PANELS = {
    "questions": (0.1, 0.545, 0.85, 0.19),
    "seconds": (0.1, 0.335, 0.85, 0.12),
    "documents": (0.05, 0.03, 0.9, 0.225),
}


def chart(figures: Figures, *, theme: Theme, title: str, say: Language = ENGLISH) -> bytes:
    """Figures as a PNG."""
    say = drawable(say)
    figure = sheet(theme, title=title, below=_span(figures, say))
    _tiles(figure, theme, figures, say)
    axes = {name: figure.add_axes(place) for name, place in _PANELS.items()}
    _questions(axes["questions"], theme, figures, say)
    _seconds(axes["seconds"], theme, figures, say)
    _documents(axes["documents"], theme, figures, say)
    return png(figure)


def _span(figures: Figures, say: Language) -> str:
    since, until = short_day(figures.since, say=say), short_day(figures.until, say=say)
    return say("{since} to {until}", since=since, until=f"{until} {figures.until:%Y}")


def _tiles(figure: Figure, theme: Theme, figures: Figures, say: Language) -> None:
    asked = figures.asked
    share = f"{100 * (asked - figures.ended('refused')) / asked:.0f} %" if asked else "–"
    opinions = figures.helpful + figures.unhelpful
    liked = f"{100 * figures.helpful / opinions:.0f} %" if opinions else "–"
    median = "–" if figures.median_s is None else f"{figures.median_s:.1f} s"
    tiles = [
        (f"{asked}", say("questions")),
        (share, say("answered")),
        (liked, say("helpful")),
        (median, say("median")),
    ]
    for number, (value, name) in enumerate(tiles):
        x = 0.05 + 0.235 * number
        size = HUGE if len(value) < 6 else HUGE - 12
        figure.text(x, 0.84, value, size=size, weight="bold", color=theme.ink, va="center")
        figure.text(x, 0.795, name, size=SMALL, color=theme.dim, va="center")


def _plain(axes: Axes, theme: Theme, title: str) -> None:
    axes.set_facecolor(theme.ground)
    for edge in axes.spines.values():
        edge.set_visible(False)
    axes.tick_params(colors=theme.dim, labelsize=SMALL, length=0, pad=8)
    axes.grid(axis="y", color=theme.line, linewidth=1.5)
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", size=NORMAL, color=theme.ink, weight="bold", pad=14)


def _questions(axes: Axes, theme: Theme, figures: Figures, say: Language) -> None:
    titles = {
        1: say("Questions a day"),
        7: say("Questions a week"),
        30: say("Questions a month"),
    }
    _plain(axes, theme, titles[figures.period_days])
    below = [0] * len(figures.periods)
    for status in ("answered", "partial", "refused"):
        heights = [int(getattr(period, status)) for period in figures.periods]
        colour = getattr(theme, status)
        axes.bar(range(len(heights)), heights, 0.82, bottom=below, color=colour)
        below = [low + high for low, high in zip(below, heights, strict=True)]
    _whole_numbers(axes, max(below, default=0))
    _days(axes, figures, say)
    _legend(axes, theme, say)


def _legend(axes: Axes, theme: Theme, say: Language) -> None:
    """The colours' names, from the right end leftwards: they are longer in some languages."""
    right, y = 1.0, 1.065
    for name, colour in (
        (say("refused"), theme.refused),
        (say("partial"), theme.partial),
        (say("answered"), theme.answered),
    ):
        written = axes.text(right, y, name, color=theme.dim, ha="right")
        written.set(transform=axes.transAxes, va="bottom", size=SMALL - 2)
        left = written.get_window_extent().transformed(axes.transAxes.inverted()).x0
        square = axes.text(left - 0.01, y, "■", color=colour, ha="right")
        square.set(transform=axes.transAxes, va="bottom", size=SMALL - 2)
        right = left - 0.06


def _seconds(axes: Axes, theme: Theme, figures: Figures, say: Language) -> None:
    _plain(axes, theme, say("Seconds an answer"))
    axes.text(
        *(1.0, 1.1, say("line: median · shade: 9 in 10")),
        transform=axes.transAxes,
        size=SMALL - 2,
        color=theme.answered,
        ha="right",
        va="bottom",
    )
    there = [n for n, period in enumerate(figures.periods) if period.median_s is not None]
    median = [figures.periods[n].median_s or 0.0 for n in there]
    slow = [figures.periods[n].slow_s or 0.0 for n in there]
    axes.fill_between(there, 0, slow, color=theme.answered, alpha=0.28, linewidth=0)
    axes.plot(there, median, color=theme.answered, linewidth=5, marker="o", markersize=7)
    _whole_numbers(axes, max(slow, default=0.0))
    _days(axes, figures, say)


def _documents(axes: Axes, theme: Theme, figures: Figures, say: Language) -> None:
    _plain(axes, theme, say("Cited most, by answers"))
    axes.grid(visible=False)
    top = figures.top[:_TOP]
    most = max((each.times for each in top), default=1)
    for row, each in enumerate(top):
        axes.barh(row, each.times, 0.82, color=theme.answered, alpha=0.34)
        name = shortened(each.title, _LABEL)
        axes.text(0.015 * most, row, name, size=SMALL, color=theme.ink, va="center")
        axes.text(1.01 * most, row, f"{each.times}", size=SMALL, color=theme.ink, va="center")
    if not top:
        axes.text(0, 0, say("no document was cited"), size=SMALL, color=theme.dim)
    axes.set(xlim=(0, 1.1 * most), ylim=(_TOP - 0.4, -0.6), xticks=[], yticks=[])


def _whole_numbers(axes: Axes, most: float) -> None:
    step = next(s * 10**e for e in range(9) for s in (1, 2, 5) if most <= 3 * s * 10**e)
    # Zero stands where the days begin: it needs no name.
    ticks = [n * step for n in range(4) if (n - 1) * step < max(most, 1)]
    axes.set_yticks(ticks, [f"{tick}" if tick else "" for tick in ticks])
    axes.set_ylim(0, max(most, 1) * 1.08)


def _days(axes: Axes, figures: Figures, say: Language) -> None:
    count = len(figures.periods)
    axes.set_xlim(-0.6, max(count - 0.4, 0.6))
    shown = sorted({0, count // 3, 2 * count // 3, count - 1} if count > 3 else set(range(count)))
    axes.set_xticks(shown, [short_day(figures.periods[n].begins, say=say) for n in shown])
