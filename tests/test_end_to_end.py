"""The whole way with the default models and the shipped documents: nothing is replaced here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.app import App
from indexer.load import load
from knowledge.config import DOCUMENTS
from knowledge.types import (
    Answer,
    AnswerReady,
    Citation,
    Event,
    EvidenceFound,
    SentenceChecked,
    Status,
    TextWritten,
)

REPOSITORY = Path(__file__).parents[1]
# Fetching the models, where they are missing, takes as long as the network does.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]


@pytest.fixture(scope="module")
def app(real_app: App) -> App:
    real_app.warm_up()
    return real_app


def asked(app: App, question: str) -> tuple[list[Event], Answer]:
    events = list(app.answerer.answer(question))
    last = events[-1]
    assert isinstance(last, AnswerReady)
    return events, last.answer


def test_a_passage_is_scored_by_itself_whatever_stands_beside_it(app: App) -> None:
    question = "What is mode collapse?"
    passages = [
        "Mode collapse means that few kinds of samples are made.",
        "A day has 24 hours. " * 40,
    ]
    together = app.reranker.score(question, passages)
    alone = [float(app.reranker.score(question, [each])[0]) for each in passages]
    assert together.tolist() == alone
    assert together[0] > together[1]


def assert_verbatim(citation: Citation) -> None:
    """The quote stands in the document it names, word for word."""
    document = load(DOCUMENTS / citation.document_id)
    assert document.title == citation.title
    assert document.updated == citation.updated
    text = " ".join(" ".join(block.text for block in document.blocks).split())
    assert " ".join(citation.quote.split()) in text
    assert len(citation.quote.split()) >= 3


def assert_proved(answer: Answer) -> None:
    """Every sentence that is shown carries quotes, and every quote stands in its document."""
    shown = [sentence for sentence in answer.sentences if sentence.supported]
    assert shown
    for sentence in shown:
        assert sentence.citations
        assert f"{sentence.text} [" in answer.text
    assert {n for sentence in shown for n in sentence.citations} == {
        citation.n for citation in answer.citations
    }
    for citation in answer.citations:
        assert f"[{citation.n}]" in answer.text
        assert_verbatim(citation)


def test_the_shipped_documents_are_all_indexed(app: App) -> None:
    documents = app.library.documents()
    assert {each.id for each in documents} == {file.name for file in DOCUMENTS.glob("*.md")}
    assert all(each.passages for each in documents)
    assert app.library.catalog.journal() == []
    version = app.library.version
    app.index_shipped()
    assert app.library.version == version


def test_a_question_is_answered_with_verbatim_quotes(app: App) -> None:
    events, answer = asked(app, "What is mode collapse?")
    assert answer.status in (Status.ANSWERED, Status.PARTIAL)
    assert_proved(answer)
    quotes = " ".join(citation.quote.lower() for citation in answer.citations)
    assert "generator" in quotes
    assert any(word in quotes for word in ("few", "limited", "narrow", "same", "variety", "small"))
    assert "gan-training-and-mode-collapse.md" in {each.document_id for each in answer.citations}

    kinds = [type(event) for event in events]
    assert kinds[0] is EvidenceFound
    assert kinds[-1] is AnswerReady
    assert kinds.index(TextWritten) < kinds.index(SentenceChecked)
    assert kinds.count(SentenceChecked) == len(answer.sentences)

    timings = answer.timings
    assert timings.first_text_s is not None
    assert 0 < timings.evidence_s < timings.first_text_s < timings.total_s
    assert answer.tokens.prompt > 100
    assert 0 < answer.tokens.completion <= app.settings.max_answer_tokens
    assert answer.model == app.settings.llm_model
    assert answer.library_version == app.library.version


def test_names_and_dates_are_those_of_the_documents(app: App) -> None:
    _, answer = asked(app, "Who introduced GANs, and when?")
    assert answer.status in (Status.ANSWERED, Status.PARTIAL)
    assert_proved(answer)
    assert "Goodfellow" in answer.text
    assert "2014" in answer.text


def test_a_question_that_no_document_answers_is_refused(app: App) -> None:
    question = "Who won the football World Cup in 1998?"
    environment = {**os.environ, "FOOTNOTE_MODELS_DIR": str(app.settings.models_dir)}
    home = ["--home", str(app.settings.home)]
    done = subprocess.run(
        [sys.executable, "-m", "bot", "ask", question, "--json", *home],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    answer = json.loads(done.stdout)
    assert answer["question"] == question
    assert answer["status"] == "refused"
    assert answer["answer"] == ""
    assert answer["citations"] == []
    assert answer["reason"]
    assert answer["nearest"]
    for passage in answer["nearest"]:
        assert (DOCUMENTS / passage["document_id"]).exists()
        assert passage["text"]
    assert 0 < answer["timings"]["evidence_s"] <= answer["timings"]["total_s"]
    assert answer["model"] == app.settings.llm_model
    assert answer["library_version"] == app.library.version
