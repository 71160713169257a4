"""Files to a library: only what changed is done, and nothing is lost that was good."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from indexer.discover import SHIPPED
from indexer.plan import plan
from indexer.receipt import Progress
from indexer.sync import run, run_together
from knowledge.config import DOCUMENTS
from knowledge.embed import Vectors
from knowledge.errors import DocumentError, LibraryLockedError, UsageError
from knowledge.history import document_back
from knowledge.library import SHARED, Library
from knowledge.switching import Switch
from tests.fakes import HashingEmbedder, IdleEmbedder, index, write_files

GAN = "# GANs\n\nMode collapse means few kinds of samples.\n"
VAE = "# VAEs\n\nThe latent space is smooth.\n"
RNN = "# RNNs\n\nA hidden state is carried along.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "documents", {"gan.md": GAN, "vae.md": VAE, "in/rnn.md": RNN})


def ids(library: Library, *, scope: str = SHARED) -> list[str]:
    return [each.id for each in library.documents(scopes=[scope])]


def answers(library: Library, question: str, *, scope: str = SHARED) -> list[str]:
    vector = HashingEmbedder().embed_query(question)
    near = library.nearest(vector, k=1, scopes=[scope])
    return [passage.text for passage, _ in near]


def same(library: Library, *paths: Path) -> None:
    """A further run changes nothing and embeds nothing."""
    version = library.version
    receipt = index(library, *paths, embedder=IdleEmbedder())
    assert (receipt.added, receipt.changed, receipt.removed) == ((), (), ())
    assert receipt.embedded == 0
    assert library.version == version


# -- what is done --------------------------------------------------------------------------


def test_a_first_run_adds_everything(library: Library, folder: Path) -> None:
    receipt = index(library, folder)
    assert sorted(receipt.added) == ids(library) == ["gan.md", "in/rnn.md", "vae.md"]
    assert receipt.passages == receipt.embedded == 3
    assert receipt.version_before == "0"
    assert receipt.version_after == library.version == "3"
    assert answers(library, "mode collapse") == ["Mode collapse means few kinds of samples."]


def test_a_second_run_embeds_nothing(library: Library, folder: Path) -> None:
    index(library, folder)
    receipt = index(library, folder, embedder=IdleEmbedder())
    assert sorted(receipt.unchanged) == ["gan.md", "in/rnn.md", "vae.md"]
    assert receipt.version_before == receipt.version_after


def test_touching_a_file_is_no_change(library: Library, folder: Path) -> None:
    index(library, folder)
    os.utime(folder / "gan.md", (1, 1))
    same(library, folder)


def test_a_changed_file_touches_its_document_only(library: Library, folder: Path) -> None:
    index(library, folder)
    before = {each.id: each.revision for each in library.documents()}
    (folder / "gan.md").write_text(GAN.replace("few kinds", "hardly any kind"))
    embedder = HashingEmbedder()
    receipt = index(library, folder, embedder=embedder)
    assert receipt.changed == ("gan.md",)
    assert receipt.added == receipt.removed == ()
    assert receipt.embedded == embedder.embedded == 1
    after = {each.id: each.revision for each in library.documents()}
    assert {each for each in after if after[each] != before[each]} == {"gan.md"}
    assert answers(library, "mode collapse") == ["Mode collapse means hardly any kind of samples."]


def test_an_old_version_comes_back_without_embedding(library: Library, folder: Path) -> None:
    index(library, folder)
    (folder / "gan.md").write_text("# GANs\n\nSomething else.\n")
    index(library, folder)
    (folder / "gan.md").write_text(GAN)
    receipt = index(library, folder, embedder=IdleEmbedder())
    assert receipt.changed == ("gan.md",)
    assert receipt.embedded == 0
    assert answers(library, "mode collapse") == ["Mode collapse means few kinds of samples."]


def test_a_removed_file_comes_back_without_embedding(library: Library, folder: Path) -> None:
    index(library, folder)
    (folder / "gan.md").unlink()
    assert index(library, folder).removed == ("gan.md",)
    assert ids(library) == ["in/rnn.md", "vae.md"]
    (folder / "gan.md").write_text(GAN)
    assert index(library, folder, embedder=IdleEmbedder()).added == ("gan.md",)
    assert answers(library, "mode collapse") == ["Mode collapse means few kinds of samples."]


def test_old_revisions_are_forgotten_after_a_while(tmp_path: Path, folder: Path) -> None:
    with Library(tmp_path / "few", embedder="hashing-64", keep_revisions=2) as library:
        passages = []
        for n in range(4):
            (folder / "gan.md").write_text(f"# GANs\n\nVersion {n}.\n")
            index(library, folder)
            passages.append(library.passages("gan.md")[0].id)
        kept = [library.passage(each) is not None for each in passages]
        assert kept == [False, False, True, True]


def test_a_plan_changes_nothing(library: Library, folder: Path) -> None:
    planned = plan([folder], library=library)
    assert [each.id for each in planned.added] == ["gan.md", "in/rnn.md", "vae.md"]
    assert ids(library) == []
    assert library.version == "0"


def test_progress_is_told_document_by_document(library: Library, folder: Path) -> None:
    seen: list[Progress] = []
    planned = plan([folder], library=library)
    run(planned, library=library, embedder=HashingEmbedder(), progress=seen.append)
    assert [(each.documents, each.of) for each in seen] == [(1, 3), (2, 3), (3, 3)]
    assert seen[-1].passages == 3


def test_a_document_brings_its_facts(library: Library, tmp_path: Path) -> None:
    text = (
        "---\ntitle: About GANs\nsummary: Short.\nupdated: 2025-05-01\n"
        "source: https://example.org/gan\n---\n## Training\n\nIt is unstable.\n"
    )
    index(library, write_files(tmp_path / "documents", {"gan.md": text}))
    (info,) = library.documents()
    assert (info.title, info.summary, info.updated) == ("About GANs", "Short.", "2025-05-01")
    (passage,) = library.passages("gan.md")
    assert passage.location.headings == ("Training",)
    assert passage.updated == "2025-05-01"


# -- removal -------------------------------------------------------------------------------


def test_only_what_came_from_a_folder_is_removed_with_it(
    library: Library, folder: Path, tmp_path: Path
) -> None:
    other = write_files(tmp_path / "other", {"gpt.md": "# GPT\n\nIt predicts tokens.\n"})
    index(library, folder, other)
    (folder / "gan.md").unlink()
    (other / "gpt.md").write_text("# GPT\n\nIt predicts the next token.\n")
    assert index(library, folder).removed == ("gan.md",)
    assert ids(library) == ["gpt.md", "in/rnn.md", "vae.md"]


def test_an_emptied_folder_is_refused(library: Library, folder: Path) -> None:
    index(library, folder)
    for file in folder.rglob("*.md"):
        file.unlink()
    with pytest.raises(DocumentError, match="holds no document any more, and 3"):
        index(library, folder)
    assert len(ids(library)) == 3


def test_a_folder_that_has_gone_is_refused(library: Library, folder: Path) -> None:
    index(library, folder)
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(UsageError, match="does not exist"):
        index(library, folder)
    assert len(ids(library)) == 3


def test_an_empty_folder_that_never_held_anything_is_no_error(
    library: Library, tmp_path: Path
) -> None:
    index(library, write_files(tmp_path / "empty", {}))
    assert ids(library) == []


class Watching(HashingEmbedder):
    """An embedder that looks at the library whenever it is asked for vectors."""

    def __init__(self, library: Library) -> None:
        super().__init__(library.embedder)
        self._library = library
        self.seen: list[list[str]] = []

    def embed_documents(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        self.seen.append(answers(self._library, "mode collapse"))
        return super().embed_documents(texts, progress=progress)


def test_a_renamed_file_answers_all_the_while(library: Library, folder: Path) -> None:
    index(library, folder)
    (folder / "gan.md").rename(folder / "gans.md")
    watching = Watching(library)
    receipt = index(library, folder, embedder=watching)
    assert receipt.added == ("gans.md",)
    assert receipt.removed == ("gan.md",)
    assert watching.seen == [["Mode collapse means few kinds of samples."]]


# -- the same id from two places -----------------------------------------------------------


def test_documents_of_the_same_name_do_not_push_each_other_out(
    library: Library, tmp_path: Path
) -> None:
    folders = [
        write_files(tmp_path / name, {"a.md": f"# A\n\nThe text of {word}.\n"})
        for name, word in (("one", "one"), ("two", "two"), ("x/same", "three"), ("y/same", "four"))
    ]
    for each in folders:
        index(library, each)
    texts = {library.passages(each)[0].text for each in ids(library)}
    assert texts == {f"The text of {word}." for word in ("one", "two", "three", "four")}
    for each in folders:
        same(library, each)
    same(library, *folders)


def test_they_keep_their_ids_when_named_together(library: Library, tmp_path: Path) -> None:
    folders = [
        write_files(tmp_path / name, {"a.md": f"# A\n\nThe text of {name}.\n"})
        for name in ("one", "two", "x/two", "y/two")
    ]
    index(library, *folders)
    assert len(ids(library)) == 4
    same(library, *folders)
    same(library, *reversed(folders))


def test_records_of_several_files_may_have_the_same_id(library: Library, tmp_path: Path) -> None:
    record = '{{"id": "1", "text": "The text of {}."}}'
    folder = write_files(
        tmp_path / "all", {f"{n}.jsonl": record.format(n) for n in ("one", "two", "three")}
    )
    index(library, folder)
    texts = {library.passages(each)[0].text for each in ids(library)}
    assert texts == {"The text of one.", "The text of two.", "The text of three."}
    same(library, folder)


def test_a_path_named_twice_is_read_once(library: Library, folder: Path) -> None:
    index(library, folder, folder, folder / ".." / folder.name)
    assert ids(library) == ["gan.md", "in/rnn.md", "vae.md"]


def test_a_moved_folder_keeps_its_documents(library: Library, folder: Path) -> None:
    index(library, folder)
    moved = folder.rename(folder.with_name("moved"))
    receipt = index(library, moved, embedder=IdleEmbedder())
    assert receipt.added == receipt.changed == receipt.removed == ()
    assert ids(library) == ["gan.md", "in/rnn.md", "vae.md"]
    assert {each.origin for each in library.documents()} == {str(moved)}
    (moved / "gan.md").unlink()
    assert index(library, moved).removed == ("gan.md",)


# -- the same file from two places -----------------------------------------------------------


def test_a_file_of_an_indexed_folder_stays_one_document(library: Library, folder: Path) -> None:
    index(library, folder)
    same(library, folder / "gan.md")
    same(library, folder / "in" / "rnn.md")
    same(library, folder / "in")
    same(library, folder, folder / "gan.md")
    (folder / "in" / "rnn.md").write_text(RNN.replace("carried", "passed"))
    assert index(library, folder / "in" / "rnn.md").changed == ("in/rnn.md",)
    assert ids(library) == ["gan.md", "in/rnn.md", "vae.md"]
    same(library, folder)


def test_a_file_and_then_its_folder_are_one_document(library: Library, folder: Path) -> None:
    index(library, folder / "gan.md", folder / "in" / "rnn.md")
    index(library, folder)
    assert ids(library) == ["gan.md", "in/rnn.md", "vae.md"]
    assert {each.origin for each in library.documents()} == {str(folder)}
    same(library, folder)


def test_a_folder_and_then_the_one_around_it_are_one(library: Library, folder: Path) -> None:
    index(library, folder / "in")
    assert ids(library) == ["rnn.md"]
    index(library, folder)
    assert ids(library) == ["gan.md", "in/rnn.md", "vae.md"]
    (folder / "in" / "lstm.md").write_text("# LSTMs\n\nThey have gates.\n")
    (folder / "in" / "rnn.md").unlink()
    receipt = index(library, folder / "in")
    assert receipt.added == ("in/lstm.md",)
    assert receipt.removed == ("in/rnn.md",)
    same(library, folder)


def test_records_of_an_indexed_folder_stay_one_document_each(
    library: Library, tmp_path: Path
) -> None:
    text = "\n".join(map(json.dumps, RECORDS))
    folder = write_files(tmp_path / "all", {"r.jsonl": text, "gan.md": GAN})
    index(library, folder)
    same(library, folder / "r.jsonl")
    assert ids(library) == ["gan.md", "r0", "r1", "r2"]


def test_a_hidden_file_that_is_named_itself_is_not_the_folders(
    library: Library, folder: Path
) -> None:
    index(library, folder)
    index(library, write_files(folder, {".notes.md": VAE}) / ".notes.md")
    assert ".notes.md" in ids(library)
    same(library, folder)
    assert ".notes.md" in ids(library)


# -- what a person took back or out -----------------------------------------------------------


def rolled_back(library: Library, document_id: str, version: int | None = None) -> None:
    with library.writing():
        library.change(document_back(library, document_id, scope=SHARED, version=version))


def test_a_document_that_was_rolled_back_stays_so_until_its_file_changes(
    library: Library, folder: Path
) -> None:
    index(library, folder)
    (folder / "gan.md").write_text(GAN.replace("few kinds", "worse"))
    index(library, folder)
    rolled_back(library, "gan.md")
    for _ in range(2):
        receipt = index(library, folder, embedder=IdleEmbedder())
        assert receipt.held == ("gan.md",)
        assert receipt.changed == ()
        assert answers(library, "mode collapse") == ["Mode collapse means few kinds of samples."]
    (folder / "gan.md").write_text(GAN.replace("few kinds", "hardly any kind"))
    receipt = index(library, folder)
    assert receipt.changed == ("gan.md",)
    assert receipt.held == ()
    same(library, folder)


def test_naming_the_file_itself_lets_it_in_again(library: Library, folder: Path) -> None:
    index(library, folder)
    (folder / "gan.md").write_text(GAN.replace("few kinds", "worse"))
    index(library, folder)
    rolled_back(library, "gan.md")
    assert index(library, folder / "gan.md").changed == ("gan.md",)
    same(library, folder)


def test_a_document_that_was_removed_by_hand_stays_out_and_can_be_had_back(
    library: Library, folder: Path
) -> None:
    index(library, folder)
    with library.writing():
        library.remove("gan.md")
    receipt = index(library, folder, embedder=IdleEmbedder())
    assert receipt.held == ("gan.md",)
    assert ids(library) == ["in/rnn.md", "vae.md"]
    rolled_back(library, "gan.md")
    same(library, folder)
    assert ids(library) == ["gan.md", "in/rnn.md", "vae.md"]
    (folder / "gan.md").unlink()
    assert index(library, folder).removed == ("gan.md",)


def test_rolling_back_twice_and_forward_again_holds_and_lets_go(
    library: Library, folder: Path
) -> None:
    versions = []
    for words in ("one", "two", "three"):
        (folder / "gan.md").write_text(f"# GANs\n\nMode collapse {words}.\n")
        index(library, folder)
        versions.append(int(library.version))
    for version, words in ((versions[1], "two"), (versions[0], "one")):
        rolled_back(library, "gan.md", version)
        assert index(library, folder).held == ("gan.md",)
        assert answers(library, "mode collapse") == [f"Mode collapse {words}."]
    rolled_back(library, "gan.md", versions[2])
    same(library, folder)
    assert index(library, folder).held == ()


# -- all in one commit -------------------------------------------------------------------------


def test_together_nothing_answers_before_everything_does(library: Library, folder: Path) -> None:
    index(library, folder)
    (folder / "gan.md").write_text(GAN.replace("few kinds", "hardly any kind"))
    (folder / "vae.md").unlink()
    write_files(folder, {"gpt.md": "# GPT\n\nIt predicts tokens.\n"})
    seen: list[Sequence[Switch]] = []

    def check(switches: Sequence[Switch]) -> None:
        seen.append(switches)
        assert ids(library) == ["gan.md", "in/rnn.md", "vae.md"]
        assert answers(library, "mode collapse") == ["Mode collapse means few kinds of samples."]

    planned = plan([folder], library=library)
    receipt = run_together(planned, library=library, embedder=HashingEmbedder(), check=check)
    assert (receipt.added, receipt.changed, receipt.removed) == (
        ("gpt.md",),
        ("gan.md",),
        ("vae.md",),
    )
    assert [(each.document_id, each.action) for each in seen[0]] == [
        ("gpt.md", "added"),
        ("gan.md", "changed"),
        ("vae.md", "gone"),
    ]
    assert ids(library) == ["gan.md", "gpt.md", "in/rnn.md"]
    assert library.vectors.ids(scope=SHARED) == library.catalog.live_ids(scope=SHARED)
    same(library, folder)


def test_together_a_check_that_refuses_leaves_everything_as_it_was(
    library: Library, folder: Path
) -> None:
    index(library, folder)
    (folder / "gan.md").write_text(GAN.replace("few kinds", "hardly any kind"))
    version, planned = library.version, plan([folder], library=library)
    with pytest.raises(UsageError, match="not so"):
        run_together(planned, library=library, embedder=HashingEmbedder(), check=refuse)
    assert library.version == version
    assert answers(library, "mode collapse") == ["Mode collapse means few kinds of samples."]
    assert library.catalog.journal() == []
    assert library.catalog.count() == (3, 3)
    assert index(library, folder).changed == ("gan.md",)


def refuse(_: Sequence[Switch]) -> None:
    raise UsageError("not so")


# -- failures ------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_stops_no_other(library: Library, folder: Path) -> None:
    write_files(folder, {"empty.md": "", "broken.pdf": "no pdf", "cut.docx": "PK"})
    receipt = index(library, folder)
    assert sorted(receipt.added) == ["gan.md", "in/rnn.md", "vae.md"]
    assert sorted(each.id for each in receipt.failed) == ["broken.pdf", "cut.docx", "empty.md"]
    assert all(each.reason for each in receipt.failed)
    assert len(ids(library)) == 3


def test_the_last_good_revision_goes_on_answering(library: Library, folder: Path) -> None:
    index(library, folder)
    (folder / "gan.md").write_text("")
    receipt = index(library, folder)
    assert [each.id for each in receipt.failed] == ["gan.md"]
    assert receipt.changed == receipt.removed == ()
    assert answers(library, "mode collapse") == ["Mode collapse means few kinds of samples."]
    (folder / "gan.md").write_text(GAN)
    same(library, folder)


def test_a_file_that_goes_while_it_is_read_is_a_failure(library: Library, folder: Path) -> None:
    planned = plan([folder], library=library)
    (folder / "gan.md").unlink()
    receipt = run(planned, library=library, embedder=HashingEmbedder())
    assert [each.id for each in receipt.failed] == ["gan.md"]
    assert ids(library) == ["in/rnn.md", "vae.md"]


def test_a_file_that_cannot_be_opened_keeps_its_document(library: Library, tmp_path: Path) -> None:
    one = write_files(tmp_path / "one", {"a.md": GAN})
    two = write_files(tmp_path / "two", {"a.md": VAE, "b.md": RNN})
    index(library, one, two)
    # Reading this file fails, for everybody.
    (two / "a.md").unlink()
    (two / "a.md").symlink_to("/proc/self/mem")
    receipt = index(library, two)
    assert [each.id for each in receipt.failed] == ["a.md"]
    assert receipt.removed == ()
    assert ids(library) == ["a.md", "b.md", "two/a.md"]


RECORDS = [{"id": f"r{n}", "text": f"The text of record {n}."} for n in range(3)]


def test_a_line_that_breaks_takes_no_document_with_it(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    lines = [json.dumps(each) for each in RECORDS]
    file.write_text("\n".join(lines))
    index(library, file)
    file.write_text("\n".join([lines[0], lines[1][:-5], lines[2]]))
    receipt = index(library, file)
    assert len(receipt.failed) == 1
    assert receipt.removed == ()
    assert ids(library) == ["r0", "r1", "r2"]
    assert answers(library, "The text of record 1.") == ["The text of record 1."]


def test_a_wrong_line_keeps_nothing_from_being_removed_elsewhere(
    library: Library, tmp_path: Path
) -> None:
    folder = write_files(tmp_path / "all", {"gan.md": GAN, "vae.md": VAE, "r.jsonl": "{}\n"})
    index(library, folder)
    (folder / "gan.md").unlink()
    receipt = index(library, folder)
    assert len(receipt.failed) == 1
    assert receipt.removed == ("gan.md",)


def test_a_record_that_is_taken_out_is_removed(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join(map(json.dumps, RECORDS)))
    index(library, file)
    file.write_text("\n".join(map(json.dumps, RECORDS[:2])))
    assert index(library, file).removed == ("r2",)
    file.write_text("")
    with pytest.raises(DocumentError, match="holds no document any more"):
        index(library, file)


# -- writers and scopes --------------------------------------------------------------------


def test_a_run_is_refused_while_another_writes(library: Library, folder: Path) -> None:
    with Library(library.home, embedder=library.embedder) as other:
        with other.writing(), pytest.raises(LibraryLockedError):
            index(library, folder)
        index(library, folder)
    assert len(ids(library)) == 3


def test_a_run_with_nothing_to_do_waits_for_nobody(library: Library, folder: Path) -> None:
    index(library, folder)
    with Library(library.home, embedder=library.embedder) as other, other.writing():
        same(library, folder)


def test_a_guilds_documents_are_its_own(library: Library, folder: Path, tmp_path: Path) -> None:
    index(library, folder)
    own = write_files(tmp_path / "own", {"gan.md": "# GANs\n\nMode collapse, as we say it.\n"})
    receipt = index(library, own, scope="guild-1")
    assert receipt.added == ("gan.md",)
    assert ids(library, scope="guild-1") == ["gan.md"]
    assert answers(library, "mode collapse") == ["Mode collapse means few kinds of samples."]
    assert answers(library, "mode collapse", scope="guild-1") == ["Mode collapse, as we say it."]
    (own / "gan.md").write_text("# GANs\n\nChanged.\n")
    index(library, own, scope="guild-1")
    assert answers(library, "mode collapse") == ["Mode collapse means few kinds of samples."]


def test_the_same_folder_in_two_scopes_is_kept_apart(library: Library, folder: Path) -> None:
    index(library, folder)
    index(library, folder, scope="guild-1")
    (folder / "gan.md").unlink()
    assert index(library, folder, scope="guild-1").removed == ("gan.md",)
    assert ids(library) == ["gan.md", "in/rnn.md", "vae.md"]


# -- size ----------------------------------------------------------------------------------


def test_many_documents_are_embedded_in_several_batches(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.prepare.TOGETHER", 16)
    file = tmp_path / "many.jsonl"
    records = [{"id": f"r{n}", "text": f"The text of record number {n}."} for n in range(40)]
    file.write_text("\n".join(map(json.dumps, records)))
    batches = Watching(library)
    receipt = index(library, file, embedder=batches)
    assert len(batches.seen) == 3
    assert receipt.passages == batches.embedded == 40
    assert library.catalog.count() == (40, 40)
    assert len(library.vectors.ids(scope=SHARED)) == 40
    same(library, file)


def test_every_shipped_document_is_found(library: Library) -> None:
    planned = plan([DOCUMENTS], library=library)
    assert len(planned.added) >= 35
    assert planned.failed == ()
    assert {each.origin for each in planned.added} == {SHIPPED}
