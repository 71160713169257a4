"""A question finds its passages by meaning and by words, each once, and only in its scopes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from knowledge.duplicates import without_duplicates
from knowledge.errors import LibraryError
from knowledge.library import Library
from knowledge.retrieve import Retriever, Weights, reading, standardised
from knowledge.types import Evidence, Location, Passage
from tests.fakes import HashingEmbedder, OverlapReranker, index, write_files

DOCUMENTS = {
    "gan.md": (
        "# GANs\n\nA generative adversarial network trains two networks against each other.\n\n"
        "## Mode collapse\n\nThe generator produces only a few kinds of samples.\n\n"
        "## History\n\nIan Goodfellow introduced them in 2014.\n"
    ),
    "vae.md": (
        "# VAEs\n\nA variational autoencoder encodes its input as a distribution.\n\n"
        "## Latent space\n\nNeighbouring points decode to similar images.\n"
    ),
    "rnn.md": "# RNNs\n\nA recurrent network reads a sequence step by step with a hidden state.\n",
}


class NothingWorded(Library):
    """A library whose full text finds nothing."""

    def keyword(self, question: str, *, k: int, scopes: object) -> list[tuple[Passage, float]]:
        return []


class NothingNear(Library):
    """A library whose vectors find nothing."""

    def nearest(self, vector: object, *, k: int, scopes: object) -> list[tuple[Passage, float]]:
        return []


def retriever(
    library: Library, *, reranker: OverlapReranker | None = None, weights: Weights | None = None
) -> Retriever:
    return Retriever(
        library,
        embedder=HashingEmbedder(library.embedder),
        reranker=reranker or OverlapReranker(),
        weights=weights or Weights(),
    )


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Library:
    index(library, write_files(tmp_path / "documents", DOCUMENTS))
    return library


def test_the_passage_that_answers_comes_first(filled: Library) -> None:
    found = retriever(filled).retrieve("What is mode collapse of a generator?", k=3)
    assert found[0].passage.location.headings == ("Mode collapse",)
    assert found[0].passage.document_id == "gan.md"
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_evidence_carries_cosine_and_relevance(filled: Library) -> None:
    embedder = HashingEmbedder()
    question = "Who introduced GANs in 2014?"
    for each in retriever(filled).retrieve(question, k=6):
        text = reading(each.passage)
        exact = float(embedder.embed_query(text) @ embedder.embed_query(question))
        assert each.similarity == pytest.approx(exact, abs=2e-3)
        assert each.relevance == OverlapReranker().score(question, [text])[0]


@pytest.mark.parametrize("kind", [NothingWorded, NothingNear])
def test_either_way_of_finding_is_enough(filled: Library, kind: type[Library]) -> None:
    with kind(filled.home, embedder=filled.embedder) as half:
        found = retriever(half).retrieve("What does a hidden state do in a recurrent network?", k=1)
        assert found[0].passage.document_id == "rnn.md"
        assert found[0].similarity > 0.1


def test_what_is_not_reranked_stays_behind_what_is(filled: Library) -> None:
    reranker = OverlapReranker()
    few = retriever(filled, reranker=reranker, weights=Weights(reranked=2))
    everything = few.retrieve("a network of images in 2014", k=50, fold=False)
    assert reranker.scored == [2]
    assert len(everything) == 6
    passages = {each.passage.id for each in everything}
    assert len(passages) == 6
    scores = [each.score for each in everything]
    assert scores == sorted(scores, reverse=True)
    assert all(each.relevance <= max(r.relevance for r in everything[:2]) for each in everything)


def test_a_glance_needs_no_reranker(filled: Library) -> None:
    reranker = OverlapReranker()
    glance = retriever(filled, reranker=reranker, weights=Weights(reranked=0))
    found = glance.retrieve("What does a hidden state do in a recurrent network?", k=3)
    assert found[0].passage.document_id == "rnn.md"
    assert sum(reranker.scored) == 0
    assert {each.relevance for each in found} == {0.0}


def test_copies_of_a_passage_are_shown_once_unless_asked_for(
    library: Library, tmp_path: Path
) -> None:
    copies = {f"copy-{n}.md": DOCUMENTS["rnn.md"].replace("RNNs", f"Copy {n}") for n in range(4)}
    index(library, write_files(tmp_path / "documents", {**DOCUMENTS, **copies}))
    finder = retriever(library)
    question = "a recurrent network with a hidden state"
    folded = [each.passage.text for each in finder.retrieve(question, k=50)]
    assert len(folded) == len(set(folded)) == 6
    assert len(finder.retrieve(question, k=50, fold=False)) == 10


def test_an_empty_library_and_an_empty_scope_find_nothing(filled: Library, tmp_path: Path) -> None:
    assert retriever(filled).retrieve("anything", k=3, scopes=["guild-1"]) == ()
    assert retriever(filled).retrieve("anything", k=3, scopes=[]) == ()
    with Library(tmp_path / "empty", embedder="hashing-64") as empty:
        assert retriever(empty).retrieve("anything", k=3) == ()


def test_vectors_of_another_embedder_are_not_compared(filled: Library) -> None:
    with Library(filled.home, embedder="another") as other, pytest.raises(LibraryError):
        retriever(other).retrieve("mode collapse", k=3)


@pytest.fixture(scope="module")
def scoped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = write_files(tmp_path_factory.mktemp("documents"), DOCUMENTS)
    with Library(tmp_path_factory.mktemp("home"), embedder="hashing-64") as library:
        for scope in ("shared", "guild-1", "guild-2"):
            index(library, folder, scope=scope)
        yield library


@settings(max_examples=40, deadline=None)
@given(
    question=st.lists(
        st.sampled_from('mode collapse latent space GANs hidden ? " guild-1 scope'.split()),
        min_size=1,
    ).map(" ".join),
    scopes=st.sets(st.sampled_from(["shared", "guild-1", "guild-2", "guild-3", "%", ""])),
    k=st.integers(1, 20),
    fold=st.booleans(),
)
def test_no_passage_of_another_scope_is_ever_found(
    scoped: Library, question: str, scopes: set[str], k: int, fold: bool
) -> None:
    found = retriever(scoped).retrieve(question, k=k, scopes=sorted(scopes), fold=fold)
    assert {each.passage.scope for each in found} <= scopes
    assert bool(found) == bool(scopes & {"shared", "guild-1", "guild-2"})
    assert len(found) <= k


# -- the pure parts ------------------------------------------------------------------------


@given(arrays(np.float32, st.integers(0, 40), elements=st.floats(-1000, 1000, width=32)))
def test_standardised_scores_keep_their_order_and_have_one_scale(scores: np.ndarray) -> None:
    result = standardised(scores)
    assert result.shape == scores.shape
    assert np.isfinite(result).all()
    assert (np.diff(result[np.argsort(scores, kind="stable")]) >= -1e-3).all()
    if len(scores) and scores.std() > 1e-2:
        assert result.mean() == pytest.approx(0, abs=1e-2)
        assert result.std() == pytest.approx(1, abs=1e-2)


def test_equal_scores_say_nothing() -> None:
    assert standardised(np.full(4, 7.5, np.float32)).tolist() == [0, 0, 0, 0]


def evidence(text: str, *, score: float = 0.0, name: str = "") -> Evidence:
    passage = Passage(name or text, "d", "T", text, Location(), 0)
    return Evidence(passage, score, 0.0, 0.0)


def test_of_two_that_say_the_same_the_better_is_kept() -> None:
    better = evidence("The generator learns to fool the discriminator of the pair.", name="better")
    worse = evidence("the generator LEARNS to fool the discriminator, of the pair!", name="worse")
    other = evidence("An autoencoder compresses its input.", name="other")
    assert without_duplicates([better, worse, other], k=5) == [better, other]
    assert without_duplicates([worse, other, better], k=5) == [worse, other]


@given(st.lists(st.text(alphabet="abc ", max_size=12), max_size=12), st.integers(1, 6))
def test_what_is_kept_is_the_first_of_its_kind_in_order(texts: list[str], k: int) -> None:
    given_evidence = [evidence(text, name=str(n)) for n, text in enumerate(texts)]
    kept = without_duplicates(given_evidence, k=k)
    assert len(kept) <= k
    places = [given_evidence.index(each) for each in kept]
    assert places == sorted(places)
    assert kept[:1] == given_evidence[:1]
    bags = [frozenset(each.passage.text.split()) for each in kept]
    worded = [bag for bag in bags if bag]
    assert len(worded) == len(set(worded))


def test_both_sides_of_a_comparison_are_among_the_passages(
    library: Library, tmp_path: Path
) -> None:
    many = {
        f"gan-{n}.md": f"# GAN {n}\n\nThe difference that a GAN of kind {n} makes between images.\n"
        for n in range(8)
    }
    files = {**many, "flow.md": "# Flows\n\nA normalizing flow is invertible.\n"}
    index(library, write_files(tmp_path / "documents", files))
    finder = retriever(library)

    alone = finder.retrieve("What difference does a GAN make between images?", k=3)
    both = finder.retrieve("difference between a GAN and a normalizing flow in images", k=3)

    assert "flow.md" not in {each.passage.document_id for each in alone}
    assert [each.passage.document_id for each in both][-1] == "flow.md"
    assert len(both) == 3
    assert [each.score for each in both] == sorted((each.score for each in both), reverse=True)


def test_an_acronym_finds_its_long_form_in_ones_own_documents_only(
    library: Library, tmp_path: Path
) -> None:
    files = {
        "a.md": "# Teams\n\nThe Customer Success Team (CST) meets on Mondays.\n",
        "b.md": "# Leads\n\nAda leads the customer success team since May.\n",
    }
    index(library, write_files(tmp_path / "documents", files))
    finder = retriever(library, weights=Weights(vector=0.0, document=0.0))
    (first, second) = finder.retrieve("CST", k=2)
    scores = {each.passage.document_id: each.score for each in (first, second)}
    assert set(scores) == {"a.md", "b.md"}
    assert library.keyword("CST", k=2, scopes=["shared"])[0][0].document_id == "a.md"
    assert finder.retrieve("CST", k=2, scopes=["guild-1"]) == ()


def test_small_words_of_another_language_look_nothing_up(library: Library, tmp_path: Path) -> None:
    files = {
        "dice.md": "# Dice\n\nA die is cast, and a des is a tone of the musical scale.\n",
        "gan.md": "# Networks\n\nThe GAN has a generator.\n",
    }
    index(library, write_files(tmp_path / "documents", files))
    with NothingNear(library.home, embedder=library.embedder) as worded:
        found = retriever(worded).retrieve("Was ist die Aufgabe des GAN?", k=5)
    assert [each.passage.document_id for each in found] == ["gan.md"]
