"""A library as it would be answers as it will, and nothing of it reaches the one there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import LibraryError
from knowledge.history import document_back
from knowledge.library import SHARED, Library
from knowledge.retrieve import Weights, reading
from knowledge.steady import SteadyRetriever
from knowledge.switching import Switch
from knowledge.tentative import Draft, Tentative
from knowledge.types import DocumentInfo, Location, Passage
from tests.fakes import HashingEmbedder, OverlapReranker, index, write_files

EMBEDDER = HashingEmbedder()
FILES = {
    "gan.md": "# GANs\n\nMode collapse means few kinds of samples.\n",
    "vae.md": "# VAEs\n\nThe latent space is smooth.\n",
    "rnn.md": "# RNNs\n\nA hidden state is carried along.\n",
}


@pytest.fixture
def folder(library: Library, tmp_path: Path) -> Path:
    made = write_files(tmp_path / "documents", FILES)
    index(library, made, embedder=EMBEDDER)
    return made


def draft(document_id: str, *texts: str, revision: str = "new") -> Draft:
    info = DocumentInfo(document_id, "GANs", SHARED, len(texts), revision, origin="o", digest="d")
    passages = tuple(
        Passage(f"{revision}-{n}", document_id, "GANs", text, Location(), n)
        for n, text in enumerate(texts)
    )
    return Draft(info, passages, EMBEDDER.embed_documents([reading(each) for each in passages]))


def looked_at(library: Library, question: str) -> tuple[object, ...]:
    """All that a question can meet, scores included."""
    vector = EMBEDDER.embed_query(question)
    near = library.nearest(vector, k=10, scopes=[SHARED])
    return (
        [(each.document_id, each.text, round(cosine, 3)) for each, cosine in near],
        [
            (each.document_id, each.text, round(score, 6))
            for each, score in library.keyword(question, k=10, scopes=[SHARED])
        ],
        [(each.id, each.title, each.passages) for each in library.documents()],
        [each.text for each in library.passages("gan.md")],
    )


QUESTIONS = ("What does mode collapse mean?", "hidden state", "smooth latent space of samples")


def test_it_answers_exactly_as_the_library_will(library: Library, folder: Path) -> None:
    new = draft("gan.md", "Mode collapse means hardly any kind.", "It has remedies.")
    switch = Switch("gan.md", SHARED, "new", "o", "changed")
    before = [looked_at(library, each) for each in QUESTIONS]
    with Tentative(library, [switch], drafts=[new]) as ahead:
        expected = [looked_at(ahead, each) for each in QUESTIONS]
        with ahead.still():
            assert [looked_at(ahead, each) for each in QUESTIONS] == expected
    assert [looked_at(library, each) for each in QUESTIONS] == before
    with library.writing():
        library.publish(new.info, new.passages, new.vectors, action="changed")
    assert [looked_at(library, each) for each in QUESTIONS] == expected
    assert expected != before


def test_a_removal_and_a_way_back_are_looked_ahead_at_too(library: Library, folder: Path) -> None:
    (folder / "gan.md").write_text("# GANs\n\nSomething else.\n")
    index(library, folder, embedder=EMBEDDER)
    back = document_back(library, "gan.md", scope=SHARED)
    with Tentative(library, [*back, Switch("vae.md", SHARED, None)]) as ahead:
        expected = [looked_at(ahead, each) for each in QUESTIONS]
        assert [each.id for each in ahead.documents()] == ["gan.md", "rnn.md"]
        assert "few kinds" in ahead.passages("gan.md")[0].text
    assert [each.id for each in library.documents()] == ["gan.md", "rnn.md", "vae.md"]
    with library.writing():
        library.change([*back, Switch("vae.md", SHARED, None)])
    assert [looked_at(library, each) for each in QUESTIONS] == expected


def test_nothing_of_it_is_written(library: Library, folder: Path) -> None:
    version, count = library.version, library.catalog.count()
    with Tentative(library, [Switch("gan.md", SHARED, None)]) as ahead:
        assert ahead.catalog.count() == (2, 2)
        with pytest.raises(LibraryError, match="cannot be written"), ahead.writing():
            pass
        with library.writing():
            library.remove("rnn.md")
        assert ahead.catalog.count() == (1, 1)
    assert int(library.version) == int(version) + 1
    assert library.catalog.count() == (count[0] - 1, count[1] - 1)
    assert library.catalog.journal() == []


class Switching(OverlapReranker):
    """A reranker during whose work documents are switched, a few times."""

    def __init__(self, library: Library, times: int) -> None:
        super().__init__()
        self._library, self._times = library, times

    def score(self, question, passages):
        if self._times:
            self._times -= 1
            new = draft(
                "gan.md", f"Mode collapse, version {self._times}.", revision=f"r{self._times}"
            )
            with self._library.writing():
                self._library.publish(new.info, new.passages, new.vectors, action="changed")
        return super().score(question, passages)


@pytest.mark.parametrize(("times", "found"), [(0, 3), (1, 3), (2, 3), (9, 2)])
def test_evidence_is_of_one_version_while_documents_are_switched(
    library: Library, folder: Path, times: int, found: int
) -> None:
    retriever = SteadyRetriever(
        library, embedder=EMBEDDER, reranker=Switching(library, times), weights=Weights()
    )
    evidence = retriever.retrieve("What does mode collapse mean?", k=5)
    live = library.catalog.live_ids(scope=SHARED)
    assert {each.passage.id for each in evidence} <= live
    assert len(evidence) == found
