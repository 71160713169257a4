"""The vector store finds what is near, keeps scopes apart and survives a restart."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from knowledge.errors import LibraryError
from knowledge.vectors import VectorStore, collection_name
from tests.fakes import HashingEmbedder

EMBEDDER = HashingEmbedder()
TEXTS = ("mode collapse of generators", "latent space of an autoencoder", "attention heads")


@pytest.fixture
def store(tmp_path: Path) -> VectorStore:
    made = VectorStore(tmp_path / "vectors", embedder=EMBEDDER.name)
    made.upsert(["a", "b", "c"], EMBEDDER.embed_documents(TEXTS), scope="shared")
    return made


def test_the_nearest_comes_first_with_its_cosine(store: VectorStore) -> None:
    question = EMBEDDER.embed_query("latent space")
    found = store.query(question, k=3, scope="shared")
    assert found[0][0] == "b"
    for chunk_id, cosine in found:
        exact = float(EMBEDDER.embed_query(TEXTS["abc".index(chunk_id)]) @ question)
        assert cosine == pytest.approx(exact, abs=1e-3)


def test_more_may_be_asked_for_than_there_is(store: VectorStore) -> None:
    assert len(store.query(EMBEDDER.embed_query("heads"), k=50, scope="shared")) == 3
    assert store.query(EMBEDDER.embed_query("heads"), k=50, scope="empty") == []


def test_a_vector_is_replaced_under_its_id(store: VectorStore) -> None:
    store.upsert(["a"], EMBEDDER.embed_documents(["diffusion noise"]), scope="shared")
    assert store.count(scope="shared") == 3
    ((nearest, cosine),) = store.query(EMBEDDER.embed_query("diffusion noise"), k=1, scope="shared")
    assert nearest == "a"
    assert cosine == pytest.approx(1.0, abs=1e-3)


def test_removed_vectors_are_not_found_and_unknown_ids_are_no_error(store: VectorStore) -> None:
    store.delete(["b", "never there"], scope="shared")
    assert store.ids(scope="shared") == {"a", "c"}
    store.delete([], scope="shared")
    store.delete(["a"], scope="no such scope")
    assert store.ids(scope="shared") == {"a", "c"}


def test_scopes_and_embedders_have_collections_of_their_own(
    store: VectorStore, tmp_path: Path
) -> None:
    store.upsert(["x"], EMBEDDER.embed_documents(["latent space"]), scope="guild-1")
    assert store.ids(scope="shared") == {"a", "b", "c"}
    assert store.ids(scope="guild-1") == {"x"}
    other = VectorStore(tmp_path / "vectors", embedder="another")
    assert other.ids(scope="shared") == set()


def test_a_store_opened_anew_holds_what_was_stored(store: VectorStore, tmp_path: Path) -> None:
    again = VectorStore(tmp_path / "vectors", embedder=EMBEDDER.name)
    assert again.ids(scope="shared") == {"a", "b", "c"}


def test_more_vectors_than_one_batch_takes_are_stored_whole(tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "vectors", embedder="tiny")
    count = store._client.get_max_batch_size() + 10
    angles = np.linspace(0, np.pi, count, dtype=np.float32)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    ids = [f"id-{n}" for n in range(count)]
    store.upsert(ids, vectors, scope="shared")
    assert store.count(scope="shared") == count
    store.delete(ids[5:], scope="shared")
    assert store.ids(scope="shared") == set(ids[:5])


@pytest.mark.parametrize("scope", ["shared", "guild-123456789012345678", "", "ünïcode / scope"])
def test_any_scope_has_a_name_that_chroma_takes(scope: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,61}[a-zA-Z0-9]", collection_name(scope, "e"))


def test_a_store_that_cannot_be_opened_says_how_it_is_repaired(tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    folder.mkdir()
    (folder / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(LibraryError, match="doctor --repair"):
        VectorStore(folder, embedder="e").count(scope="shared")


def test_a_damaged_store_says_how_it_is_repaired(tmp_path: Path) -> None:
    before = VectorStore(tmp_path / "before", embedder="e")
    texts = [f"text {n}" for n in range(1200)]
    before.upsert(texts, EMBEDDER.embed_documents(texts), scope="shared")
    # Chroma keeps a folder's files open and cached in a process: damage a copy of it.
    folder = tmp_path / "vectors"
    shutil.copytree(tmp_path / "before", folder)
    for file in folder.rglob("*.bin"):
        file.unlink()
    store = VectorStore(folder, embedder="e")
    for use in (
        lambda: store.query(EMBEDDER.embed_query("text 1"), k=1, scope="shared"),
        lambda: store.upsert(["new"], EMBEDDER.embed_documents(["new"]), scope="shared"),
        lambda: store.count(scope="shared"),
    ):
        with pytest.raises(LibraryError, match="doctor --repair"):
            use()
    store.discard()
    store.upsert(["new"], EMBEDDER.embed_documents(["new"]), scope="shared")
    assert store.ids(scope="shared") == {"new"}
