"""The sets of questions ask what the shipped documents answer, and are judged as they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.config import DOCUMENTS
from knowledge.types import Evidence, Location, Passage
from tests.evals.finding import Asked, judged, load, misses, table
from tests.evals.followups import untouched

HERE = Path(__file__).parent
SETS = {"followups": 100, "spellings": 80, "languages": 30, "comparisons": 25}


def evidence(*texts: str) -> list[Evidence]:
    passages = [
        Passage(str(n), f"{n}.md", "A title", text, Location(()), 0) for n, text in enumerate(texts)
    ]
    return [Evidence(each, 0.0, 0.0, 0.0) for each in passages]


def asked(**more: object) -> Asked:
    given: dict[str, object] = {"documents": ("0.md",), "must": (), "sides": ()}
    given |= more
    return Asked(id="a", kind="fact", question="Why?", conversation=(), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SETS)
def test_a_sets_answers_stand_in_the_documents(name: str) -> None:
    questions = load(HERE / f"{name}.jsonl")
    assert len(questions) >= SETS[name]
    assert len({each.id for each in questions}) == len(questions)
    for each in questions:
        texts = [(DOCUMENTS / one).read_text("utf-8").lower() for one in each.documents]
        groups = [*each.must, *each.sides]
        missing = [
            group for group in groups if not any(s.lower() in text for s in group for text in texts)
        ]
        assert not missing, each.id


def test_one_passage_has_to_hold_every_group() -> None:
    both = asked(must=(("red", "blue"), ("Green",)))
    assert judged(both, evidence("a BLUE and green one"), read="Why?").passage
    assert not judged(both, evidence("a blue one", "a green one"), read="Why?").passage
    assert not judged(both, evidence(), read="Why?").document


def test_a_comparisons_sides_may_stand_in_two_passages() -> None:
    both = asked(sides=(("blue",), ("green",)))
    found = judged(both, evidence("a blue one", "a green one"), read="Why?")
    assert found.passage
    assert found.document
    assert not judged(both, evidence("a blue one"), read="Why?").passage


def test_shares_are_told_by_kind_and_what_was_missed_by_name() -> None:
    good = judged(asked(must=(("blue",),)), evidence("blue"), read="Why?")
    bad = judged(asked(must=(("red",),), documents=("9.md",)), evidence("blue"), read="Why red?")
    assert table([good, bad]).splitlines()[-1].split() == ["all", "2", "0.500", "0.500"]
    assert misses([good, bad]) == "a fact: 'Why?' read as 'Why red?' (no right document)"


def test_new_subjects_and_thanks_are_not_touched() -> None:
    followups = load(HERE / "followups.jsonl")
    new = [each for each in followups if each.kind == "new"]
    thanks = [each for each in followups if not each.documents]
    assert untouched(new) == (len(new), len(new)) == (26, 26)
    assert untouched(thanks) == (4, 4)
