"""A question's whole way, top to bottom: retrieve, enough?, prompt, generate, ground, cite."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from knowledge import abstain, prompt
from knowledge.asked import Asked, Noted, Read
from knowledge.basis import evidence_sentences
from knowledge.check import Checker, cited
from knowledge.cite import shown_text
from knowledge.drafted import NOTHING, outcome, refusal_reason
from knowledge.errors import UsageError
from knowledge.follow import standalone
from knowledge.generate import Generator, Reading
from knowledge.library import SHARED, Library
from knowledge.lists import asked_list
from knowledge.probe import Probed
from knowledge.proof import Proof
from knowledge.quote import scored
from knowledge.rerank import Reranker
from knowledge.retrieve import Retriever
from knowledge.select import select
from knowledge.stance import StanceProbe, StanceReader
from knowledge.types import (
    Answer,
    AnswerReady,
    Citation,
    Event,
    EvidenceFound,
    Sentence,
    SentenceChecked,
    Status,
    TextWritten,
    Timings,
    Tokens,
)

MAX_QUESTION = 2000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is found, read and written for one answer.

    On two cores the prompt's length is most of the waiting: 400 tokens take about 1.5 s.
    """

    passages: int = 5
    prompt_words: int = 230
    answer_tokens: int = 160


def as_asked(question: str, *, scopes: Sequence[str]) -> str:  # noqa: ARG001 - a speller
    """The question with every word as it stands."""
    return question


class Answerer:
    """Answers questions from a library; safe to share between threads."""

    def __init__(
        self,
        library: Library,
        *,
        retriever: Retriever,
        reranker: Reranker,
        generator: Generator,
        calibration: abstain.Calibration,
        limits: Limits,
        speller: Callable[..., str] = as_asked,
        probed: Probed | None = None,
        stances: StanceProbe | None = None,
    ) -> None:
        """Take the `calibration` of what models say, and what was fitted to this one's states."""
        self._probed = probed
        reader = None
        if stances is not None:
            reader = StanceReader(generator, reranker=reranker, probe=stances)
        self.checker = Checker(retriever, reader=reader)
        self._library = library
        self._retriever = retriever
        self._reranker = reranker
        self._generator = generator
        self._calibration = calibration
        self._limits = limits
        self._speller = speller

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
        spelled = self._speller(checked_question(question), scopes=scopes)
        asked = self._asked(standalone(spelled, conversation), scopes)
        yield EvidenceFound(asked.evidence, asked.evidence_s)
        if not asked.basis:
            yield self._ended(asked, Status.REFUSED, reason=NOTHING)
            return
        read = self._read(asked)
        chance = read.calibration.probability(read.signals)
        values = {**read.signals.values(), "chance": chance}
        if chance < read.calibration.threshold:
            reason = refusal_reason(asked.question, asked.evidence)
            yield self._ended(
                asked, Status.REFUSED, reason=reason, tokens=read.reading.tokens, signals=values
            )
            return
        yield from self._written(asked, read, signals=values, stop=stop)

    def noted(
        self,
        question: str,
        *,
        conversation: Sequence[tuple[str, str]] = (),
        scopes: Sequence[str] = (SHARED,),
    ) -> Noted | None:
        """What the decision to answer would be made on; None where nothing was found."""
        spelled = self._speller(checked_question(question), scopes=scopes)
        asked = self._asked(standalone(spelled, conversation), scopes)
        if not asked.basis:
            return None
        read = self._read(asked)
        word = read.reading.answerable() or 0.0
        return Noted(read.signals, word, read.reading.state())

    def check(
        self, text: str, *, scopes: Sequence[str] = (SHARED,)
    ) -> tuple[tuple[Sentence, tuple[Citation, ...]], ...]:
        """Each sentence of a text with its verdict and the quotes for or against it."""
        return cited(self.checker.check(text, scopes=scopes))

    def _asked(self, question: str, scopes: Sequence[str]) -> Asked:
        started, version = time.perf_counter(), self._library.version
        evidence = self._retriever.retrieve(question, k=self._limits.passages, scopes=scopes)
        seconds = time.perf_counter() - started
        return Asked(question, started, version, evidence, evidence_sentences(evidence), seconds)

    def _read(self, asked: Asked) -> Read:
        sentences = scored(asked.question, asked.basis, reranker=self._reranker)
        excerpts = select(asked.evidence, sentences, words=self._limits.prompt_words)
        reading = self._generator.read(prompt.build(asked.question, excerpts))
        answerable, calibration = self._judged(reading)
        signals = abstain.signals(
            asked.question,
            asked.evidence,
            answerable=answerable,
            stated=max(each.score for each in sentences),
        )
        listed = asked_list(asked.question, asked.basis, reranker=self._reranker)
        return Read(reading, sentences, listed, signals, calibration)

    def _judged(self, reading: Reading) -> tuple[float, abstain.Calibration]:
        """Log-odds that the passages state the answer, and their calibration."""
        state = () if self._probed is None else reading.state()
        if self._probed is None or not state:
            return reading.answerable() or 0.0, self._calibration
        return self._probed.probe.log_odds(state), self._probed.calibration

    def _written(
        self,
        asked: Asked,
        read: Read,
        *,
        signals: dict[str, float],
        stop: threading.Event | None,
    ) -> Iterator[Event]:
        first_text_s: float | None = None
        proof = Proof(asked.question, read.sentences, listed=read.listed)
        for piece in read.reading.write(max_tokens=self._limits.answer_tokens, stop=stop):
            first_text_s = first_text_s or asked.seconds()
            yield TextWritten(piece)
            for sentence in proof.add(piece):
                yield SentenceChecked(sentence, proof.citations.listed())
        cut = read.reading.tokens.completion >= self._limits.answer_tokens
        for sentence in proof.end(cut=cut):
            yield SentenceChecked(sentence, proof.citations.listed())
        sentences, citations = tuple(proof.sentences), proof.citations.listed()
        status, reason = outcome(
            asked.question, asked.evidence, sentences, disagree=proof.disagree is not None
        )
        yield self._ended(
            asked,
            status,
            reason=reason,
            sentences=sentences,
            citations=() if status is Status.REFUSED else citations,
            first_text_s=first_text_s,
            tokens=read.reading.tokens,
            signals=signals,
        )

    def _ended(
        self,
        asked: Asked,
        status: Status,
        *,
        reason: str,
        sentences: tuple[Sentence, ...] = (),
        citations: tuple[Citation, ...] = (),
        first_text_s: float | None = None,
        tokens: Tokens = Tokens(),  # noqa: B008 - frozen
        signals: dict[str, float] | None = None,
    ) -> AnswerReady:
        return AnswerReady(
            Answer(
                question=asked.question,
                status=status,
                text=shown_text([each for each in sentences if each.supported]),
                sentences=sentences,
                citations=citations,
                reason=reason,
                nearest=asked.evidence if status is Status.REFUSED else (),
                timings=Timings(asked.evidence_s, first_text_s, asked.seconds()),
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
