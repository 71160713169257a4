"""A comparison as a picture: seconds, how much is right, and memory."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.insight.canvas import NORMAL, SMALL, png, sheet
from bot.insight.theme import Theme
from tests.benchmarks.asked import Summary

if TYPE_CHECKING:
    from bot.insight.canvas import Axes, Figure

_TITLE = "The same model, three ways"
_BELOW = 60
_PANELS = {
    "Seconds to …": (0.05, 0.415, 0.9, 0.38),
    "Right answers and due refusals, %": (0.05, 0.175, 0.9, 0.18),
    "Memory, GB": (0.05, 0.03, 0.9, 0.085),
}
_LEFT, _ROOM = 0.36, 0.14


def picture(summaries: Sequence[Summary], *, theme: Theme, below: str) -> bytes:
    """Figures of all contenders as a PNG."""
    figure = sheet(theme, title=_TITLE, below=textwrap.shorten(below, _BELOW, placeholder=" …"))
    _legend(figure, summaries, theme=theme)
    groups = [
        [
            ("evidence", [each.evidence_s for each in summaries]),
            ("first text", [each.first_text_s for each in summaries]),
            ("whole answer", [each.whole_s for each in summaries]),
        ],
        [
            ("right", [100 * each.right for each in summaries]),
            ("refused", [100 * each.refused / max(1, each.unanswerable) for each in summaries]),
        ],
        [("at most", [each.peak_mb / 1e3 for each in summaries])],
    ]
    for (title, place), group in zip(_PANELS.items(), groups, strict=True):
        _bars(figure.add_axes(place), group, theme=theme, title=title)
    return png(figure)


def shown(value: float) -> str:
    """A value with as many digits as tell it from others of its size."""
    return f"{value:.2f}" if 0 < value < 1 else f"{value:.1f}" if value < 20 else f"{value:.0f}"


def _legend(figure: Figure, summaries: Sequence[Summary], *, theme: Theme) -> None:
    x = 0.05
    for each, colour in zip(summaries, theme.folders, strict=False):
        figure.text(x, 0.865, "■", color=colour, size=NORMAL, va="center")
        figure.text(x + 0.035, 0.865, each.contender, color=theme.ink, size=NORMAL, va="center")
        x += 0.09 + 0.019 * len(each.contender)


def _bars(
    axes: Axes, group: Sequence[tuple[str, Sequence[float]]], *, theme: Theme, title: str
) -> None:
    """A bar for each contender in each row, its value behind it."""
    axes.set_facecolor(theme.ground)
    for edge in axes.spines.values():
        edge.set_visible(False)
    axes.set_title(title, loc="left", size=NORMAL, color=theme.ink, weight="bold", pad=12)
    most = max((value for _, values in group for value in values), default=0.0) or 1.0
    count = len(group[0][1])
    for row, (name, values) in enumerate(group):
        top = row * (count + 0.8)
        axes.text(
            *(-_LEFT * most, top + (count - 1) / 2),
            name,
            size=NORMAL,
            color=theme.dim,
            va="center",
        )
        for number, value in enumerate(values):
            axes.barh(top + number, value, 0.86, color=theme.folders[number])
            axes.text(
                *(value + 0.015 * most, top + number),
                shown(value),
                size=SMALL,
                color=theme.ink,
                va="center",
            )
    rows = len(group) * (count + 0.8) - 0.8
    axes.set(
        xlim=(-_LEFT * most, (1 + _ROOM) * most), ylim=(rows - 0.4, -0.6), xticks=[], yticks=[]
    )
