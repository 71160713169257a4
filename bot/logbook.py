"""The log of a running bot: to standard error, a line each, its troubles counted."""

from __future__ import annotations

import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from bot.vitals.figures import Figures

_TROUBLE = frozenset({"warning", "error", "critical"})


class Counted:
    """Counts what is logged as a warning or an error, by the kind of error where one is named."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def __call__(self, _: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Count one line, and pass it on as it is."""
        if method in _TROUBLE:
            self._figures.failed(str(event.get("error", event["event"])))
        return event


def begin(figures: Figures) -> None:
    """Write the log of this process from now on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            Counted(figures),
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
