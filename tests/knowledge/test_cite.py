"""Quotes are numbered by first use, each once, word for word."""

from __future__ import annotations

from knowledge.basis import EvidenceSentence, evidence_sentences
from knowledge.cite import Citations, shown_text
from knowledge.types import Evidence, Location, Passage, Sentence, Verdict

TEXT = "A GAN trains two networks. Ian Goodfellow introduced GANs in 2014.\n- It is unstable."


def sentences(name: str = "p1") -> tuple[EvidenceSentence, ...]:
    passage = Passage(
        name,
        "gan.md",
        "GANs",
        TEXT,
        Location(("History",), 3),
        0,
        updated="2025-01-02",
        source="https://example.org",
    )
    return evidence_sentences([Evidence(passage, 1.0, 1.0, 1.0)])


def test_quotes_are_numbered_by_first_use() -> None:
    first, second, third = sentences()
    citations = Citations()
    assert [citations.number(each) for each in (second, first, second, third)] == [1, 2, 1, 3]
    assert [each.n for each in citations.listed()] == [1, 2, 3]
    assert citations.listed()[0].quote == "Ian Goodfellow introduced GANs in 2014."


def test_a_quote_stands_verbatim_in_its_passage_and_names_its_place() -> None:
    citations = Citations()
    for each in sentences():
        citations.number(each)
    for citation in citations.listed():
        assert citation.quote in TEXT
        assert citation.document_id == "gan.md"
        assert citation.title == "GANs"
        assert citation.location == Location(("History",), 3)
        assert citation.passage_id == "p1"
        assert citation.updated == "2025-01-02"
        assert citation.source == "https://example.org"


def test_the_same_words_of_another_passage_are_another_quote() -> None:
    citations = Citations()
    assert citations.number(sentences("p1")[0]) == 1
    assert citations.number(sentences("p2")[0]) == 2


def test_nothing_is_listed_before_it_is_cited() -> None:
    assert Citations().listed() == ()


def test_the_numbers_stand_behind_each_sentence() -> None:
    shown = shown_text(
        [
            Sentence("GANs are from 2014.", (1,), Verdict.SUPPORTED),
            Sentence("They are unstable.", (2, 1), Verdict.SUPPORTED),
        ]
    )
    assert shown == "GANs are from 2014. [1] They are unstable. [2][1]"
