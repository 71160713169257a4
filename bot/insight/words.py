"""Figures and maps in words, for those who see no picture, and beside it (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from bot.insight.activity import Figures
from bot.insight.atlas import Map


def lines(figures: Figures) -> tuple[tuple[str, str], ...]:
    """Each figure with its name."""
    return tuple(_lines(figures))


def _lines(figures: Figures) -> Iterator[tuple[str, str]]:
    asked = figures.asked
    yield "Questions", f"{asked} by {figures.people} people" if asked else "none"
    for status, name in (("answered", "Answered"), ("partial", "In part"), ("refused", "Refused")):
        yield name, _share(figures.ended(status), asked)
    opinions = figures.helpful + figures.unhelpful
    yield "Found helpful", f"{_share(figures.helpful, opinions)} who said so" if opinions else "–"
    if figures.median_s is not None and figures.slow_s is not None:
        yield "Seconds", f"{figures.median_s:.1f} (median), nine in ten {figures.slow_s:.1f}"
    yield "Gaps", f"{figures.gaps} questions the documents do not answer"


def chart_description(figures: Figures) -> str:
    """What the chart shows, in a sentence."""
    told = "; ".join(f"{name}: {value}" for name, value in lines(figures))
    return f"Questions from {figures.since:%Y-%m-%d} to {figures.until:%Y-%m-%d}. {told}."


def map_description(drawn: Map) -> str:
    """What the map shows, in a sentence."""
    cited = sorted(drawn.spots, key=lambda spot: -spot.cited)[:5]
    most = ", ".join(f"{spot.title} ({spot.cited})" for spot in cited if spot.cited)
    return (
        f"A map of {len(drawn.spots)} documents, those alike near each other, with "
        f"{len(drawn.missing)} gaps. Cited most: {most or 'none yet'}."
    )


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)" if whole else f"{part}"
