"""The synthetic library is the same every time, and a small one can be measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from knowledge.library import SHARED, Library
from tests.benchmarks.scale import build, change, search
from tests.benchmarks.synthetic import NAME, Corpus, word


def test_a_corpus_is_decided_by_its_seed() -> None:
    one, other = Corpus(100, passages=10), Corpus(100, passages=10)
    first, again = next(one.documents()), next(other.documents())
    assert first.passages == again.passages
    assert np.array_equal(first.vectors, again.vectors)
    assert one.questions(3)[2].text == other.questions(3)[2].text
    assert sum(len(each.passages) for each in Corpus(95, passages=10).documents()) == 95


def test_words_of_different_ranks_differ() -> None:
    assert len({word(number) for number in range(5000)}) == 5000


def test_a_question_finds_the_passage_it_was_made_of(tmp_path: Path) -> None:
    corpus = Corpus(200, passages=10)
    with Library(tmp_path, embedder=NAME) as library:
        rated = build(library, corpus)
        assert rated["build: passages/s"]
        for question in corpus.questions(5):
            ((near, cosine),) = library.nearest(question.vector, k=1, scopes=[SHARED])
            assert cosine > 0.7
            worded = {p.id for p, _ in library.keyword(question.text, k=10, scopes=[SHARED])}
            assert near.id in worded
        assert any("fused" in name for name in search(library, corpus))
        assert any("add and find" in name for name in change(library, corpus))
        assert library.catalog.count() == (20, 200)
