"""`footnote eval`: questions with known answers, asked and scored."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.wire import Json, answer_object
from knowledge.errors import UsageError
from knowledge.types import Answer, Status

if TYPE_CHECKING:
    from bot.app import App


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what its answer must hold: one string of every group; nothing: a refusal."""

    id: str
    question: str
    must: tuple[tuple[str, ...], ...]
    kind: str = "question"
    conversation: tuple[tuple[str, str], ...] = ()
    documents: tuple[str, ...] = ()
    refusal_ok: bool = False

    @property
    def answerable(self) -> bool:
        """Whether the documents hold an answer."""
        return bool(self.must)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case, answered and judged."""

    case: Case
    answer: Answer
    right: bool


@dataclass(frozen=True, slots=True)
class Scores:
    """What a run came to; shares are of the cases they speak about, seconds are medians."""

    cases: int
    answerable: int
    right: float
    wrongly_refused: float
    unanswerable: int
    refused: float
    unsupported_left_out: int
    cited_documents_right: float
    evidence_s: float
    total_s: float


def read_cases(path: Path) -> tuple[Case, ...]:
    """Every case of a file; UsageError names the first line that is wrong."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}). Check the path.") from error
    cases = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cases.append(_case(json.loads(line)))
        except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f'{path}, line {number}: write {{"id", "question", "must": [[…], …]}} on each line.'
            ) from error
    if not cases:
        raise UsageError(f"{path} holds no questions.")
    return tuple(cases)


def _case(record: dict[str, object]) -> Case:
    def listed(name: str) -> list[list[str]]:
        value = record.get(name, [])
        assert isinstance(value, list)
        return value

    return Case(
        id=str(record["id"]),
        question=str(record["question"]),
        must=tuple(tuple(group) for group in listed("must")),
        kind=str(record.get("kind", "question")),
        conversation=tuple((turn[0], turn[1]) for turn in listed("conversation")),
        documents=tuple(map(str, listed("documents"))),
        refusal_ok=bool(record.get("refusal_ok", False)),
    )


def judge(case: Case, answer: Answer) -> bool:
    """Whether the answer is right: every group is met, or a refusal where one is due."""
    if answer.status is Status.REFUSED:
        return not case.answerable or case.refusal_ok
    text = answer.text.casefold()
    held = all(any(option.casefold() in text for option in group) for group in case.must)
    return case.answerable and held


def run(
    app: App, cases: Sequence[Case], *, progress: Callable[[int, int], None] | None = None
) -> tuple[Outcome, ...]:
    """Ask every case."""
    from bot.batch import final_answer

    outcomes = []
    for done, case in enumerate(cases, start=1):
        events = app.answerer.answer(case.question, conversation=case.conversation)
        answer = final_answer(events)
        outcomes.append(Outcome(case, answer, judge(case, answer)))
        if progress is not None:
            progress(done, len(cases))
    return tuple(outcomes)


def score(outcomes: Sequence[Outcome]) -> Scores:
    """The figures of a run."""
    yes = [each for each in outcomes if each.case.answerable]
    no = [each for each in outcomes if not each.case.answerable]
    must_answer = [each for each in yes if not each.case.refusal_ok]
    cited = list(_cited(yes))
    return Scores(
        cases=len(outcomes),
        answerable=len(yes),
        right=_share([each.right for each in yes]),
        wrongly_refused=_share([_refused(each) for each in must_answer]),
        unanswerable=len(no),
        refused=_share([_refused(each) for each in no]),
        unsupported_left_out=sum(
            not sentence.supported for each in outcomes for sentence in each.answer.sentences
        ),
        cited_documents_right=_share(cited),
        evidence_s=_median([each.answer.timings.evidence_s for each in outcomes]),
        total_s=_median([each.answer.timings.total_s for each in yes]),
    )


def report_object(outcomes: Sequence[Outcome]) -> Json:
    """A run as JSON: scores, scores by kind, and every case with its answer."""
    kinds = sorted({each.case.kind for each in outcomes})
    return {
        "scores": asdict(score(outcomes)),
        "kinds": {
            kind: {
                "cases": len(mine),
                "right": _share([each.right for each in mine]),
            }
            for kind in kinds
            for mine in [[each for each in outcomes if each.case.kind == kind]]
        },
        "cases": [
            {
                "kind": each.case.kind,
                "must": [list(group) for group in each.case.must],
                "right": each.right,
                **answer_object(each.answer, question_id=each.case.id),
            }
            for each in outcomes
        ],
    }


def _refused(outcome: Outcome) -> bool:
    return outcome.answer.status is Status.REFUSED


def _cited(outcomes: Sequence[Outcome]) -> Iterator[bool]:
    for each in outcomes:
        if each.case.documents and not _refused(each):
            cited = {citation.document_id for citation in each.answer.citations}
            yield bool(cited & set(each.case.documents))


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3) if values else 0.0
