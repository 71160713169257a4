"""The catalogue is the truth about what lives, and says so clearly when it cannot be read."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.catalog import Catalog
from knowledge.catalog_file import SCHEMA_VERSION
from knowledge.errors import LibraryError
from knowledge.lookup import match_expression
from knowledge.switching import REMOVED, Switch
from knowledge.types import DocumentInfo, Location, Passage

NOW = datetime(2025, 5, 1, tzinfo=UTC)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite3")
    yield opened
    opened.close()


def publish(
    catalog: Catalog,
    document_id: str,
    *texts: str,
    revision: str = "",
    scope: str = "shared",
    title: str = "A title",
    headings: tuple[str, ...] = ("Heading",),
) -> DocumentInfo:
    revision = revision or f"{scope}-{document_id}-1"
    info = DocumentInfo(document_id, title, scope, len(texts), revision, digest="d")
    passages = [
        Passage(
            f"{revision}-{n}", document_id, title, text, Location(headings, 2, 7), n, scope=scope
        )
        for n, text in enumerate(texts)
    ]
    if not catalog.has_revision(revision):
        catalog.stage(info, passages, np.eye(len(texts), 8, dtype=np.float32), now=NOW)
    catalog.switch(Switch(document_id, scope, revision, "here", "added"), now=NOW)
    return info


def found(catalog: Catalog, question: str, *scopes: str) -> list[str]:
    return [each for each, _ in catalog.keyword(question, k=10, scopes=scopes or ("shared",))]


def test_a_staged_revision_does_not_answer_before_the_switch(catalog: Catalog) -> None:
    info = DocumentInfo("gan", "GANs", "shared", 1, "r1", digest="d")
    passage = Passage("r1-0", "gan", "GANs", "Two networks.", Location(), 0)
    catalog.stage(info, [passage], np.ones((1, 8), np.float32), now=NOW)
    assert catalog.passages(["r1-0"], scopes=["shared"]) == {}
    assert found(catalog, "networks") == []
    assert catalog.journal() == [("r1-0", "shared", "add")]

    catalog.switch(Switch("gan", "shared", "r1", "", "added"), now=NOW)
    assert catalog.passages(["r1-0"], scopes=["shared"]) == {"r1-0": passage}
    assert found(catalog, "networks") == ["r1-0"]
    assert catalog.journal() == []


def test_a_switch_retires_the_revision_before(catalog: Catalog) -> None:
    publish(catalog, "gan", "old words", revision="r1")
    publish(catalog, "gan", "new words", revision="r2")
    assert found(catalog, "words") == ["r2-0"]
    assert catalog.count() == (1, 1)
    assert catalog.journal() == [("r1-0", "shared", "remove")]
    old = catalog.passage("r1-0")
    assert old is not None
    assert old.text == "old words"


def test_words_of_titles_and_headings_find_a_passage(catalog: Catalog) -> None:
    publish(catalog, "a", "It is so.", title="Wasserstein", headings=("Mode collapse", "Remedies"))
    publish(catalog, "b", "It is so.")
    assert found(catalog, "wasserstein") == ["shared-a-1-0"]
    assert found(catalog, "which remedy helps?") == ["shared-a-1-0"]


def test_rarer_words_count_more(catalog: Catalog) -> None:
    publish(catalog, "a", "model model", "model", "the Wasserstein model", "one more model")
    assert found(catalog, "Wasserstein model")[0] == "shared-a-1-2"


def test_a_passage_is_read_back_as_it_was_stored(catalog: Catalog) -> None:
    publish(catalog, "a", 'Quotes "and" é\n\ttabs', headings=('A "quoted" one', "Ünder"))
    (passage,) = catalog.document_passages("a", scope="shared")
    assert passage.text == 'Quotes "and" é\n\ttabs'
    assert passage.location == Location(('A "quoted" one', "Ünder"), 2, 7)


def test_neighbours_stand_beside_a_passage_in_its_document(catalog: Catalog) -> None:
    publish(catalog, "a", "one", "two", "three")
    first, second, third = catalog.document_passages("a", scope="shared")
    assert catalog.neighbours(second) == (first, third)
    assert catalog.neighbours(first) == (None, second)


def test_scopes_do_not_see_each_other(catalog: Catalog) -> None:
    publish(catalog, "a", "shared words")
    publish(catalog, "a", "guild words", scope="guild-1")
    assert found(catalog, "words") == ["shared-a-1-0"]
    assert found(catalog, "words", "guild-1") == ["guild-1-a-1-0"]
    assert catalog.passages(["guild-1-a-1-0"], scopes=["shared"]) == {}
    assert catalog.document_passages("a", scope="guild-1")[0].text == "guild words"
    assert [each.scope for each in catalog.documents(scopes=["guild-1"])] == ["guild-1"]
    assert catalog.scopes() == ("guild-1", "shared")
    assert catalog.switch(Switch("a", "guild-1", None, action=REMOVED), now=NOW)
    assert found(catalog, "words") == ["shared-a-1-0"]


def test_vectors_come_back_nearly_as_they_were(catalog: Catalog) -> None:
    info = DocumentInfo("gan", "GANs", "shared", 1, "r1", digest="d")
    vector = np.random.default_rng(3).normal(size=(1, 64)).astype(np.float32)
    vector /= np.linalg.norm(vector)
    passage = Passage("r1-0", "gan", "GANs", "Two networks.", Location(), 0)
    catalog.stage(info, [passage], vector, now=NOW)
    stored = catalog.vectors(["r1-0", "unknown"])
    assert stored.keys() == {"r1-0"}
    assert float(stored["r1-0"] @ vector[0]) == pytest.approx(1.0, abs=1e-3)


def test_many_ids_are_looked_up_at_once(catalog: Catalog) -> None:
    publish(catalog, "a", "here")
    ids = [f"id-{n}" for n in range(2500)] + ["shared-a-1-0"]
    assert catalog.passages(ids, scopes=["shared"]).keys() == {"shared-a-1-0"}
    assert catalog.vectors(ids).keys() == {"shared-a-1-0"}


def test_prune_keeps_the_live_revision_and_the_last_before_it(catalog: Catalog) -> None:
    for revision in ("r1", "r2", "r3", "r1"):
        publish(catalog, "a", f"text of {revision}", revision=revision)
    catalog.prune("a", scope="shared", keep=2)
    assert catalog.has_revision("r1")  # live
    assert catalog.has_revision("r3")  # the last before it
    assert not catalog.has_revision("r2")
    assert catalog.passage("r2-0") is None


def test_every_switch_has_a_number_of_its_own(catalog: Catalog) -> None:
    assert catalog.version() == 0
    publish(catalog, "a", "one", revision="r1")
    publish(catalog, "a", "two", revision="r2")
    assert catalog.version() == 2
    assert catalog.switch(Switch("a", "shared", None, action=REMOVED), now=NOW)
    assert catalog.version() == 3
    assert not catalog.switch(Switch("a", "shared", None, action=REMOVED), now=NOW)
    assert catalog.version() == 3


def test_a_failed_transaction_leaves_nothing_behind(catalog: Catalog) -> None:
    publish(catalog, "a", "one", revision="r1")
    info = DocumentInfo("b", "B", "shared", 2, "r2", digest="d")
    twice = [Passage("r2-0", "b", "B", text, Location(), n) for n, text in enumerate("xy")]
    with pytest.raises(sqlite3.IntegrityError):
        catalog.stage(info, twice, np.ones((2, 8), np.float32), now=NOW)
    assert not catalog.has_revision("r2")
    assert catalog.journal() == []
    publish(catalog, "b", "x", "y", revision="r2")
    assert catalog.count() == (2, 3)


def test_a_question_asks_for_its_telling_words() -> None:
    assert match_expression("What is the mode collapse?") == '"mode" OR "collapse"'
    assert match_expression("what is it") == '"what" OR "is" OR "it"'
    assert match_expression("?!") == ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text(max_size=60) | st.text(alphabet="ab\"'*():^-+~ NEARORAND_", max_size=40))
def test_no_question_breaks_the_full_text_search(catalog: Catalog, question: str) -> None:
    catalog.keyword(question, k=3, scopes=["shared"])


# -- trouble with the file -----------------------------------------------------------------


def test_a_file_that_is_no_database_is_told_plainly(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    path.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(LibraryError, match=r"cannot be read.*'footnote restore"):
        Catalog(path)


def test_a_file_damaged_inside_is_told_plainly(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    catalog = Catalog(path)
    for n in range(40):
        publish(catalog, f"d{n}", *(f"words and more words {n} {m}" * 20 for m in range(8)))
    catalog.close()
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 60] = b"\xa5" * (4096 * 58)
    path.write_bytes(data)
    with pytest.raises(LibraryError, match=r"(?i)backup"):
        look_at_everything(path)


def look_at_everything(path: Path) -> None:
    catalog = Catalog(path)
    catalog.documents()
    catalog.keyword("words", k=5, scopes=["shared"])
    catalog.check()


def test_a_sound_file_passes_its_check(catalog: Catalog) -> None:
    publish(catalog, "a", "one")
    catalog.check()


def test_a_library_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    Catalog(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(LibraryError, match="newer Footnote"):
        Catalog(path)


def test_two_processes_may_make_the_same_library_at_once(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")
    opened: list[Catalog | Exception] = []

    def open_it() -> None:
        try:
            opened.append(Catalog(path))
        except LibraryError as error:
            opened.append(error)

    thread = threading.Thread(target=open_it)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive(), "it waits for the other one's transaction"
    schema = (Path(__file__).parents[2] / "knowledge" / "schema.sql").read_text("utf-8")
    for statement in schema.split(";\n"):
        other.execute(statement)
    other.execute("PRAGMA user_version = 1")
    other.execute("COMMIT")
    other.close()
    thread.join(20)
    assert isinstance(opened[0], Catalog), opened
    assert opened[0].count() == (0, 0)
    opened[0].close()


def test_threads_may_read_and_write_at_once(catalog: Catalog) -> None:
    errors: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(50):
                for each in catalog.documents(scopes=["shared"]):
                    assert len(catalog.document_passages(each.id, scope="shared")) in (0, 2)
        except BaseException as error:  # noqa: BLE001 - carried to the test's own thread
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(30):
        publish(catalog, f"d{n % 5}", "one", "two", revision=f"r{n}")
    for reader in readers:
        reader.join()
    assert errors == []
    assert catalog.count() == (5, 10)


def test_a_full_disk_is_told_plainly_and_changes_nothing(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite3")
    publish(catalog, "a", "words", revision="r1")
    (pages,) = catalog._db.execute("PRAGMA page_count").fetchone()
    catalog._db.execute(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(LibraryError, match="Make room"):
        publish(catalog, "b", *("many words " * 200 for _ in range(60)), revision="r2")
    assert found(catalog, "words") == ["r1-0"]
    assert not catalog.has_revision("r2")
    publish(catalog, "c", "few", revision="r3")
    catalog.close()


def test_a_catalogue_of_an_earlier_shape_is_brought_to_todays(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    first = resources.files("knowledge").joinpath("schema.sql").read_text("utf-8")
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"{first} PRAGMA user_version = 1;")
        db.execute("INSERT INTO revisions VALUES ('r', 'shared', 'a', 'd', 'A', '', '', '', 'now')")
        db.execute("INSERT INTO documents VALUES ('shared', 'a', 'r', '/notes')")
        db.commit()
    catalog = Catalog(path)
    stored = catalog.stored("r")
    assert stored is not None
    assert stored.origin == "/notes"
    publish(catalog, "b", "more words")
    assert [each.id for each in catalog.documents()] == ["a", "b"]
    catalog.close()


def test_whole_documents_are_found_by_all_their_words(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite3")
    publish(catalog, "a", "gradients vanish", "networks deepen", revision="r1")
    publish(catalog, "b", "gradients", revision="r2")
    both = catalog.keyword_documents("gradients of deep networks", k=5, scopes=["shared"])
    assert sorted(both) == [("shared", "a"), ("shared", "b")]
    assert both["shared", "a"] > both["shared", "b"]
    assert catalog.keyword_documents("gradients", k=5, scopes=["another"]) == {}
    catalog.close()


def test_a_changed_or_removed_document_leaves_none_of_its_old_words(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite3")
    publish(catalog, "a", "zebra", revision="r1")
    publish(catalog, "a", "giraffe", revision="r2")
    assert catalog.keyword_documents("zebra", k=5, scopes=["shared"]) == {}
    assert "giraff" in catalog.words()
    assert "zebra" not in catalog.words()
    catalog.switch(Switch("a", "shared", None), now=NOW)
    assert catalog.keyword_documents("giraffe", k=5, scopes=["shared"]) == {}
    assert catalog.holding("giraff", scopes=["shared"]) == ""
    catalog.close()


def test_a_scope_is_searched_whole_however_much_better_another_one_fits(catalog: Catalog) -> None:
    publish(catalog, "mine", "A network, among much else that this text speaks of at length.")
    for number in range(60):
        publish(catalog, f"theirs-{number}", "network", scope="guild", title="network")
    assert found(catalog, "network") == ["shared-mine-1-0"]
    assert list(catalog.keyword_documents("network", k=3, scopes=["shared"])) == [
        ("shared", "mine")
    ]
    assert len(catalog.keyword("network", k=10, scopes=["shared", "guild"])) == 10


def test_one_document_is_looked_up_by_its_id(catalog: Catalog) -> None:
    publish(catalog, "gan", "Two networks.")
    publish(catalog, "vae", "An encoder.")
    publish(catalog, "gan", "Another server's.", scope="guild")
    one = catalog.document("gan", scope="guild")
    assert one is not None
    assert (one.id, one.scope, one.passages) == ("gan", "guild", 1)
    assert catalog.document("none", scope="shared") is None
