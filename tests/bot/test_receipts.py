"""The store of receipts, on a real file."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bot.database import MIGRATIONS
from bot.receipts import Feedback, Receipt, Receipts
from bot.waiting import OpenQuestion
from bot.wishes import Wish
from knowledge.errors import LibraryError
from tests.bot.scripted import answered, evidence


@pytest.fixture
def store(tmp_path: Path) -> Receipts:
    """A new store."""
    return Receipts(tmp_path / "receipts.sqlite")


def receipt(name: str, **changes: object) -> Receipt:
    """A receipt of ada's."""
    made = Receipt(
        id=name,
        key="key",
        asked_at=100.0,
        asker=1,
        guild=9,
        channel=5,
        private=False,
        parent=None,
        question="What is mode collapse?",
        answer=answered("What is mode collapse?"),
        evidence=evidence("gan-1", "vae-1"),
    )
    return replace(made, **changes)


def test_a_receipt_comes_back_as_it_was(tmp_path: Path, store: Receipts) -> None:
    store.save(receipt("a"))
    store.close()

    assert Receipts(tmp_path / "receipts.sqlite").get("a") == receipt("a")


def test_the_newest_receipt_of_a_key_is_found_and_an_empty_key_never(store: Receipts) -> None:
    store.save(receipt("a"))
    store.save(receipt("b", asked_at=200.0))
    store.save(receipt("c", key="", asked_at=300.0))

    assert store.same("key").id == "b"
    assert store.same("") is None
    assert store.same("other") is None


def test_a_receipt_is_found_by_each_of_its_messages(store: Receipts) -> None:
    store.save(receipt("a"))
    store.shown("a", 5, [11, 12])
    store.shown("gone", 5, [13])

    assert store.by_message(12).id == "a"
    assert store.by_message(13) is None
    assert store.messages("a") == ((5, 11), (5, 12))


def test_a_conversation_is_the_chain_of_parents_oldest_first(store: Receipts) -> None:
    store.save(receipt("a"))
    store.save(receipt("b", parent="a"))
    store.save(receipt("c", parent="b"))

    assert [r.id for r in store.conversation("c", 5)] == ["a", "b", "c"]
    assert [r.id for r in store.conversation("c", 2)] == ["b", "c"]
    assert store.conversation("c", 0) == ()
    assert store.conversation(None, 5) == ()


def test_what_is_deleted_is_gone_from_the_file_too(tmp_path: Path, store: Receipts) -> None:
    store.save(receipt("a", question="a very private question"))
    store.rate(Feedback("a", 1, helpful=False, reason="wrong", comment="because", given_at=1.0))
    store.wishes.add(Wish("a", "a very private question", 1, 9, 5, 1.0))
    store.waiting.keep(OpenQuestion("q", "a very private question", 1.0, 1, 9, 5))

    assert store.forget(1) == 4
    store.close()

    assert all(b"very private question" not in path.read_bytes() for path in tmp_path.iterdir())


def test_forgetting_one_person_keeps_the_others(store: Receipts) -> None:
    store.save(receipt("a"))
    store.save(receipt("b", asker=2))
    store.rate(Feedback("b", 1, helpful=True, reason="", comment="", given_at=1.0))

    store.forget(1)

    assert store.get("a") is None
    assert store.get("b") is not None
    assert store.feedback("b") == ()


def test_retention_deletes_what_is_older(store: Receipts) -> None:
    store.save(receipt("old", asked_at=10.0))
    store.save(receipt("new", asked_at=20.0))
    store.shown("old", 5, [1])

    assert store.expire(before=15.0) == 1
    assert store.by_message(1) is None
    assert store.get("new") is not None


def test_an_export_holds_all_of_a_person_and_no_token(store: Receipts) -> None:
    store.save(receipt("a"))
    store.save(receipt("b", asker=2, question="bob's"))
    store.waiting.keep(OpenQuestion("q", "still open", 1.0, 1, 9, 5, token="a-secret-token"))

    exported = store.export(1)

    kept = json.loads(exported)
    assert [each["question"] for each in kept["answers"]] == ["What is mode collapse?"]
    assert kept["waiting"] == [{"asked_at": 1.0, "question": "still open"}]
    assert "token" not in exported.replace('"tokens"', "")
    assert "bob" not in exported


def test_a_wish_is_settled_once_answered(store: Receipts) -> None:
    assert store.wishes.add(Wish("a", "Why?", 1, 9, 5, 1.0))
    assert not store.wishes.add(Wish("a", "Why?", 1, 9, 5, 2.0))

    assert [wish.question for wish in store.wishes.of(9)] == ["Why?"]
    assert store.wishes.of(8) == ()
    store.wishes.settle("a", 3.0)
    assert store.wishes.of(9) == ()


def test_a_newer_file_is_not_touched(tmp_path: Path, store: Receipts) -> None:
    store.close()
    path = tmp_path / "receipts.sqlite"
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

    with pytest.raises(LibraryError, match="newer Footnote"):
        Receipts(path)


def test_threads_may_write_at_once(store: Receipts) -> None:
    threads = [
        threading.Thread(target=lambda n=n: store.save(receipt(f"r{n}", asked_at=float(n))))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(store.recent(1, 5)) == 20


def test_others_see_only_public_answers_of_a_channel(store: Receipts) -> None:
    store.save(receipt("public"))
    store.save(receipt("private", private=True))
    store.save(receipt("elsewhere", channel=6))

    assert {r.id for r in store.recent(1, 5)} == {"public", "private"}
    assert {r.id for r in store.recent(2, 5)} == {"public"}
