"""Many questions from a .jsonl file, a result a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from bot.progress import bar, index_shipped
from bot.wire import Json, answer_object, check_object, search_object
from knowledge.errors import GenerationError, UsageError
from knowledge.types import Answer, AnswerReady, Event, Evidence

if TYPE_CHECKING:
    from bot.app import App

# Documents that a search ranks; passages beyond them are never relevant.
SEARCHED = 100


@dataclass(frozen=True, slots=True)
class Question:
    """A line of a batch."""

    id: str
    text: str
    line: int
    document_id: str | None = None


def read_questions(path: Path, *, key: str = "question") -> tuple[Question, ...]:
    """Every line's id and text under `key`; UsageError names the first line that is wrong."""
    try:
        # Not splitlines: a question may hold the other characters that end a line for Python.
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}). Check the path.") from error
    questions: list[Question] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            name, text = record["id"], record[key]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise _wrong_line(path, number, key) from error
        if not isinstance(name, str | int) or not isinstance(text, str):
            raise _wrong_line(path, number, key)
        document = record.get("document_id")
        questions.append(
            Question(str(name), text, number, None if document is None else str(document))
        )
    return tuple(questions)


def _wrong_line(path: Path, number: int, key: str) -> UsageError:
    return UsageError(f'{path}, line {number}: write {{"id": …, "{key}": …}} on each line.')


def ask_batch(app: App, path: Path, *, out: Path | None) -> None:
    """Answer every question of a file, in order."""
    from knowledge.answer import checked_question

    questions = read_questions(path)
    for question in questions:
        try:
            checked_question(question.text)
        except UsageError as error:
            raise UsageError(f"{path}, line {question.line}: {error}") from error
    index_shipped(app)
    _write(
        (
            answer_object(final_answer(app.answerer.answer(each.text)), question_id=each.id)
            for each in questions
        ),
        count=len(questions),
        out=out,
        label="Answering",
    )


def search_batch(app: App, path: Path, *, out: Path | None, k: int) -> None:
    """Search for every question of a file, in order."""
    questions = read_questions(path)
    index_shipped(app)
    _write(
        (
            search_object(search_all(app, each.text), query=each.text, question_id=each.id, k=k)
            for each in questions
        ),
        count=len(questions),
        out=out,
        label="Searching",
    )


def check_batch(app: App, path: Path, *, out: Path | None) -> None:
    """Check every claim of a file, in order."""
    claims = read_questions(path, key="claim")
    index_shipped(app)
    _write(
        (
            check_object(
                app.checker.check(each.text, document_id=each.document_id), claim_id=each.id
            )
            for each in claims
        ),
        count=len(claims),
        out=out,
        label="Checking",
    )


def search_all(app: App, query: str) -> tuple[Evidence, ...]:
    """Every passage worth ranking, best first."""
    return app.retriever.retrieve(query, k=SEARCHED, fold=False)


def final_answer(events: Iterable[Event]) -> Answer:
    """The answer that a stream of events ends with."""
    for event in events:
        if isinstance(event, AnswerReady):
            return event.answer
    raise GenerationError("The answer ended before it was whole. Ask again.")


@contextmanager
def _opened(out: Path | None) -> Iterator[IO[str]]:
    if out is None:
        yield sys.stdout
        return
    try:
        stream = out.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written ({error.strerror}). Name another.") from error
    with stream:
        yield stream


def _write(results: Iterable[Json], *, count: int, out: Path | None, label: str) -> None:
    with _opened(out) as stream, bar(label) as step:
        for done, result in enumerate(results, start=1):
            stream.write(json.dumps(result, ensure_ascii=False) + "\n")
            stream.flush()
            step(done, count)
