"""LlamaIndex's CitationQueryEngine as its documentation sets it up, on our model and embedder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import (
    CompletionResponse,
    CompletionResponseGen,
    CustomLLM,
    LLMMetadata,
)
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.query_engine import CitationQueryEngine
from llama_index.core.schema import NodeWithScore, QueryBundle
from pydantic import PrivateAttr

from knowledge.embed import Embedder
from tests.benchmarks.asked import Said
from tests.benchmarks.contenders import Causal, generated


class LocalLLM(CustomLLM):
    """A local model for LlamaIndex; each prompt is one message in the chat template."""

    _causal: Causal = PrivateAttr()

    def __init__(self, causal: Causal) -> None:
        super().__init__()
        self._causal = causal

    @property
    def metadata(self) -> LLMMetadata:
        """How much fits into the model."""
        return LLMMetadata(context_window=self._causal.context, num_output=self._causal.max_tokens)

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        """The whole reply."""
        message = {"role": "user", "content": prompt}
        return CompletionResponse(text=self._causal.generate([message]))

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **_: Any
    ) -> CompletionResponseGen:
        """The same; this comparison does not need it piece by piece."""
        yield self.complete(prompt, formatted=formatted)


class SameEmbedding(BaseEmbedding):
    """The project's own embedder for LlamaIndex."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        super().__init__()
        self._embedder = embedder

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._embedder.embed_query(query).tolist()

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.embed_documents(texts).tolist()


class CitationEngine:
    """CitationQueryEngine over an index of the documents, with LlamaIndex's own defaults."""

    def __init__(
        self, texts: Sequence[tuple[str, str]], *, embedder: Embedder, causal: Causal
    ) -> None:
        """Index documents, each with its title."""
        index = VectorStoreIndex.from_documents(
            [Document(text=text, metadata={"title": title}) for title, text in texts],
            embed_model=SameEmbedding(embedder),
        )
        self._engine = CitationQueryEngine.from_args(index, llm=LocalLLM(causal))
        self._causal = causal

    def ask(self, question: str) -> Said:
        """The answer, with what it took: the engine's two steps, one after the other."""
        query, nodes = QueryBundle(question), list[NodeWithScore]()
        return generated(
            self._causal,
            lambda: nodes.extend(self._engine.retrieve(query)),
            lambda: str(self._engine.synthesize(query, nodes)),
        )
