"""A map as a picture: documents by meaning, folders by colour, citations by size, gaps by mark."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.insight.atlas import Map, Missing, Spot
from bot.insight.canvas import DPI, NORMAL, SMALL, drawable, extent, png, sheet
from bot.insight.theme import Theme
from bot.language import ENGLISH, Language
from bot.page import shortened

if TYPE_CHECKING:
    from bot.insight.canvas import Axes, Bbox, Figure

_LABEL, _FOLDERS = 26, 6
_DIAMOND = 1150
_AWAY = 5


def map_picture(drawn: Map, *, theme: Theme, title: str, say: Language = ENGLISH) -> bytes:
    """A map as a PNG."""
    say = drawable(say)
    cited = sum(1 for spot in drawn.spots if spot.cited)
    below = say.counted(
        "{count} document, {cited} of them cited",
        "{count} documents, {cited} of them cited",
        len(drawn.spots),
        cited=cited,
    )
    if drawn.missing:
        below += f" · {say.counted('{count} gap', '{count} gaps', len(drawn.missing))}"
    figure = sheet(theme, title=title, below=below)
    folders, colours = _colours(drawn, theme)
    low = 0.03 + 0.034 * -(-len(folders) // 2)
    axes = figure.add_axes((0.03, low, 0.94, 0.885 - low))
    axes.set(xlim=(-0.08, 1.08), ylim=(-0.06, 1.06), xticks=[], yticks=[], facecolor=theme.ground)
    for edge in axes.spines.values():
        edge.set_color(theme.line)
    for spot in sorted(drawn.spots, key=lambda each: -each.cited):
        axes.scatter(
            *([spot.x], [spot.y], _area(spot, drawn)),
            color=colours[spot.folder],
            edgecolors=theme.ground,
            linewidths=1.5,
            alpha=1.0 if spot.cited else 0.55,
        )
    for each in drawn.missing:
        _mark(axes, theme, each)
    _label(figure, axes, theme, drawn)
    _legend(figure, theme, {say.again(each): colours[each] for each in folders})
    return png(figure)


def _colours(drawn: Map, theme: Theme) -> tuple[list[str], dict[str, str]]:
    """The folders of the legend, and a colour for each folder; the smallest share the last."""
    names = list(drawn.folders)
    colours = {name: theme.folders[min(n, len(theme.folders) - 1)] for n, name in enumerate(names)}
    return names[:_FOLDERS], colours


def _area(spot: Spot, drawn: Map) -> float:
    most = max(each.cited for each in drawn.spots) or 1
    return 260 + 2300 * spot.cited / most


def _radius(area: float) -> float:
    """Of a mark, in pixels; areas are in square points."""
    return math.sqrt(area / math.pi) * DPI / 72


def _mark(axes: Axes, theme: Theme, missing: Missing) -> None:
    place = [missing.x], [missing.y]
    axes.scatter(
        *place, _DIAMOND, marker="D", color=theme.ground, edgecolors=theme.gap, linewidths=4
    )
    axes.text(
        *(missing.x, missing.y, f"{missing.number}"),
        size=SMALL,
        weight="bold",
        color=theme.gap,
        ha="center",
        va="center_baseline",
    )


def _label(figure: Figure, axes: Axes, theme: Theme, drawn: Map) -> None:
    """Name as many documents as fit, the most cited first; no name covers a mark or a name."""
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]  # Agg has one
    frame = axes.get_window_extent(renderer)
    taken = [extent(axes, each.x, each.y, 1.5 * _radius(_DIAMOND)) for each in drawn.missing]
    taken += [extent(axes, each.x, each.y, _radius(_area(each, drawn))) for each in drawn.spots]
    for spot in sorted(drawn.spots, key=lambda each: (-each.cited, each.title)):
        name = shortened(spot.title, _LABEL)
        text = axes.annotate(
            name,
            (spot.x, spot.y),
            xytext=(0, 0),
            textcoords="offset pixels",
            size=SMALL - 2,
            color=theme.ink,
        )
        for (right, up), ha, va in _sides(_radius(_area(spot, drawn)) + _AWAY):
            text.set(position=(right, up), ha=ha, va=va)
            box = text.get_window_extent(renderer)
            if _free(box, taken, frame):
                taken.append(box)
                break
        else:
            text.remove()


def _sides(away: float) -> Iterator[tuple[tuple[float, float], str, str]]:
    yield (0, away), "center", "bottom"
    yield (0, -away), "center", "top"
    yield (away, 0), "left", "center"
    yield (-away, 0), "right", "center"


def _free(box: Bbox, taken: Sequence[Bbox], frame: Bbox) -> bool:
    inside = frame.x0 < box.x0 and box.x1 < frame.x1 and frame.y0 < box.y0 and box.y1 < frame.y1
    return inside and not any(box.overlaps(other) for other in taken)


def _legend(figure: Figure, theme: Theme, folders: Mapping[str, str]) -> None:
    for number, (name, colour) in enumerate(folders.items()):
        x, y = 0.05 + 0.47 * (number % 2), 0.016 + 0.034 * (-(-len(folders) // 2) - 1 - number // 2)
        figure.text(x, y, "●", size=NORMAL, color=colour)
        figure.text(x + 0.04, y, shortened(name, _LABEL), size=SMALL, color=theme.ink)
