"""The terminal's commands that ask the library something."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.invocation import (
    AsJson,
    Batch,
    Home,
    Out,
    in_step,
    opened,
    print_json,
    required,
    told_plainly,
)


@told_plainly
def ask(
    question: Annotated[str | None, typer.Argument(help="What to ask.")] = None,
    *,
    as_json: AsJson = False,
    batch: Batch = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """Answer a question: the evidence at once, then the answer, then its quotes."""
    from bot.batch import ask_batch, final_answer
    from bot.terminal import show_answer
    from bot.wire import answer_object
    from knowledge.answer import checked_question

    if batch is not None:
        ask_batch(opened(home), batch, out=out)
        return
    hint = 'Ask something: footnote ask "What is mode collapse?"'
    text = checked_question(required(question, hint))
    app = in_step(home)
    app.warm_up()
    events = app.answerer.answer(text)
    if as_json:
        print_json(answer_object(final_answer(events), question_id=None))
    else:
        show_answer(events)


@told_plainly
def chat(*, home: Home = None) -> None:
    """Ask one question after another; an empty line or Ctrl-D ends it."""
    from bot.terminal import converse

    app = in_step(home)
    app.warm_up()
    converse(app.answerer)


@told_plainly
def search(
    query: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    *,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    as_json: AsJson = False,
    batch: Batch = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """Find passages without asking the language model."""
    from bot.batch import search_all, search_batch
    from bot.terminal import show_passages
    from bot.wire import search_object

    if batch is not None:
        search_batch(opened(home), batch, out=out, k=k)
        return
    text = required(query, 'Look for something: footnote search "latent space"')
    ranked = search_all(in_step(home), text)
    if as_json:
        print_json(search_object(ranked, query=text, question_id=None, k=k))
    else:
        show_passages(ranked[:k])


@told_plainly
def check(
    claim: Annotated[str | None, typer.Argument(help="A statement, or several.")] = None,
    *,
    as_json: AsJson = False,
    batch: Batch = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """Hold statements against the documents: supported, contradicted, or not in them."""
    from bot.batch import check_batch
    from bot.terminal import show_checked
    from bot.wire import check_object

    if batch is not None:
        check_batch(opened(home), batch, out=out)
        return
    text = required(claim, 'Give a statement: footnote check "GPT-3 has 175 billion parameters."')
    app = in_step(home)
    if as_json:
        print_json(check_object(app.checker.check(text), claim_id=None))
    else:
        show_checked(app.answerer.check(text))


@told_plainly
def evaluate(
    cases: Annotated[Path, typer.Argument(help="Questions with what their answers must hold.")],
    *,
    out: Out = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Where to write a report to read.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", help="An earlier --out, to show what changed.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Ask questions with known answers and show how many are right."""
    from bot.evaluation import evaluate_file

    found = evaluate_file(opened(home), cases, out=out, html=html, compare=compare, quiet=as_json)
    if as_json:
        print_json(found)
