"""A question's whole way, top to bottom: retrieve, enough?, prompt, generate, ground, cite."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge import abstain, prompt
from knowledge.check import Checker, cited
from knowledge.cite import Citations, shown_text
from knowledge.embed import Embedder
from knowledge.errors import UsageError
from knowledge.follow import standalone
from knowledge.generate import Generator, Reading
from knowledge.ground import EvidenceSentence, evidence_sentences, ground
from knowledge.library import SHARED, Library
from knowledge.quote import Quoter
from knowledge.retrieve import Retriever
from knowledge.select import select
from knowledge.sentences import split_sentences
from knowledge.types import (
    Answer,
    AnswerReady,
    Citation,
    Event,
    Evidence,
    EvidenceFound,
    Sentence,
    SentenceChecked,
    Status,
    TextWritten,
    Timings,
    Tokens,
    Verdict,
)

MAX_QUESTION = 2000
LEFT_OUT = "Some sentences were left out, since the documents do not support them."
QUOTED = "The model's own words could not be proved, so the document itself is quoted."


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is found, read and written for one answer.

    On two cores the prompt's length is most of the waiting: 230 words are read in two seconds.
    """

    passages: int = 5
    prompt_words: int = 230
    answer_tokens: int = 160


@dataclass(frozen=True, slots=True)
class _Asked:
    """What stays the same along one question's way."""

    question: str
    scopes: tuple[str, ...]
    started: float
    version: str

    def seconds(self) -> float:
        return time.perf_counter() - self.started


class Answerer:
    """Answers questions from a library, one at a time."""

    def __init__(
        self,
        library: Library,
        *,
        retriever: Retriever,
        embedder: Embedder,
        generator: Generator,
        quoter: Quoter,
        calibration: abstain.Calibration,
        limits: Limits,
    ) -> None:
        self._library = library
        self._retriever = retriever
        self._embedder = embedder
        self._generator = generator
        self._quoter = quoter
        self._calibration = calibration
        self._limits = limits

    def answer(
        self,
        question: str,
        *,
        conversation: Sequence[tuple[str, str]] = (),
        scopes: Sequence[str] = (SHARED,),
        stop: threading.Event | None = None,
    ) -> Iterator[Event]:
        """Yield the evidence, the draft as it is written, each sentence's verdict, the answer.

        Raises UsageError for an empty or overlong question, GenerationError if the model fails.
        """
        asked = _Asked(
            standalone(checked_question(question), conversation),
            tuple(scopes),
            time.perf_counter(),
            self._library.version,
        )
        evidence = self._retriever.retrieve(
            asked.question, k=self._limits.passages, scopes=asked.scopes
        )
        evidence_s = asked.seconds()
        yield EvidenceFound(evidence, evidence_s)
        if not evidence:
            reason = "The library holds nothing on this yet."
            yield self._refused(asked, evidence, reason, evidence_s=evidence_s)
            return
        reading, signals = self._read(asked, evidence)
        chance = self._calibration.probability(signals)
        values = {**signals.values(), "chance": chance}
        if chance < self._calibration.threshold:
            reason = refusal_reason(asked.question, evidence)
            yield self._refused(
                asked,
                evidence,
                reason,
                evidence_s=evidence_s,
                tokens=reading.tokens,
                signals=values,
            )
            return
        yield from self._written(
            asked, evidence, reading, evidence_s=evidence_s, signals=values, stop=stop
        )

    def signals(
        self, question: str, *, scopes: Sequence[str] = (SHARED,)
    ) -> abstain.Signals | None:
        """What the decision to answer would be made on; None where nothing was found."""
        asked = _Asked(
            checked_question(question), tuple(scopes), time.perf_counter(), self._library.version
        )
        evidence = self._retriever.retrieve(
            asked.question, k=self._limits.passages, scopes=asked.scopes
        )
        return self._read(asked, evidence)[1] if evidence else None

    def check(
        self, text: str, *, scopes: Sequence[str] = (SHARED,)
    ) -> tuple[tuple[Sentence, tuple[Citation, ...]], ...]:
        """Each sentence of a text with its verdict and the quotes for or against it."""
        return cited(Checker(self._retriever).check(text, scopes=scopes))

    def _read(self, asked: _Asked, evidence: Sequence[Evidence]) -> tuple[Reading, abstain.Signals]:
        excerpts = select(
            asked.question,
            evidence,
            embedder=self._embedder,
            words=self._limits.prompt_words,
        )
        reading = self._generator.read(prompt.build(asked.question, excerpts))
        log_odds = reading.answerable()
        return reading, abstain.signals(asked.question, evidence, answerable=log_odds or 0.0)

    def _written(
        self,
        asked: _Asked,
        evidence: Sequence[Evidence],
        reading: Reading,
        *,
        evidence_s: float,
        signals: dict[str, float],
        stop: threading.Event | None,
    ) -> Iterator[Event]:
        first_text_s: float | None = None
        basis = evidence_sentences(evidence)
        citations = Citations()
        sentences: list[Sentence] = []
        draft, done = "", 0
        for piece in reading.write(max_tokens=self._limits.answer_tokens, stop=stop):
            first_text_s = first_text_s or asked.seconds()
            draft += piece
            yield TextWritten(piece)
            spans = split_sentences(draft)
            # The last sentence may not be whole yet.
            for span in spans[done:-1]:
                sentences.append(checked(span.text, basis, citations, question=asked.question))
                yield SentenceChecked(sentences[-1], citations.listed())
                done += 1
        for span in split_sentences(draft)[done:]:
            sentences.append(checked(span.text, basis, citations, question=asked.question))
            yield SentenceChecked(sentences[-1], citations.listed())
        reason = LEFT_OUT
        if not any(sentence.supported for sentence in sentences):
            quote = self._quoter.best(asked.question, basis)
            if quote is not None:
                sentences.append(quoted(quote, citations))
                reason = QUOTED
                yield SentenceChecked(sentences[-1], citations.listed())
        kept = [sentence for sentence in sentences if sentence.supported]
        if not kept:
            yield self._refused(
                asked,
                evidence,
                unsupported_reason(asked.question, evidence, sentences),
                evidence_s=evidence_s,
                first_text_s=first_text_s,
                tokens=reading.tokens,
                signals=signals,
                sentences=tuple(sentences),
            )
            return
        status = Status.ANSWERED if len(kept) == len(sentences) else Status.PARTIAL
        yield AnswerReady(
            Answer(
                question=asked.question,
                status=status,
                text=shown_text(kept),
                sentences=tuple(sentences),
                citations=citations.listed(),
                reason="" if status is Status.ANSWERED else reason,
                nearest=(),
                timings=Timings(evidence_s, first_text_s, asked.seconds()),
                tokens=reading.tokens,
                model=self._generator.name,
                library_version=asked.version,
                signals=signals,
            )
        )

    def _refused(
        self,
        asked: _Asked,
        evidence: Sequence[Evidence],
        reason: str,
        *,
        evidence_s: float,
        first_text_s: float | None = None,
        tokens: Tokens = Tokens(),  # noqa: B008 - frozen
        signals: dict[str, float] | None = None,
        sentences: tuple[Sentence, ...] = (),
    ) -> AnswerReady:
        return AnswerReady(
            Answer(
                question=asked.question,
                status=Status.REFUSED,
                text="",
                sentences=sentences,
                citations=(),
                reason=reason,
                nearest=tuple(evidence),
                timings=Timings(evidence_s, first_text_s, asked.seconds()),
                tokens=tokens,
                model=self._generator.name,
                library_version=asked.version,
                signals=signals or {},
            )
        )


def checked_question(question: str) -> str:
    """The question without needless white space; UsageError where it cannot be asked."""
    clean = " ".join(question.split())
    if not clean:
        raise UsageError("The question is empty. Ask something.")
    if len(clean) > MAX_QUESTION:
        raise UsageError(
            f"The question has {len(clean)} characters and {MAX_QUESTION} are allowed. "
            "Ask a shorter one."
        )
    return clean


def checked(
    text: str, basis: Sequence[EvidenceSentence], citations: Citations, *, question: str
) -> Sentence:
    """A draft's sentence with its verdict; only a supported one gets citations."""
    grounding = ground(text, basis, question=question)
    numbers: tuple[int, ...] = ()
    if grounding.verdict is Verdict.SUPPORTED:
        numbers = tuple(citations.number(each) for each in grounding.support)
    return Sentence(text, numbers, grounding.verdict, grounding.reason)


def quoted(evidence: EvidenceSentence, citations: Citations) -> Sentence:
    """A sentence that is its own evidence."""
    number = citations.number(evidence)
    return Sentence(evidence.text, (number,), Verdict.SUPPORTED, "quoted from the document")


def refusal_reason(question: str, evidence: Sequence[Evidence]) -> str:
    """Why nothing was generated, naming what the documents do not know."""
    missing = abstain.missing_names(question, evidence)
    if missing:
        listed = ", ".join(f"'{name}'" for name in missing)
        return f"The documents found do not mention {listed}, so they cannot answer this."
    return "The documents found are near the subject but do not seem to state the answer."


def unsupported_reason(
    question: str, evidence: Sequence[Evidence], sentences: Sequence[Sentence]
) -> str:
    """Why nothing of the draft is shown."""
    if abstain.missing_names(question, evidence):
        return refusal_reason(question, evidence)
    why = sentences[0].reason if sentences else "the model wrote nothing"
    return f"The draft could not be proved from the documents ({why}), so it is not shown."
