"""Builds every service once, each at first use; the only place that wires."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property

from bot.config import BotSettings
from knowledge.answer import Answerer, Limits
from knowledge.check import Checker
from knowledge.config import DOCUMENTS
from knowledge.embed import SentenceEmbedder
from knowledge.errors import FootnoteError, LibraryLockedError
from knowledge.fetch import Report
from knowledge.generate import LocalGenerator
from knowledge.library import Library
from knowledge.models import ModelStore
from knowledge.quote import Quoter
from knowledge.rerank import CrossEncoder
from knowledge.retrieve import Retriever, Weights
from knowledge.types import Evidence

_SHIPPED = "shipped documents"


class App:
    """The services of one data folder."""

    def __init__(self, settings: BotSettings, *, report: Report | None = None) -> None:
        self.settings = settings
        self._report = report

    @cached_property
    def models(self) -> ModelStore:
        """Names to verified model files."""
        return ModelStore(self.settings.models_dir, report=self._report)

    @cached_property
    def library(self) -> Library:
        """The catalogue and the vectors."""
        return Library(
            self.settings.home,
            embedder=self.settings.embedding_model,
            keep_revisions=self.settings.keep_revisions,
        )

    @cached_property
    def embedder(self) -> SentenceEmbedder:
        """Texts to vectors."""
        name = self.settings.embedding_model
        return SentenceEmbedder(lambda: self.models.resolve(name), name=name)

    @cached_property
    def reranker(self) -> CrossEncoder:
        """Passages to relevance."""
        name = self.settings.reranker_model
        return CrossEncoder(lambda: self.models.resolve(name), threads=self.settings.threads)

    @cached_property
    def generator(self) -> LocalGenerator:
        """Prompts to text."""
        name = self.settings.llm_model
        return LocalGenerator(lambda: self.models.resolve(name), name=name)

    @cached_property
    def retriever(self) -> Retriever:
        """Questions to evidence."""
        return Retriever(
            self.library, embedder=self.embedder, reranker=self.reranker, weights=Weights()
        )

    @cached_property
    def answerer(self) -> Answerer:
        """Questions to cited answers."""
        from knowledge.abstain import shipped_calibration

        return Answerer(
            self.library,
            retriever=self.retriever,
            embedder=self.embedder,
            generator=self.generator,
            quoter=Quoter(self.reranker),
            calibration=shipped_calibration(),
            limits=Limits(
                passages=self.settings.evidence_passages,
                answer_tokens=self.settings.max_answer_tokens,
            ),
        )

    @cached_property
    def checker(self) -> Checker:
        """Statements to verdicts."""
        return Checker(self.retriever)

    def search(self, query: str, *, k: int, scopes: Sequence[str]) -> tuple[Evidence, ...]:
        """The `k` best passages for a query, without the language model."""
        return self.retriever.retrieve(query, k=k, scopes=scopes)

    def warm_up(self) -> None:
        """Begin to load the models behind the caller's back; whoever needs one waits for it."""
        threading.Thread(target=self._load_models, daemon=True).start()

    def _load_models(self) -> None:
        # In the order in which a question needs them. An error is met again, and told, by whoever
        # asks for the model.
        with suppress(FootnoteError):
            self.embedder.load()
            self.generator.load()

    def holds_shipped(self) -> bool:
        """Whether this library is to hold the documents that come with the project."""
        return self.library.catalog.meta(_SHIPPED) != "no"

    def leave_out_shipped(self) -> None:
        """Take the shipped documents out of this library, now and in future."""
        from indexer.discover import SHIPPED

        with self.library.writing():
            self.library.catalog.set_meta(_SHIPPED, "no")
            for each in self.library.catalog.documents(origin=SHIPPED):
                self.library.remove(each.id, scope=each.scope)

    def index_shipped(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Bring the shipped documents up to date; nothing is embedded where nothing changed."""
        if not self.holds_shipped():
            return
        from indexer.sync import plan, run

        planned = plan([DOCUMENTS], library=self.library)
        try:
            run(
                planned,
                library=self.library,
                embedder=self.embedder,
                progress=None if progress is None else lambda p: progress(p.documents, p.of),
            )
        except LibraryLockedError:
            # Somebody else is at it: what is there already answers meanwhile.
            if not self.library.documents():
                raise
