"""Whatever documents, models and people write, each message stays within Discord's limits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import detail, render, shelf
from bot.draft import Draft
from bot.page import Page
from bot.views import view_of
from knowledge.types import (
    Answer,
    Citation,
    DocumentInfo,
    Evidence,
    Location,
    Passage,
    Sentence,
    Status,
    Timings,
    Tokens,
    Verdict,
)
from tests.bot.test_receipts import receipt
from tests.discord import limits

PIECES = ["a word ", "*", "`", "```", "[1]", "](", "https://a.b ", "@everyone", "\n", "# ", "> ",
          "-# ", "x" * 700, "é", "🙂", "\\", "||", "<@1>", ". ", "~~"]  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=30)
LONG = st.builds(lambda text, times: text * times, TEXT, st.sampled_from([1, 1, 1, 5, 40]))
LOCATION = st.builds(
    Location, st.lists(LONG, max_size=4).map(tuple), st.none() | st.integers(1, 10**6)
)
SOURCE = st.none() | st.just("https://example.org/" + "x" * 480) | TEXT
PASSAGE = st.builds(
    Passage,
    id=st.just("p"),
    document_id=st.just("d"),
    title=LONG,
    text=LONG,
    location=LOCATION,
    position=st.just(0),
    source=SOURCE,
)
EVIDENCE = st.lists(
    st.builds(Evidence, PASSAGE, st.just(1.0), st.floats(-20, 20), st.floats(-1, 1)), max_size=6
).map(tuple)
CITATION = st.builds(
    Citation,
    n=st.integers(1, 20),
    document_id=st.just("d"),
    title=LONG,
    location=LOCATION,
    quote=LONG,
    passage_id=st.just("p"),
    source=SOURCE,
)
SENTENCE = st.builds(
    Sentence, LONG, st.lists(st.integers(1, 20), max_size=5).map(tuple), st.sampled_from(Verdict),
    LONG,
)  # fmt: skip
ANSWER = st.builds(
    Answer,
    question=LONG,
    status=st.sampled_from(Status),
    text=LONG,
    sentences=st.lists(SENTENCE, max_size=8).map(tuple),
    citations=st.lists(CITATION, max_size=14).map(tuple),
    reason=LONG,
    nearest=EVIDENCE,
    timings=st.just(Timings(0.1, None, 2.0)),
    tokens=st.just(Tokens()),
    model=TEXT,
    library_version=TEXT,
)


def assert_sendable(pages: Sequence[Page]) -> None:
    """Discord would take each of these messages."""

    async def components(page: Page) -> list[dict[str, object]]:
        view = view_of(page)
        return [] if view is None else view.to_components()

    assert pages
    for page in pages:
        payload = {
            "content": page.content,
            "embeds": [embed.to_dict() for embed in page.embeds],
            "components": asyncio.run(components(page)),
            "allowed_mentions": {"parse": []},
        }
        assert list(limits.message(payload, new=True)) == []


many = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(ANSWER, LONG, st.booleans(), st.booleans())
def test_answers_refusals_and_their_details(
    answer: Answer, question: str, titled: bool, stopped: bool
) -> None:
    kept = replace(receipt("a" * 12), question=question, answer=answer, evidence=answer.nearest)
    passages = {found.passage.id: found.passage for found in answer.nearest}

    assert_sendable(render.final(kept, titled=titled, stopped=stopped))
    assert_sendable(render.final(kept, titled=titled, earlier=1.0))
    assert_sendable(detail.why(kept))
    for page in range(3):
        assert_sendable([detail.sources(kept, passages, page)])


@many
@given(EVIDENCE, st.lists(SENTENCE, max_size=6), LONG, LONG)
def test_drafts_and_places_in_the_queue(
    evidence: tuple[Evidence, ...], checked: list[Sentence], text: str, question: str
) -> None:
    draft = Draft(evidence, tuple(checked), text)
    place = {"place": 3, "seconds": 90.0, "evidence": evidence}

    assert_sendable([render.drafting(question, draft, question=question, stop="q")])
    assert_sendable([render.drafting(None, draft, question=question, stop="q")])
    assert_sendable([render.waiting(question, question=question, stop="q", **place)])


@many
@given(st.lists(st.tuples(SENTENCE, st.lists(CITATION, max_size=3).map(tuple)), max_size=12))
def test_fact_checks(results: list[tuple[Sentence, tuple[Citation, ...]]]) -> None:
    assert_sendable(detail.checked(tuple(results)))


@many
@given(
    st.lists(
        st.builds(
            DocumentInfo,
            id=st.uuids().map(str),
            title=LONG,
            scope=st.just("shared"),
            passages=st.integers(0, 10**6),
            revision=st.just("a"),
            source=SOURCE,
            summary=st.none() | LONG,
        ),
        max_size=12,
    ),
    st.lists(PASSAGE, max_size=8),
    EVIDENCE,
    LONG,
)
def test_the_library(
    listed: list[DocumentInfo],
    passages: list[Passage],
    evidence: tuple[Evidence, ...],
    query: str,
) -> None:
    for page in range(3):
        assert_sendable([shelf.documents(listed, page=page, library_version="1")])
        for info in listed[:2]:
            assert_sendable([shelf.document(info, passages, page=page)])
    assert_sendable([shelf.found(query, evidence)])
