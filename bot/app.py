"""Builds every service once, each at first use; the only place that wires."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import BotSettings
from bot.pipeline import Pipeline
from bot.shipped import Shipped
from knowledge.answer import Answerer, Limits
from knowledge.check import Checker
from knowledge.embed import SentenceEmbedder
from knowledge.errors import FootnoteError, LibraryLockedError
from knowledge.fetch import Report
from knowledge.generate import Generator, LocalGenerator
from knowledge.hardware import set_threads
from knowledge.library import SHARED, Library
from knowledge.models import ModelStore
from knowledge.probe import probed_for
from knowledge.rerank import CrossEncoder
from knowledge.retrieve import STATEMENT, Retriever, Weights
from knowledge.spelling import Speller
from knowledge.stance import stance_probe_for
from knowledge.steady import SteadyRetriever
from knowledge.types import Evidence

if TYPE_CHECKING:
    from bot.jobs import Jobs
    from indexer.plan import Plan


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
            chroma_url=self.settings.chroma_url,
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
    def generator(self) -> Generator:
        """Prompts to text."""
        if self.settings.llm_base_url:
            return self._served_generator(self.settings.llm_base_url)
        name = self.settings.llm_model
        return LocalGenerator(
            lambda: self.models.resolve(name),
            name=name,
            packed=self.settings.models_dir / "packed",
            weights=self.settings.llm_weights,
        )

    def _served_generator(self, url: str) -> Generator:
        from knowledge.endpoint import Endpoint
        from knowledge.served import ServedGenerator

        settings = self.settings
        endpoint = Endpoint(url, key=settings.llm_api_key, timeout_s=settings.llm_timeout_s)
        return ServedGenerator(endpoint, model=settings.llm_served_model)

    def pipeline(self, library: Library) -> Pipeline:
        """What answers from a library, be it ours or the same as it would be after a change."""
        from knowledge.abstain import shipped_calibration

        retriever = SteadyRetriever(
            library,
            embedder=self.embedder,
            reranker=self.reranker,
            weights=Weights(),
            statement=STATEMENT,
        )
        answerer = Answerer(
            library,
            retriever=retriever,
            generator=self.generator,
            reranker=self.reranker,
            calibration=shipped_calibration(),
            # A server shows no state of its model.
            probed=None if self.settings.llm_base_url else probed_for(self.settings.llm_model),
            stances=None
            if self.settings.llm_base_url
            else stance_probe_for(self.settings.llm_model),
            speller=Speller(library, ordinary=self.embedder.knows),
            limits=Limits(
                passages=self.settings.evidence_passages,
                answer_tokens=self.settings.max_answer_tokens,
            ),
        )
        return Pipeline(retriever, self.reranker, answerer)

    @cached_property
    def _ours(self) -> Pipeline:
        return self.pipeline(self.library)

    @property
    def retriever(self) -> Retriever:
        """Questions to evidence."""
        return self._ours.retriever

    @property
    def answerer(self) -> Answerer:
        """Questions to cited answers."""
        return self._ours.answerer

    @property
    def checker(self) -> Checker:
        """Statements to verdicts."""
        return self.answerer.checker

    @cached_property
    def jobs(self) -> Jobs:
        """What admins do to the library."""
        from bot.jobs import jobs_of

        return jobs_of(
            self.settings, library=self.library, embedder=self.embedder, build=self.pipeline
        )

    def search(self, query: str, *, k: int, scopes: Sequence[str]) -> tuple[Evidence, ...]:
        """The `k` best passages for a query, without the language model."""
        return self.retriever.retrieve(query, k=k, scopes=scopes)

    @cached_property
    def _glancer(self) -> Retriever:
        return Retriever(
            self.library,
            embedder=self.embedder,
            reranker=self.reranker,
            weights=replace(Weights(), reranked=0),
            statement=replace(STATEMENT, reranked=0),
        )

    def glance(self, query: str, *, k: int, scopes: Sequence[str]) -> tuple[Evidence, ...]:
        """About the same without the reranker, which is nearly all of what retrieval costs."""
        return self._glancer.retrieve(query, k=k, scopes=scopes)

    def fetch_models(self) -> None:
        """Fetch what is missing of the models that the settings name."""
        for name in self.settings.local_models:
            self.models.resolve(name)

    def load(self) -> None:
        """Load the models and the vectors, in the order in which a question needs them."""
        set_threads(self.settings.threads)
        self.embedder.load()
        self.reranker.load()
        self.search("ready", k=1, scopes=(SHARED,))
        self.generator.load()

    def warm_up(self) -> None:
        """Begin to load the models behind the caller's back; whoever needs one waits for it."""
        threading.Thread(target=self._load_models, daemon=True).start()

    def _load_models(self) -> None:
        set_threads(self.settings.threads)
        # An error is met again, and told, by whoever asks for the model.
        with suppress(FootnoteError):
            self.embedder.load()
            self.generator.load()

    @cached_property
    def shipped(self) -> Shipped:
        """The documents that come with the project, as this library has them."""
        return Shipped(self.library)

    def plan(self, paths: Sequence[Path], *, shipped: bool = True) -> Plan:
        """What bringing the library in step with `paths`, and the shipped documents, would do."""
        return self.shipped.plan(paths, with_them=shipped)

    def index_shipped(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Bring the shipped documents up to date; nothing is embedded where nothing changed.

        Whatever the library holds, what an interrupted process left is put right.
        """
        from indexer.sync import repair, run

        if not self.shipped.wanted():
            repair(self.library)
            return

        planned = self.plan([])
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
