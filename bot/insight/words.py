"""Figures and maps in words, for those who see no picture, and beside it (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.insight.activity import Figures
from bot.insight.atlas import Map
from bot.language import ENGLISH, Language


def lines(figures: Figures, *, say: Language = ENGLISH) -> tuple[tuple[str, str], ...]:
    """Each figure with its name."""
    return tuple(_lines(figures, say))


def _lines(figures: Figures, say: Language) -> Iterator[tuple[str, str]]:
    asked = figures.asked
    by = say.counted(
        "{asked} by {count} person", "{asked} by {count} people", figures.people, asked=asked
    )
    yield say("Questions"), by if asked else say("none")
    for status, name in (
        ("answered", say("Answered")),
        ("partial", say("In part")),
        ("refused", say("Refused")),
    ):
        yield name, _share(figures.ended(status), asked)
    opinions = figures.helpful + figures.unhelpful
    share = _share(figures.helpful, opinions)
    yield say("Found helpful"), say("{share} who said so", share=share) if opinions else "–"
    if figures.median_s is not None and figures.slow_s is not None:
        times = {"median": f"{figures.median_s:.1f}", "slow": f"{figures.slow_s:.1f}"}
        yield say("Seconds"), say("{median} (median), nine in ten {slow}", **times)
    gaps = say.counted(
        "{count} question the documents do not answer",
        "{count} questions the documents do not answer",
        figures.gaps,
    )
    yield say("Gaps"), gaps


def period(figures: Figures, *, say: Language = ENGLISH) -> str:
    """From when to when."""
    return say(
        "{since} to {until}", since=f"{figures.since:%Y-%m-%d}", until=f"{figures.until:%Y-%m-%d}"
    )


def short_day(moment: datetime, *, say: Language = ENGLISH) -> str:
    """A day and its month, as the language writes them on a picture."""
    from babel.dates import format_skeleton

    tag = "en_GB" if say.tag == "en" else say.tag.replace("-", "_")
    return str(format_skeleton("MMMd", moment, locale=tag))


def chart_description(figures: Figures, *, say: Language = ENGLISH) -> str:
    """What the chart shows, in a sentence."""
    told = "; ".join(f"{name}: {value}" for name, value in lines(figures, say=say))
    return say("Questions from {period}. {figures}.", period=period(figures, say=say), figures=told)


def map_description(drawn: Map, *, say: Language = ENGLISH) -> str:
    """What the map shows, in a sentence."""
    cited = sorted(drawn.spots, key=lambda spot: -spot.cited)[:5]
    most = ", ".join(f"{spot.title} ({spot.cited})" for spot in cited if spot.cited)
    shown = say.counted(
        "A map of {count} document, with {gaps} gaps.",
        "A map of {count} documents, those alike near each other, with {gaps} gaps.",
        len(drawn.spots),
        gaps=len(drawn.missing),
    )
    return f"{shown} {say('Cited most: {titles}.', titles=most or say('none yet'))}"


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)" if whole else f"{part}"
