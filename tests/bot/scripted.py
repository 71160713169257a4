"""A small answerer and library, real in shape and timing, that know three documents."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from knowledge.types import (
    Answer,
    AnswerReady,
    Citation,
    DocumentInfo,
    Event,
    Evidence,
    EvidenceFound,
    Location,
    Passage,
    Sentence,
    SentenceChecked,
    Status,
    TextWritten,
    Timings,
    Tokens,
    Verdict,
)

MODEL = "scripted-1b"

PASSAGES = (
    Passage(
        id="gan-1",
        document_id="gan",
        title="Generative adversarial networks",
        text=(
            "A generative adversarial network trains two networks against each other."
            " Mode collapse occurs when the generator produces only a few kinds of samples,"
            " however varied the data is. Minibatch discrimination is one remedy: it lets the"
            " discriminator see several samples at once."
        ),
        location=Location(headings=("Training", "Mode collapse"), page=3),
        position=0,
        updated="2024-05-01",
        source="https://example.org/gan",
    ),
    Passage(
        id="gan-2",
        document_id="gan",
        title="Generative adversarial networks",
        text=(
            "Ian Goodfellow and his colleagues introduced generative adversarial networks in"
            " June 2014. The generator maps noise to samples."
        ),
        location=Location(headings=("History",), page=1),
        position=1,
        updated="2024-05-01",
        source="https://example.org/gan",
    ),
    Passage(
        id="vae-1",
        document_id="vae",
        title="Variational autoencoders",
        text=(
            "A variational autoencoder encodes its input as a distribution over a latent space."
            " It is trained with the evidence lower bound."
        ),
        location=Location(headings=("Idea",)),
        position=0,
    ),
)


def evidence(*ids: str) -> tuple[Evidence, ...]:
    """Passages as evidence, best first."""
    wanted = [next(p for p in PASSAGES if p.id == name) for name in ids]
    return tuple(
        Evidence(passage, score=1.0 - n / 10, relevance=5.0 - n, similarity=0.8 - n / 10)
        for n, passage in enumerate(wanted)
    )


def citation(n: int, passage: Passage, quote: str) -> Citation:
    """A verbatim quote of a passage."""
    assert quote in passage.text
    return Citation(
        n=n,
        document_id=passage.document_id,
        title=passage.title,
        location=passage.location,
        quote=quote,
        passage_id=passage.id,
        updated=passage.updated,
        source=passage.source,
    )


COLLAPSE = "Mode collapse occurs when the generator produces only a few kinds of samples"


def answered(question: str, *, text: str | None = None) -> Answer:
    """A good answer about mode collapse, or with other words."""
    first = text or "Mode collapse is when the generator produces only a few kinds of samples."
    sentences = (
        Sentence(first, (1,), Verdict.SUPPORTED, "all its words stand in [1]"),
        Sentence("Minibatch discrimination is one remedy.", (2,), Verdict.SUPPORTED),
    )
    cited = (
        citation(1, PASSAGES[0], COLLAPSE),
        citation(2, PASSAGES[0], "Minibatch discrimination is one remedy"),
    )
    return Answer(
        question=question,
        status=Status.ANSWERED,
        text=f"{first} [1] Minibatch discrimination is one remedy. [2]",
        sentences=sentences,
        citations=cited,
        reason="",
        nearest=(),
        timings=Timings(evidence_s=0.1, first_text_s=0.5, total_s=1.5),
        tokens=Tokens(prompt=300, completion=40),
        model=MODEL,
        library_version="1f3870be274f6c49b3e31a0c6728957f",
        signals={},
    )


def refused(question: str) -> Answer:
    """An honest refusal."""
    return replace(
        answered(question),
        status=Status.REFUSED,
        text="",
        sentences=(),
        citations=(),
        reason="no passage says when a company was sold",
        nearest=evidence("gan-2", "vae-1"),
    )


def partial(question: str) -> Answer:
    """An answer of which one sentence was left out."""
    whole = answered(question)
    lost = Sentence("It was invented in 1999.", (), Verdict.UNSUPPORTED, "1999 is nowhere")
    return replace(
        whole,
        status=Status.PARTIAL,
        text=f"{whole.sentences[0].text} [1]",
        sentences=(whole.sentences[0], lost),
        citations=whole.citations[:1],
    )


def script(answer: Answer, *, found: tuple[Evidence, ...] | None = None) -> list[Event]:
    """The events that lead to an answer."""
    events: list[Event] = [EvidenceFound(found or evidence("gan-1", "gan-2", "vae-1"), 0.1)]
    for sentence in answer.sentences:
        words = sentence.text.split(" ")
        events += [TextWritten(word + " ") for word in words]
        used = tuple(c for c in answer.citations if c.n in sentence.citations)
        events.append(SentenceChecked(sentence, used))
    return [*events, AnswerReady(answer)]


@dataclass
class ScriptedAnswerer:
    """Plays scripts; `gate` holds it back before the event it is asked at, `pace` slows it."""

    write: Callable[[str], Answer] = answered
    pace: float = 0.0
    gate: threading.Event = field(default_factory=threading.Event)
    hold_at: int | None = None
    checks: tuple[tuple[Sentence, tuple[Citation, ...]], ...] = ()
    error: Exception | None = None
    asked: list[tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]] = field(
        default_factory=list
    )
    running: int = 0
    most_running: int = 0
    threads: set[int] = field(default_factory=set)

    def answer(
        self,
        question: str,
        *,
        conversation: Sequence[tuple[str, str]] = (),
        scopes: Sequence[str] = ("shared",),
        stop: threading.Event | None = None,
    ) -> Iterator[Event]:
        """Play the script of a question."""
        self.asked.append((question, tuple(conversation), tuple(scopes)))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            yield from self._play(question, stop or threading.Event())
        finally:
            self.running -= 1

    def check(
        self, text: str, *, scopes: Sequence[str] = ("shared",)
    ) -> tuple[tuple[Sentence, tuple[Citation, ...]], ...]:
        """What was prepared."""
        return self.checks

    def _play(self, question: str, stop: threading.Event) -> Iterator[Event]:
        answer = self.write(question)
        for number, event in enumerate(script(answer)):
            self.threads.add(threading.get_ident())
            if number == self.hold_at:
                while not (self.gate.wait(0.01) or stop.is_set()):
                    pass
            if self.error is not None:
                raise self.error
            if stop.is_set():
                yield AnswerReady(_cut(answer))
                return
            time.sleep(self.pace)
            yield event


def _cut(answer: Answer) -> Answer:
    first = answer.sentences[:1]
    return replace(
        answer,
        status=Status.PARTIAL,
        text=f"{first[0].text} [1]" if first else "",
        sentences=first,
        citations=answer.citations[:1],
    )


@dataclass
class ScriptedLibrary:
    """Three passages in two documents, and as many more as a test wants."""

    version: str = "1f3870be274f6c49b3e31a0c6728957f"
    more: tuple[DocumentInfo, ...] = ()
    searched: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def documents(self, *, scopes: Sequence[str]) -> Sequence[DocumentInfo]:
        """The documents of these scopes."""
        known = (
            DocumentInfo(
                id="gan",
                title="Generative adversarial networks",
                scope="shared",
                passages=2,
                revision="a",
                updated="2024-05-01",
                source="https://example.org/gan",
                summary="Two networks that train each other.",
            ),
            DocumentInfo(
                id="vae",
                title="Variational autoencoders",
                scope="shared",
                passages=1,
                revision="a",
                summary="Encoders with a latent distribution.",
            ),
            *self.more,
        )
        return [info for info in known if info.scope in scopes]

    def passages(self, document_id: str, *, scope: str) -> Sequence[Passage]:
        """A document's passages."""
        return [p for p in PASSAGES if p.document_id == document_id]

    def passage(self, passage_id: str) -> Passage | None:
        """One passage."""
        return next((p for p in PASSAGES if p.id == passage_id), None)

    def search(self, query: str, *, k: int, scopes: Sequence[str]) -> Sequence[Evidence]:
        """Always the same."""
        self.searched.append((query, tuple(scopes)))
        return evidence("gan-1", "gan-2", "vae-1")[:k]

    def glance(self, query: str, *, k: int, scopes: Sequence[str]) -> Sequence[Evidence]:
        """The same."""
        return self.search(query, k=k, scopes=scopes)
