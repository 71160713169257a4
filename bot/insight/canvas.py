"""A sheet to draw on, as a PNG; the only importer of matplotlib.

A picture is 1080 pixels wide, and a phone shows it a third as wide: nothing in it is smaller than
some 27 pixels. It has a ground of its own, so that it reads the same in a dark and a light Discord.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, TypeAlias

from bot.insight.theme import Theme
from bot.language import ENGLISH, Language
from bot.page import shortened

if TYPE_CHECKING:
    from matplotlib import axes as mpl_axes
    from matplotlib import figure as mpl_figure
    from matplotlib import transforms

    # Aliases, so that who draws imports them from here.
    Axes: TypeAlias = mpl_axes.Axes
    Bbox: TypeAlias = transforms.Bbox
    Figure: TypeAlias = mpl_figure.Figure

DPI = 100
SMALL, NORMAL, LARGE, HUGE = 21, 24, 36, 52

_WIDTH, _HEIGHT = 10.8, 13.5
_CJK = ("Noto Sans CJK JP", "Arial Unicode MS", "Yu Gothic", "IPAGothic", "IPAexGothic")
_FONTS = ["DejaVu Sans", *_CJK, "Noto Sans"]
_NEEDS_FONT = frozenset({"ja"})
_TITLE = 34


def drawable(say: Language) -> Language:
    """The language, or English where this machine has no font with its characters."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return ENGLISH if say.tag in _NEEDS_FONT and not known & set(_CJK) else say


def sheet(theme: Theme, *, title: str, below: str) -> Figure:
    """A new sheet with a heading."""
    import matplotlib as mpl
    from matplotlib import font_manager
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    known = {font.name for font in font_manager.fontManager.ttflist}
    mpl.rcParams["font.family"] = [name for name in _FONTS if name in known] or ["sans-serif"]
    # Text of documents is data: a dollar sign begins no formula.
    mpl.rcParams["text.parse_math"] = False
    figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=DPI, facecolor=theme.ground)
    FigureCanvasAgg(figure)
    text = shortened(title, _TITLE)
    figure.text(0.05, 0.965, text, size=LARGE, weight="bold", color=theme.ink, va="top")
    figure.text(0.05, 0.925, below, size=SMALL, color=theme.dim, va="top")
    return figure


def extent(axes: Axes, x: float, y: float, radius: float) -> Bbox:
    """The square around a point of the axes, in pixels."""
    from matplotlib.transforms import Bbox

    centre_x, centre_y = axes.transData.transform((x, y))
    return Bbox.from_extents(
        centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius
    )


def png(figure: Figure) -> bytes:
    """The sheet as a file."""
    written = io.BytesIO()
    figure.savefig(written, format="png", facecolor=figure.get_facecolor())
    return written.getvalue()
