"""What waits for a decision is whole or not there, whatever happens to its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.document import Block, Document
from indexer.pending import Pending, Staged
from knowledge.errors import DocumentError
from tests.stores import HALL, text

READ = Document("Rules", (Block("Be kind."),))


@pytest.fixture
def pending(tmp_path: Path) -> Pending:
    return Pending(tmp_path / "pending")


@pytest.fixture
def staged(pending: Pending) -> Staged:
    return pending.keep(text("Be kind."), READ, vectors=np.ones((1, 4), np.float32), revision="r")


def cut(folder: Path, name: str) -> None:
    """What a power cut leaves of a file that was not flushed."""
    file = next(folder.rglob(name))
    file.write_bytes(file.read_bytes()[:10])


def test_what_was_kept_comes_back(pending: Pending, staged: Staged) -> None:
    assert pending.get(staged.id, scope=HALL) == staged
    assert pending.document(staged) == READ
    vectors = pending.vectors(staged, revision="r")
    assert vectors is not None
    assert vectors.tolist() == [[1, 1, 1, 1]]
    assert pending.damaged() == ()


def test_a_damaged_note_counts_as_not_there(pending: Pending, staged: Staged) -> None:
    whole = pending.keep(text("x"), READ, vectors=np.ones((1, 4), np.float32), revision="r")
    cut(pending.folder / staged.id, "staged.json")
    assert pending.all() == (whole,)
    assert pending.damaged() == (staged.id,)
    with pytest.raises(DocumentError, match="does not wait any more"):
        pending.get(staged.id, scope=HALL)


def test_damaged_text_is_told_and_can_be_rejected(pending: Pending, staged: Staged) -> None:
    cut(pending.folder / staged.id, "document.json")
    assert pending.damaged() == (staged.id,)
    with pytest.raises(DocumentError, match=r"rules\.md is damaged on the disk\. Reject it"):
        pending.document(staged)
    pending.drop([staged.id])
    assert pending.all() == pending.damaged() == ()


def test_damaged_vectors_are_made_again(pending: Pending, staged: Staged) -> None:
    cut(pending.folder / staged.id, "r.npy")
    assert pending.vectors(staged, revision="r") is None
    assert pending.damaged() == ()


def test_without_room_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "pending").write_text("a file where the folder should be")
    with pytest.raises(DocumentError, match=r"rules\.md cannot be kept .* and add it again"):
        Pending(tmp_path / "pending").keep(
            text("x"), READ, vectors=np.ones((1, 4), np.float32), revision="r"
        )
