"""Texts and questions to vectors; the only importer of sentence-transformers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import QuestionEncoder, understands
from knowledge.once import Once

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

# Passages that are embedded one by one, at about 40 ms each, rather than wait some five seconds for
# the libraries.
_FEW = 48


class Embedder(Protocol):
    """Turns texts to unit vectors; `name` is part of every revision's digest."""

    @property
    def name(self) -> str:
        """The model's name: vectors of different names are never compared."""

    def embed_documents(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Vectors of shape (len(texts), dimensions), each of length 1."""

    def embed_query(self, text: str) -> Vectors:
        """One vector of shape (dimensions,), of length 1."""


class SentenceEmbedder:
    """An embedder from a local sentence-transformers folder, loaded at first use."""

    def __init__(self, resolve: Callable[[], Path], *, name: str, batch: int = 32) -> None:
        self._resolve = resolve
        self._name = name
        self._batch = batch
        self._model = Once(self._load)
        self._questions = Once(self._encoder)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    def _load(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer

        from knowledge.hardware import fast_dtype, silence_bars

        silence_bars()
        return SentenceTransformer(
            str(self._resolve()),
            local_files_only=True,
            model_kwargs={"dtype": fast_dtype()},
            trust_remote_code=False,
        )

    def _encoder(self) -> QuestionEncoder | None:
        folder = self._resolve()
        return QuestionEncoder(folder) if understands(folder) else None

    def load(self) -> None:
        """Load the model now rather than at the first question."""
        self.embed_query("ready")

    def embed_documents(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Vectors of shape (len(texts), dimensions), each of length 1.

        Texts of like length share a batch, since a batch costs as much as its longest. A few are
        embedded as questions are, which costs less than to load the libraries for many.
        """
        encoder = self._questions()
        if encoder is not None and len(texts) <= _FEW and not self._model.made:
            return self._one_by_one(encoder, texts, progress=progress)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        vectors: Vectors | None = None
        for start in range(0, len(order), self._batch):
            indexes = order[start : start + self._batch]
            part = self._encode([texts[index] for index in indexes])
            if vectors is None:
                vectors = np.zeros((len(texts), part.shape[1]), dtype=np.float32)
            vectors[indexes] = part
            if progress is not None:
                progress(len(indexes))
        return vectors if vectors is not None else np.zeros((0, 0), dtype=np.float32)

    def _one_by_one(
        self,
        encoder: QuestionEncoder,
        texts: Sequence[str],
        *,
        progress: Callable[[int], None] | None,
    ) -> Vectors:
        vectors = []
        for text in texts:
            vectors.append(encoder.encode(text))
            if progress is not None:
                progress(1)
        return np.stack(vectors) if vectors else np.zeros((0, 0), dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        """One vector of shape (dimensions,), of length 1; without the libraries where it can."""
        encoder = self._questions()
        vector: Vectors = self._encode([text])[0] if encoder is None else encoder.encode(text)
        return vector

    def knows(self, word: str) -> bool:
        """Whether a lower-case word is one of the model's own: plain English, not a slip.

        A tokenizer of word pieces holds the frequent words whole and breaks up all others.
        """
        encoder = self._questions()
        if encoder is not None:
            return encoder.knows(word)
        return len(self._model().tokenizer.tokenize(word)) == 1

    def _encode(self, texts: list[str]) -> Vectors:
        encoded = self._model().encode(
            texts, batch_size=self._batch, show_progress_bar=False, convert_to_tensor=True
        )
        vectors = encoded.float().cpu().numpy()
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)
