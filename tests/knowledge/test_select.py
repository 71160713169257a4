"""The model reads whole sentences, the telling ones, and not many more words than allowed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.basis import evidence_sentences
from knowledge.quote import Scored, scored
from knowledge.select import Excerpt, select
from knowledge.sentences import split_sentences
from knowledge.types import Evidence, Location, Passage
from tests.fakes import OverlapReranker

FILLER = "Nothing of interest stands in this particular sentence number {}."
WORDS = "mode collapse latent space network trains image model of the a and 2014".split()
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(
    lambda words: " ".join(words).capitalize() + "."
)
TEXT = st.lists(SENTENCE, min_size=1, max_size=8).map(" ".join)


def evidence(*texts: str) -> list[Evidence]:
    return [
        Evidence(Passage(f"p{n}", "d", "T", text, Location(), n), 1.0 - n / 10, 0.0, 0.0)
        for n, text in enumerate(texts)
    ]


def selected(question: str, found: list[Evidence], *, words: int) -> tuple[Excerpt, ...]:
    sentences = scored(question, evidence_sentences(found), reranker=OverlapReranker())
    return select(found, sentences, words=words)


def test_everything_is_read_where_there_is_room() -> None:
    texts = ("One sentence. And another.", "A third.")
    excerpts = selected("any", evidence(*texts), words=100)
    assert tuple(each.text for each in excerpts) == texts


def test_the_sentence_that_is_asked_for_is_read() -> None:
    text = " ".join(
        [
            *(FILLER.format(n) for n in range(20)),
            "Mode collapse means few kinds of samples.",
            *(FILLER.format(n) for n in range(20, 40)),
        ]
    )
    (excerpt,) = selected("What is mode collapse?", evidence(text), words=40)
    assert "Mode collapse means few kinds of samples." in excerpt.text
    assert len(excerpt.text.split()) <= 50


def test_what_is_far_from_answering_is_not_read_though_there_be_room() -> None:
    found = evidence("Mode collapse means few kinds of samples.", FILLER.format(1))
    basis = evidence_sentences(found)

    def read(gap: float) -> tuple[str, ...]:
        rated = [Scored(basis[0], 6.0), Scored(basis[1], 6.0 - gap)]
        return tuple(each.text for each in select(found, rated, words=100))

    assert read(gap=5.0) == (found[0].passage.text, FILLER.format(1))
    assert read(gap=12.0) == (found[0].passage.text,)


def test_a_list_is_read_whole_or_not_at_all() -> None:
    items = [f"- Remedy {n} is called by the letter {chr(65 + n)}." for n in range(5)]
    text = "\n".join(["Remedies for mode collapse:", *items, "", FILLER.format(1) * 10])
    (excerpt,) = selected("What are remedies for mode collapse?", evidence(text), words=60)
    assert all(item.removeprefix("- ") in excerpt.text for item in items)


def test_what_is_left_out_between_sentences_is_marked() -> None:
    text = f"Mode collapse is known. {' '.join(map(FILLER.format, range(30)))} Collapse of mode."
    (excerpt,) = selected("mode collapse", evidence(text), words=25)
    assert "…" in excerpt.text


@settings(deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=5), st.integers(10, 120), TEXT)
def test_only_whole_sentences_in_their_order_within_the_limit(
    texts: list[str], words: int, question: str
) -> None:
    given_evidence = evidence(*texts)
    excerpts = selected(question, given_evidence, words=words)
    assert excerpts
    places = [given_evidence.index(each.evidence) for each in excerpts]
    assert places == sorted(places)
    read = 0
    for each in excerpts:
        whole = each.evidence.passage.text
        sentences = [span.text for span in split_sentences(whole)]
        end = 0
        for part in each.text.split(" … "):
            assert part in whole[end:]
            end = whole.index(part, end) + len(part)
            assert all(span.text in sentences for span in split_sentences(part))
            read += len(part.split())
    longest = max(len(span.text.split()) for text in texts for span in split_sentences(text))
    assert read <= max(words, longest)
