"""The terminal that Rich draws on; nothing that is printed steers it, whoever wrote it."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from bot.escape import typed


class SteadyConsole(Console):
    """Lets control sequences through from Rich alone; what stands in a text loses them."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """What is to be drawn, piece by piece."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=typed(segment.text))


def steady_console(*, errors: bool = False) -> Console:
    """Standard output as it is now, or standard error."""
    return SteadyConsole(file=sys.stderr if errors else sys.stdout, highlight=False)
