"""What is counted and timed, for Prometheus; the only importer of prometheus_client.

No figure holds a word of a question, an answer or a name.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from knowledge.errors import FootnoteError
from knowledge.types import Answer

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_EVIDENCE_S = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0, 60.0)
_WHOLE_S = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0, 30.0, 60.0, 120.0, 300.0)


class Figures:
    """Counters and clocks of one process; every method may be called from any thread."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"footnote_{name}", meaning, labels, registry=registry)

        def clock(name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"footnote_{name}", meaning, buckets=buckets, registry=registry)

        self._questions = counter("questions", "Questions that were taken in.")
        self._declined = counter("declined", "Questions that were not taken in, by why.", "why")
        self._answers = counter("answers", "Answers shown, by how they ended.", "status")
        self._repeated = counter("answers_repeated", "Answers given from an earlier one.")
        self._errors = counter("errors", "What failed, by the kind of error.", "error")
        self._tokens = counter("tokens", "Tokens read and written by the model.", "kind")
        self._writing = counter("writing_seconds", "Seconds in which answers were written.")
        self._evidence = clock("evidence_seconds", "From a question to its evidence.", _EVIDENCE_S)
        self._whole = clock("answer_seconds", "From a question to its whole answer.", _WHOLE_S)
        self._pace = Gauge(
            "footnote_tokens_per_second", "Pace of the newest answer.", registry=registry
        )
        self._watched: dict[str, Gauge] = {}

    def asked(self) -> None:
        """Count a question that was taken in."""
        self._questions.inc()

    def declined(self, why: str) -> None:
        """Count a question that was not, by a short word for the reason."""
        self._declined.labels(why).inc()

    def found(self, *, seconds: float) -> None:
        """Time a question's evidence, from the question's coming."""
        self._evidence.observe(max(0.0, seconds))

    def answered(self, answer: Answer, *, seconds: float, again: bool) -> None:
        """Count and time an answer that is shown, from the question's coming."""
        self._answers.labels(answer.status.value).inc()
        self._whole.observe(max(0.0, seconds))
        if again:
            self._repeated.inc()
            return
        self._tokens.labels("read").inc(answer.tokens.prompt)
        self._tokens.labels("written").inc(answer.tokens.completion)
        began, ended = answer.timings.first_text_s, answer.timings.total_s
        if began is not None and ended > began and answer.tokens.completion:
            self._writing.inc(ended - began)
            self._pace.set(answer.tokens.completion / (ended - began))

    def failed(self, error: str) -> None:
        """Count an error by its kind."""
        self._errors.labels(error).inc()

    def watch(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """Ask for a value whenever the figures are read; the last one of a name holds."""
        gauge = self._watched.get(name)
        if gauge is None:
            gauge = Gauge(f"footnote_{name}", meaning, registry=self._registry)
            self._watched[name] = gauge
        gauge.set_function(lambda: _or_nothing(value))

    def text(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)


def _or_nothing(value: Callable[[], float]) -> float:
    """A value, or what stands for none where it cannot be had."""
    try:
        return value()
    except FootnoteError:
        return math.nan
