"""Publishing, removing and going back are each one switch, whatever else happens."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.embed import Vectors
from knowledge.errors import LibraryError, LibraryLockedError
from knowledge.library import SHARED, Library
from knowledge.types import DocumentInfo, Location, Passage
from knowledge.vectors import VectorStore
from tests.fakes import HashingEmbedder

REPOSITORY = Path(__file__).parents[2]
EMBEDDER = HashingEmbedder()


def publish(
    library: Library, document_id: str, *texts: str, revision: str, scope: str = SHARED
) -> DocumentInfo:
    info = DocumentInfo(
        document_id, document_id.title(), scope, len(texts), revision, origin="here", digest="d"
    )
    passages = [
        Passage(f"{revision}-{n}", document_id, info.title, text, Location(), n, scope=scope)
        for n, text in enumerate(texts)
    ]
    stored = library.catalog.has_revision(revision)
    with library.writing():
        library.publish(
            info,
            () if stored else passages,
            EMBEDDER.embed_documents([] if stored else list(texts)) if not stored else _NONE,
            action="added",
        )
    return info


_NONE: Vectors = np.zeros((0, 0), np.float32)


def nearest(
    library: Library, text: str, *, k: int = 5, scopes: Sequence[str] = (SHARED,)
) -> list[str]:
    hits = library.nearest(EMBEDDER.embed_query(text), k=k, scopes=scopes)
    return [passage.text for passage, _ in hits]


def worded(library: Library, text: str, *, scopes: Sequence[str] = (SHARED,)) -> list[str]:
    return [passage.text for passage, _ in library.keyword(text, k=5, scopes=scopes)]


# -- publishing, removing, going back ------------------------------------------------------


def test_a_published_document_answers_both_ways(library: Library) -> None:
    publish(library, "gan", "mode collapse", "two networks", revision="r1")
    assert nearest(library, "mode collapse", k=1) == ["mode collapse"]
    assert worded(library, "collapse") == ["mode collapse"]
    assert [each.id for each in library.documents()] == ["gan"]
    assert library.documents()[0].passages == 2
    assert [each.text for each in library.passages("gan")] == ["mode collapse", "two networks"]


def test_a_new_revision_takes_the_old_ones_place(library: Library) -> None:
    publish(library, "gan", "old words", revision="r1")
    version = library.version
    publish(library, "gan", "new words", revision="r2")
    assert nearest(library, "words") == worded(library, "words") == ["new words"]
    assert library.vectors.ids(scope=SHARED) == {"r2-0"}
    assert library.catalog.journal() == []
    assert int(library.version) > int(version)


def test_going_back_to_a_revision_needs_no_model(library: Library) -> None:
    first = publish(library, "gan", "old words", revision="r1")
    publish(library, "gan", "new words", revision="r2")
    with library.writing():
        library.reinstate(first, action="rolled back")
    assert nearest(library, "words") == worded(library, "words") == ["old words"]
    assert library.vectors.ids(scope=SHARED) == {"r1-0"}
    ((_, cosine),) = library.nearest(EMBEDDER.embed_query("old words"), k=1, scopes=[SHARED])
    assert cosine == pytest.approx(1.0, abs=2e-3)


def test_a_removed_document_answers_no_more_but_can_be_quoted_still(library: Library) -> None:
    publish(library, "gan", "mode collapse", revision="r1")
    publish(library, "vae", "latent space", revision="r2")
    with library.writing():
        assert library.remove("gan")
        assert not library.remove("gan")
    assert nearest(library, "mode collapse") == ["latent space"]
    assert worded(library, "mode collapse") == []
    assert library.vectors.ids(scope=SHARED) == {"r2-0"}
    kept = library.passage("r1-0")
    assert kept is not None
    assert kept.text == "mode collapse"


def test_only_the_last_revisions_are_kept(tmp_path: Path) -> None:
    with Library(tmp_path / "home", embedder=EMBEDDER.name, keep_revisions=2) as library:
        for n in range(5):
            publish(library, "gan", f"text {n}", revision=f"r{n}")
        kept = [n for n in range(5) if library.catalog.has_revision(f"r{n}")]
        assert kept == [3, 4]
        assert library.passage("r0-0") is None
        assert nearest(library, "text") == ["text 4"]


def test_publishing_the_same_revision_again_changes_nothing_that_answers(library: Library) -> None:
    publish(library, "gan", "mode collapse", revision="r1")
    publish(library, "gan", revision="r1")
    assert nearest(library, "collapse") == worded(library, "collapse") == ["mode collapse"]
    assert library.catalog.count() == (1, 1)


# -- scopes --------------------------------------------------------------------------------


def test_a_document_of_another_scope_is_never_found(library: Library) -> None:
    publish(library, "a", "shared words", revision="r1")
    publish(library, "a", "words of one guild", revision="r2", scope="guild-1")
    publish(library, "a", "words of another guild", revision="r3", scope="guild-2")
    for find in (nearest, worded):
        assert find(library, "words guild") == ["shared words"]
        assert set(find(library, "words guild", scopes=[SHARED, "guild-1"])) == {
            "shared words",
            "words of one guild",
        }
        assert find(library, "words guild", scopes=[]) == []


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    question=st.text(alphabet="ab c", max_size=8),
    scopes=st.sets(st.sampled_from(["shared", "guild-1", "guild-2", "nowhere"])),
    k=st.integers(1, 30),
)
def test_no_search_leaves_its_scopes(
    three_scopes: Library, question: str, scopes: set[str], k: int
) -> None:
    asked = sorted(scopes)
    near = three_scopes.nearest(EMBEDDER.embed_query(question), k=k, scopes=asked)
    by_words = three_scopes.keyword(question, k=k, scopes=asked)
    assert {passage.scope for passage, _ in [*near, *by_words]} <= scopes
    assert len(near) == min(k, 8 * len(scopes - {"nowhere"}))


@pytest.fixture(scope="module")
def three_scopes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    words = ["a", "b", "c", "a b", "b c", "a c", "a b c", "c b"]
    with Library(tmp_path_factory.mktemp("scopes"), embedder=EMBEDDER.name) as library:
        for scope in ("shared", "guild-1", "guild-2"):
            publish(library, "same id", *words, revision=f"r-{scope}", scope=scope)
        yield library


# -- what a crash leaves -------------------------------------------------------------------


class StoppingStore(VectorStore):
    """A vector store at which the process stops when told to."""

    stop_at = ""

    def upsert(self, ids: Sequence[str], vectors: Vectors, *, scope: str) -> None:
        if self.stop_at == "before upsert":
            raise InterruptedError
        if self.stop_at == "amid upsert":
            super().upsert(ids[:1], vectors[:1], scope=scope)
            raise InterruptedError
        super().upsert(ids, vectors, scope=scope)
        if self.stop_at == "after upsert":
            raise InterruptedError

    def delete(self, ids: Sequence[str], *, scope: str) -> None:
        if self.stop_at == "before delete":
            raise InterruptedError
        super().delete(ids, scope=scope)
        if self.stop_at == "after delete":
            raise InterruptedError


@pytest.mark.parametrize("stop_at", ["before upsert", "amid upsert", "after upsert"])
def test_an_addition_that_was_stopped_is_undone(library: Library, stop_at: str) -> None:
    publish(library, "gan", "old words", "more old", revision="r1")
    library.vectors = StoppingStore(library.home / "vectors", embedder=EMBEDDER.name)
    library.vectors.stop_at = stop_at
    with pytest.raises(InterruptedError):
        publish(library, "gan", "new words", "more new", revision="r2")
    assert nearest(library, "new words", k=1) == ["old words"]
    assert set(nearest(library, "words")) == {"old words", "more old"}
    assert worded(library, "words") == ["old words"]

    library.vectors.stop_at = ""
    with library.writing():
        assert library.catalog.journal() == []
    assert not library.catalog.has_revision("r2")
    assert library.vectors.ids(scope=SHARED) == {"r1-0", "r1-1"}
    publish(library, "gan", "new words", "more new", revision="r2")
    assert nearest(library, "new words", k=1) == ["new words"]


@pytest.mark.parametrize("stop_at", ["before delete", "after delete"])
def test_a_switch_whose_sweep_was_stopped_is_finished(library: Library, stop_at: str) -> None:
    publish(library, "gan", "old words", revision="r1")
    library.vectors = StoppingStore(library.home / "vectors", embedder=EMBEDDER.name)
    library.vectors.stop_at = stop_at
    with pytest.raises(InterruptedError):
        publish(library, "gan", "new words", revision="r2")
    assert nearest(library, "words") == worded(library, "words") == ["new words"]

    library.vectors.stop_at = ""
    with library.writing():
        assert library.catalog.journal() == []
    assert library.vectors.ids(scope=SHARED) == {"r2-0"}
    assert library.catalog.has_revision("r1"), "it is kept for roll-back"


def test_a_revision_stopped_on_its_way_back_stays_the_old_one(library: Library) -> None:
    first = publish(library, "gan", "old words", revision="r1")
    publish(library, "gan", "new words", revision="r2")
    library.vectors = StoppingStore(library.home / "vectors", embedder=EMBEDDER.name)
    library.vectors.stop_at = "after upsert"
    with pytest.raises(InterruptedError), library.writing():
        library.reinstate(first, action="rolled back")
    assert nearest(library, "words") == ["new words"]
    library.vectors.stop_at = ""
    with library.writing():
        pass
    assert library.vectors.ids(scope=SHARED) == {"r2-0"}
    with library.writing():
        library.reinstate(first, action="rolled back")
    assert nearest(library, "words") == ["old words"]


def test_vectors_that_do_not_live_crowd_none_out(library: Library) -> None:
    publish(library, "gan", "mode collapse", revision="r1")
    dead = [f"dead-{n}" for n in range(200)]
    library.vectors.upsert(dead, EMBEDDER.embed_documents(["mode collapse"] * 200), scope=SHARED)
    assert nearest(library, "mode collapse", k=3) == ["mode collapse"]


def test_the_vector_store_is_built_anew_from_the_catalogue(library: Library) -> None:
    publish(library, "gan", "mode collapse", "two networks", revision="r1")
    publish(library, "vae", "latent space", revision="r2", scope="guild-1")
    library.vectors.delete(["r1-0"], scope=SHARED)
    library.vectors.upsert(["dead"], EMBEDDER.embed_documents(["x"]), scope=SHARED)
    with library.writing():
        assert library.rebuild_vectors() == 3
    assert library.vectors.ids(scope=SHARED) == {"r1-0", "r1-1"}
    assert nearest(library, "mode collapse", k=1) == ["mode collapse"]
    assert nearest(library, "latent", scopes=["guild-1"]) == ["latent space"]


def _overwrite(files: Iterable[Path]) -> None:
    for file in list(files):
        data = bytearray(file.read_bytes())
        data[100:] = b"\xa5" * (len(data) - 100)
        file.write_bytes(data)


def damage_index(folder: Path) -> None:
    _overwrite(folder.rglob("*.bin"))


def damage_file(folder: Path) -> None:
    (folder / "chroma.sqlite3").write_bytes(b"no database" * 1000)


def damage_pages(folder: Path) -> None:
    _overwrite(folder.glob("chroma.sqlite3"))


def lose_index(folder: Path) -> None:
    for inside in list(folder.iterdir()):
        if inside.is_dir():
            shutil.rmtree(inside)


def lose_everything(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "damage", [damage_index, damage_file, damage_pages, lose_index, lose_everything]
)
def test_a_damaged_vector_store_is_built_anew(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    # Texts of one word that differs would be a few clusters of equal vectors here, between which
    # the graph of neighbours has hardly an edge.
    texts = [" ".join(f"word{n * step % 997}" for step in range(1, 9)) for n in range(1200)]
    with Library(tmp_path / "before", embedder=EMBEDDER.name) as library:
        publish(library, "gan", *texts, revision="r1")
    # Chroma keeps a folder's files open and cached in a process: damage a copy of it.
    shutil.copytree(tmp_path / "before", tmp_path / "home")
    damage(tmp_path / "home" / "vectors")
    with Library(tmp_path / "home", embedder=EMBEDDER.name) as library:
        with library.writing():
            assert library.rebuild_vectors() == len(texts)
        assert library.vectors.count(scope=SHARED) == len(texts)
        wanted = EMBEDDER.embed_query(texts[700])
        ((_, cosine),) = library.nearest(wanted, k=1, scopes=[SHARED])
        assert cosine == pytest.approx(1.0, abs=2e-3)


# -- one writer, one embedder --------------------------------------------------------------


def test_a_second_writer_is_refused_while_the_first_writes(library: Library) -> None:
    with Library(library.home, embedder=EMBEDDER.name) as second:
        with library.writing(), pytest.raises(LibraryLockedError, match="Wait"), second.writing():
            pytest.fail("two are writing")
        with second.writing():
            pass


def test_a_second_thread_is_refused_too(library: Library) -> None:
    outcome: list[str] = []

    def write() -> None:
        try:
            with library.writing():
                outcome.append("wrote")
        except LibraryLockedError:
            outcome.append("refused")

    with library.writing():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert outcome == ["refused"]
    write()
    assert outcome == ["refused", "wrote"]


def test_another_process_is_refused_too(library: Library) -> None:
    script = (
        "import sys; from pathlib import Path; from knowledge.library import Library\n"
        "from knowledge.errors import LibraryLockedError\n"
        f"library = Library(Path(sys.argv[1]), embedder={EMBEDDER.name!r})\n"
        "try:\n"
        "    with library.writing(): print('wrote')\n"
        "except LibraryLockedError: print('refused')"
    )
    command = [sys.executable, "-c", script, str(library.home)]

    def outcome() -> str:
        return subprocess.run(
            command, cwd=REPOSITORY, capture_output=True, text=True, check=True
        ).stdout.strip()

    with library.writing():
        assert outcome() == "refused"
    assert outcome() == "wrote"


def test_a_reader_is_not_kept_waiting_by_a_writer(library: Library) -> None:
    publish(library, "gan", "mode collapse", revision="r1")
    with Library(library.home, embedder=EMBEDDER.name) as reader, library.writing():
        assert nearest(reader, "mode collapse") == ["mode collapse"]


def test_a_library_is_never_mixed_of_two_embedders(library: Library) -> None:
    publish(library, "gan", "mode collapse", revision="r1")
    with (
        Library(library.home, embedder="another") as other,
        pytest.raises(LibraryError, match=r"made with hashing-64.*another"),
        other.writing(),
    ):
        pytest.fail("vectors of two models would be mixed")


def test_a_search_with_another_embedder_is_refused(library: Library) -> None:
    publish(library, "gan", "mode collapse", revision="r1")
    with (
        Library(library.home, embedder="another") as other,
        pytest.raises(LibraryError, match=r"made with hashing-64.*another"),
    ):
        other.nearest(np.ones(8, np.float32), k=3, scopes=[SHARED])


def test_an_empty_library_answers_nothing_and_has_version_0(library: Library) -> None:
    assert nearest(library, "anything") == worded(library, "anything") == []
    assert library.version == "0"
    assert library.documents() == ()
    assert library.passage("r1-0") is None


def test_a_folder_that_cannot_be_made_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LibraryError, match="--home"):
        Library(tmp_path / "file" / "home", embedder="e")


def test_a_document_keeps_its_facts(library: Library) -> None:
    info = DocumentInfo(
        "gan", "GANs", SHARED, 1, "r1", "2025-05-01", "https://example.org", "Short.", "here", "d"
    )
    passage = Passage("r1-0", "gan", "GANs", "words", Location(("A", "B"), 3, 9), 0)
    with library.writing():
        library.publish(info, [passage], EMBEDDER.embed_documents(["words"]), action="added")
    assert library.documents() == (info,)
    dated = replace(passage, updated="2025-05-01", source="https://example.org")
    assert library.passages("gan") == (dated,)
