"""A library whose vectors are on a real Chroma server is the same library."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from knowledge import vectors
from knowledge.errors import LibraryError
from knowledge.library import SHARED, Library
from knowledge.vectors import VectorStore
from tests.fakes import HashingEmbedder, index, write_files
from tests.knowledge.chroma_server import chroma_run
from tests.knowledge.model_servers import free_port

EMBEDDER = HashingEmbedder()
DOCUMENTS = {
    "gan.md": "# GANs\n\nMode collapse: the generator produces few kinds of samples.\n",
    "vae.md": "# VAEs\n\nA variational autoencoder encodes its input as a distribution.\n",
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_run(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "documents", DOCUMENTS)


def opened(home: Path, url: str | None) -> Library:
    return Library(home, embedder=EMBEDDER.name, chroma_url=url)


def found(library: Library, question: str) -> list[str]:
    near = library.nearest(EMBEDDER.embed_query(question), k=5, scopes=[SHARED])
    return [passage.document_id for passage, _ in near]


def test_documents_are_published_found_and_removed(tmp_path: Path, url: str, folder: Path) -> None:
    with opened(tmp_path / "home", url) as library:
        index(library, folder)
        assert found(library, "mode collapse generator")[0].endswith("gan.md")
        ids = library.vectors.ids(scope=SHARED)
        assert len(ids) == library.catalog.count()[1] == 2
        (folder / "gan.md").unlink()
        index(library, folder)
        assert len(found(library, "mode collapse generator")) == 1
    assert not (tmp_path / "home" / "vectors").exists()
    with opened(tmp_path / "home", url) as again:
        assert found(again, "variational autoencoder") == [again.documents()[0].id]


def test_the_same_is_found_as_in_a_folder(tmp_path: Path, url: str, folder: Path) -> None:
    with opened(tmp_path / "a", url) as served, opened(tmp_path / "b", None) as embedded:
        for library in (served, embedded):
            index(library, folder)
        for question in ("mode collapse", "autoencoder", "samples of a distribution"):
            vector = EMBEDDER.embed_query(question)
            one, other = (
                {p.text: cosine for p, cosine in library.nearest(vector, k=5, scopes=[SHARED])}
                for library in (served, embedded)
            )
            assert one == pytest.approx(other, abs=1e-3)


def test_libraries_that_share_a_server_are_kept_apart(
    tmp_path: Path, url: str, folder: Path
) -> None:
    with opened(tmp_path / "a", url) as one, opened(tmp_path / "b", url) as other:
        index(one, folder)
        index(other, folder / "vae.md")
        assert len(one.vectors.ids(scope=SHARED)) == 2
        assert len(other.vectors.ids(scope=SHARED)) == 1
        with one.writing(rebuilding=True):
            one.vectors.discard()
        assert one.vectors.ids(scope=SHARED) == set()
        assert len(other.vectors.ids(scope=SHARED)) == 1
        one.erase(SHARED)
        assert found(other, "autoencoder")


def test_what_another_process_writes_is_seen(tmp_path: Path, url: str, folder: Path) -> None:
    with opened(tmp_path / "home", url) as reader, opened(tmp_path / "home", url) as writer:
        assert found(reader, "mode collapse") == []
        index(writer, folder)
        assert len(found(reader, "mode collapse")) == 2
        with writer.writing(rebuilding=True):
            assert writer.rebuild_vectors() == 2
        assert len(found(reader, "mode collapse")) == 2


def test_a_library_moves_to_a_server_and_back(tmp_path: Path, url: str, folder: Path) -> None:
    home = tmp_path / "home"
    with opened(home, None) as library:
        index(library, folder)
    for place in (url, None):
        with opened(home, place) as library:
            for use in (lambda library=library: found(library, "mode"), library.check_vectors):
                with pytest.raises(LibraryError, match=r"doctor --repair.*CHROMA_URL"):
                    use()
            with pytest.raises(LibraryError, match="CHROMA_URL"), library.writing():
                pass
            with library.writing(rebuilding=True):
                assert library.rebuild_vectors() == 2
            assert len(found(library, "mode collapse")) == 2


def test_more_vectors_than_one_request_takes_are_stored_whole(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "_SERVER_BATCH", 7)
    store = VectorStore(tmp_path, embedder="many", server=url)
    ids = [f"id-{n}" for n in range(40)]
    store.upsert(ids, EMBEDDER.embed_documents(ids), scope="shared")
    assert store.count(scope="shared") == 40
    store.delete(ids[5:], scope="shared")
    assert store.ids(scope="shared") == set(ids[:5])
    assert len(store.query(EMBEDDER.embed_query("id-1"), k=50, scope="shared")) == 5


def test_a_server_that_is_not_there_is_told_and_found_again(tmp_path: Path) -> None:
    port = free_port()
    store = VectorStore(tmp_path, embedder="e", server=f"http://127.0.0.1:{port}")

    def used() -> int:
        store.upsert(["a"], EMBEDDER.embed_documents(["a"]), scope="shared")
        return store.count(scope="shared")

    with pytest.raises(LibraryError, match=rf"{port} cannot be used .*Start it.*CHROMA_URL"):
        used()
    with ExitStack() as running:
        running.enter_context(chroma_run(tmp_path / "data", port=port))
        assert used() == 1
    with pytest.raises(LibraryError, match="Start it"):
        used()
    with chroma_run(tmp_path / "data", port=port):
        assert used() == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_silent_server_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(vectors, "_SERVER_TIMEOUT_S", 0.5)
    port = free_port()
    store = VectorStore(tmp_path, embedder="e", server=f"http://127.0.0.1:{port}")
    if known:
        with chroma_run(tmp_path / "data", port=port):
            assert store.count(scope="shared") == 0
    with socket.create_server(("127.0.0.1", port)):
        started = time.monotonic()
        with pytest.raises(LibraryError, match="cannot be used"):
            store.count(scope="shared")
        assert time.monotonic() - started < 5
