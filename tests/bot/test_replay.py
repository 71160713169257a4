"""Golden questions asked again: what is worse is shown, what is as good as before passes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.pipeline import Work, absent, here
from bot.replay import GoldenError
from bot.samples import sample_questions
from knowledge.errors import UsageError
from knowledge.library import SHARED
from knowledge.types import AnswerReady, Event
from tests.stores import HALL, opened, said, text

OPEN = "# Opening hours\n\nThe reading room opens at nine on weekdays."
QUESTION = "When does the reading room open?"
ANSWER = "The reading room opens at nine."


def golden(jobs, answer: str = ANSWER, question: str = QUESTION, scope: str = HALL) -> None:
    jobs.golden.write(question, answer, scope=scope)


def added(jobs, words: str, *, model=here, scope: str = HALL, **more: str):
    staged = jobs.add(text(words, scope=scope, **more)).staged
    return jobs.approve(staged.id, scope=scope, by="ada", model=model)


@pytest.mark.parametrize("model", [here, absent])
def test_a_worse_document_is_caught_and_shown_side_by_side(tmp_path: Path, model) -> None:
    with opened(tmp_path) as (library, jobs):
        added(jobs, OPEN)
        golden(jobs)
        staged = jobs.add(text(OPEN.replace("nine", "ten"))).staged
        with pytest.raises(GoldenError) as caught:
            jobs.approve(staged.id, scope=HALL, by="ada", model=model)
        (found,) = caught.value.found
        assert (found.question, found.was) == (QUESTION, ANSWER)
        assert "opens at ten" in found.now
        assert "nine" in said(library)
        assert jobs.history(scope=HALL)[0].action == "added"

        jobs.approve(staged.id, scope=HALL, by="ada", anyway=True, model=model)
        assert "ten" in said(library)


@pytest.mark.parametrize("model", [here, absent])
@pytest.mark.parametrize(
    "words",
    [
        f"{OPEN}\n\nBring a pencil.",
        "# Hours of opening\n\nOn weekdays the reading room opens at nine, on Sundays never.",
    ],
)
def test_other_words_that_prove_the_same_pass(tmp_path: Path, words: str, model) -> None:
    with opened(tmp_path) as (_, jobs):
        added(jobs, OPEN)
        golden(jobs)
        assert added(jobs, words, model=model).changed == ("rules.md",)


def test_removing_going_back_and_following_a_folder_are_checked_too(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "hours.md").write_text(OPEN)
    with opened(tmp_path / "home") as (library, jobs):
        jobs.sync(folder, scope=HALL, by="ada")
        golden(jobs)
        with pytest.raises(GoldenError):
            jobs.remove("hours.md", scope=HALL, by="ada")
        with pytest.raises(GoldenError):
            jobs.roll_back_all(0, scope=HALL, by="ada")
        (folder / "hours.md").write_text("# Opening hours\n\nIt depends.")
        version = library.version
        with pytest.raises(GoldenError):
            jobs.sync(folder, scope=HALL, by="ada")
        assert library.version == version
        assert "nine" in said(library)
        assert library.catalog.journal() == []
        jobs.sync(folder, scope=HALL, by="ada", anyway=True)
        assert "depends" in said(library)
        # It is lost already: nothing makes it worse.
        jobs.remove("hours.md", scope=HALL, by="ada")
        assert jobs.roll_back_all(1, scope=HALL, by="ada").added == ("hours.md",)


def test_a_golden_answer_may_stand_in_another_document(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, jobs):
        added(jobs, OPEN)
        added(jobs, OPEN.replace("Opening hours", "House rules"), name="more.md")
        golden(jobs)
        assert jobs.remove("rules.md", scope=HALL, by="ada").removed == ("rules.md",)
        with pytest.raises(GoldenError):
            jobs.remove("more.md", scope=HALL, by="ada")


def test_each_server_has_its_own_and_what_is_shared_is_behind_all(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, jobs):
        added(jobs, OPEN, scope=SHARED)
        golden(jobs, scope="guild:2")
        added(jobs, "# Mine\n\nThe reading room opens at ten here.")
        with pytest.raises(GoldenError):
            jobs.remove("rules.md", scope=SHARED, by="the operator")
        assert jobs.golden.all(scope=HALL) == ()


def test_a_model_that_refuses_is_worse_even_where_the_words_still_stand(tmp_path: Path) -> None:
    def refusing(work: Work, /, *, seconds: float):
        answer = here(work, seconds=seconds)
        assert answer is not None
        from dataclasses import replace

        from knowledge.types import Status

        return replace(answer, status=Status.REFUSED, text="", sentences=(), citations=())

    with opened(tmp_path) as (_, jobs):
        added(jobs, OPEN)
        golden(jobs)
        with pytest.raises(GoldenError, match="When does the reading room open"):
            added(jobs, f"{OPEN}\n\nThe reading room opens for members.", model=refusing)


def test_a_golden_answer_needs_words(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, jobs), pytest.raises(UsageError, match="at least one sentence"):
        golden(jobs, "  ")


def test_a_model_that_takes_too_long_gives_nothing() -> None:
    def endless(stop: threading.Event) -> Iterator[Event]:
        stop.wait(10)
        yield AnswerReady(None)  # type: ignore[arg-type]

    assert here(endless, seconds=0.05) is None


# -- sample questions -----------------------------------------------------------------------


def test_a_document_that_waits_is_tried_with_what_members_asked_in_vain(tmp_path: Path) -> None:
    with opened(tmp_path) as (library, jobs):
        name = jobs.add(text(f"{OPEN}\n\n## Sundays\n\nOn Sundays it is closed.")).staged.id
        asked = ["Who sells umbrellas?", QUESTION]
        tried = list(jobs.samples(name, scope=HALL, asked=asked, model=here))
        assert len(tried) == 3
        (own,) = [each for each in tried if each.question == QUESTION]
        assert "opens at nine" in own.text
        assert own.documents == ("rules.md",)
        assert own.by_model
        assert said(library) == ""

        quoted = list(jobs.samples(name, scope=HALL, asked=asked))
        assert not any(each.by_model for each in quoted)
        assert any("opens at nine" in each.text for each in quoted)


def test_questions_that_a_document_asks_itself_come_first(tmp_path: Path) -> None:
    words = "# FAQ\n\n## May I eat?\n\nNo.\n\n## Rules\n\nBe kind.\n\n## Is it free?\n\nYes."
    with opened(tmp_path) as (_, jobs):
        review = jobs.add(text(words))
        questions = sample_questions(
            [(review.info, review.passages)], asked=(), retriever=None, scopes=()
        )
    assert questions == ("May I eat?", "Is it free?", "What is said about FAQ?")
