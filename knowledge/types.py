"""The frozen values that pass between the stages of a question's way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Location:
    """Where a text stands in its document: headings from the outermost, page and line from 1."""

    headings: tuple[str, ...] = ()
    page: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        parts = [" › ".join(self.headings)] if self.headings else []
        if self.page is not None:
            parts.append(f"page {self.page}")
        elif self.line is not None and not self.headings:
            parts.append(f"line {self.line}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A live document as a list shows it; `passages` counts them, `updated` is an ISO date."""

    id: str
    title: str
    scope: str
    passages: int
    revision: str
    updated: str | None = None
    source: str | None = None
    summary: str | None = None
    origin: str | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One switch: `revision` answers since `version`, `previous` did before; None for none.

    `title` is None where neither revision is kept any more; `at` is an ISO time.
    """

    version: int
    at: str
    action: str
    scope: str
    document_id: str
    revision: str | None
    previous: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one document, small enough to be embedded and quoted whole."""

    id: str
    document_id: str
    title: str
    text: str
    location: Location
    position: int
    updated: str | None = None
    source: str | None = None
    scope: str = "shared"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage found for a question.

    `score` orders the evidence of one question; `relevance` is the reranker's logit, comparable
    between questions; `similarity` is the cosine of the query's and the passage's vectors.
    """

    passage: Passage
    score: float
    relevance: float
    similarity: float


class Verdict(StrEnum):
    """What the evidence says of a sentence."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"


class Status(StrEnum):
    """How an answer ended: every sentence supported, some, or none."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered, verbatim quote from a document."""

    n: int
    document_id: str
    title: str
    location: Location
    quote: str
    passage_id: str
    updated: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer with the numbers of the citations that support it."""

    text: str
    citations: tuple[int, ...]
    verdict: Verdict
    reason: str = ""

    @property
    def supported(self) -> bool:
        """Whether the sentence may be shown as fact."""
        return self.verdict is Verdict.SUPPORTED


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked; `first_text_s` is None where nothing was generated."""

    evidence_s: float
    first_text_s: float | None
    total_s: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens read and written by the language model for one answer."""

    prompt: int = 0
    completion: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A question's final answer: text with [n] behind each sentence, and what stands behind it."""

    question: str
    status: Status
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    reason: str
    nearest: tuple[Evidence, ...]
    timings: Timings
    tokens: Tokens
    model: str
    library_version: str
    signals: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """Event: the passages the answer will be grounded in, best first; shown at once."""

    evidence: tuple[Evidence, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class TextWritten:
    """Event: a piece of the draft as the model writes it, not yet checked."""

    text: str


@dataclass(frozen=True, slots=True)
class SentenceChecked:
    """Event: one sentence of the draft with its verdict and the citations it uses."""

    sentence: Sentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class AnswerReady:
    """Event: the last one; the whole answer."""

    answer: Answer


Event = EvidenceFound | TextWritten | SentenceChecked | AnswerReady
