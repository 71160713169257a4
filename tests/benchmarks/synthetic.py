"""A library of any size, whose words and vectors are spread as those of real text are.

Words follow Zipf's law over a vocabulary that grows with the text (Heaps' law); vectors lie around
topics, and a document keeps to one of them. All of it is decided by a seed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.embed import Embedder, Vectors
from knowledge.library import SHARED
from knowledge.rerank import Scores
from knowledge.types import DocumentInfo, Location, Passage

DIMENSIONS = 384
NAME = "synthetic-384"
WORDS = 90
_SYLLABLES = (
    "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu tra ple kri sto glu".split()
)
_STOP = "the of and to in is that for it with as are on by this be from an or which".split()
_TOPICS = 2000
_SPREAD = 0.9


@dataclass(frozen=True, slots=True)
class Document:
    """One document with its passages and their vectors."""

    info: DocumentInfo
    passages: tuple[Passage, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Question:
    """Words from one passage among filling ones, with a vector near that passage's."""

    text: str
    vector: Vectors


class Corpus:
    """Documents and questions for a library of `chunks` passages."""

    def __init__(self, chunks: int, *, passages: int = 40, seed: int = 7) -> None:
        self.chunks = chunks
        self.passages = passages
        self._seed = seed
        # Heaps' law with the constants usual for English: 30 · words ^ 0.5.
        self.vocabulary = int(30 * math.sqrt(chunks * WORDS))
        maker = np.random.default_rng(seed)
        ranks = np.arange(2, self.vocabulary + 2)
        chances = 1.0 / ranks
        self._chances = np.cumsum(chances / chances.sum())
        self._topics = _unit(maker.standard_normal((_TOPICS, DIMENSIONS), dtype=np.float32))

    def documents(self) -> Iterator[Document]:
        """Every document, in order."""
        for number in range(math.ceil(self.chunks / self.passages)):
            count = min(self.passages, self.chunks - number * self.passages)
            yield self.document(number, count=count)

    def document(self, number: int, *, count: int) -> Document:
        """The document of a number, with `count` passages."""
        maker = np.random.default_rng([self._seed, number])
        topic = self._topics[int(maker.integers(_TOPICS))]
        noise = maker.standard_normal((count, DIMENSIONS), dtype=np.float32)
        vectors = _unit(topic + noise * np.float32(_SPREAD / math.sqrt(DIMENSIONS)))
        name, revision = f"document-{number}", f"revision-{number}-{count}"
        passages = tuple(
            Passage(
                id=f"{revision}-{position}",
                document_id=name,
                title=f"Document {number}",
                text=" ".join(self._words(maker, WORDS)),
                location=Location((f"Part {position // 5}",)),
                position=position,
            )
            for position in range(count)
        )
        info = DocumentInfo(name, f"Document {number}", SHARED, count, revision, digest=revision)
        return Document(info, passages, vectors)

    def questions(self, count: int) -> tuple[Question, ...]:
        """Questions that some passage answers."""
        maker = np.random.default_rng([self._seed, self.chunks, 1])
        numbers = maker.integers(math.ceil(self.chunks / self.passages), size=count)
        return tuple(self._question(int(number), maker) for number in numbers)

    def _question(self, number: int, maker: np.random.Generator) -> Question:
        document = self.document(number, count=self.passages)
        position = int(maker.integers(len(document.passages)))
        said = document.passages[position].text.split()
        telling = maker.choice(said, size=5, replace=False)
        filling = maker.choice(_STOP, size=4, replace=False)
        text = " ".join(word for pair in zip(telling, [*filling, ""], strict=True) for word in pair)
        noise = maker.standard_normal(DIMENSIONS, dtype=np.float32)
        vector = document.vectors[position] + noise * np.float32(0.5 / math.sqrt(DIMENSIONS))
        return Question(f"What is {text.strip()}?", _unit(vector))

    def _words(self, maker: np.random.Generator, count: int) -> list[str]:
        drawn = np.searchsorted(self._chances, maker.random(count))
        return [word(int(number)) for number in drawn]


def word(number: int) -> str:
    """The word of a rank; the first ones are English's own filling words."""
    if number < len(_STOP):
        return _STOP[number]
    syllables = []
    number += len(_SYLLABLES)
    while number:
        number, which = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[which])
    return "".join(syllables)


class KnownVectors(Embedder):
    """Gives each question the vector it came with."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._vectors = {each.text: each.vector for each in questions}

    @property
    def name(self) -> str:
        """The name the library was made with."""
        return NAME

    def embed_query(self, text: str) -> Vectors:
        """The question's own vector."""
        return self._vectors[text]


class Indifferent:
    """A reranker that leaves the order of the first stage as it is."""

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        """The same for each."""
        return np.zeros(len(passages), dtype=np.float32)


def _unit(vectors: NDArray[np.float32]) -> Vectors:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)
