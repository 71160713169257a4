"""Changes as what they come to."""

from __future__ import annotations

from bot.following import Changed, summed
from knowledge.types import Change


def change(version: int, document: str, before: str | None, after: str | None, scope: str = "a"):
    return Change(version, "now", "changed", scope, document, after, before, None)


def test_changes_are_summed_up_by_scope() -> None:
    changes = [
        change(1, "new", None, "r1"),
        change(2, "changed", "r2", "r3"),
        change(3, "gone", "r4", None),
        change(4, "theirs", None, "r5", scope="b"),
    ]
    assert summed(changes) == (
        Changed("a", new=frozenset({"new", "changed"}), old=frozenset({"changed", "gone"})),
        Changed("b", new=frozenset({"theirs"}), old=frozenset()),
    )


def test_what_was_taken_back_meanwhile_is_no_change() -> None:
    assert summed([change(1, "a", None, "r1"), change(2, "a", "r1", None)]) == ()
    assert summed([change(2, "a", "r2", "r1"), change(1, "a", "r1", "r2")]) == ()
