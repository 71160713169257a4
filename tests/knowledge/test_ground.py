"""A sentence is shown as fact only where the evidence says it, of the same subject."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.basis import EvidenceSentence, evidence_sentences
from knowledge.ground import ground
from knowledge.types import Evidence, Location, Passage, Verdict
from knowledge.words import written

GAN = (
    "A generative adversarial network trains two networks against each other. "
    "Ian Goodfellow and his colleagues introduced GANs in June 2014. "
    "Mode collapse occurs when the generator produces only a few kinds of samples. "
    "GANs do not need labelled data."
)
GPT = (
    "GPT-3, with 175 billion parameters, was released by OpenAI in 2020. "
    "GPT-2 has 1.5 billion parameters. The model was trained on WebText. "
    "As of 2025 OpenAI has not published the parameter count of GPT-4."
)
VAE = "VAEs give blurry images, while GANs give sharp ones. A VAE encodes its input."


def basis(*texts: str, title: str = "Notes") -> tuple[EvidenceSentence, ...]:
    return evidence_sentences(
        [
            Evidence(Passage(f"p{n}", f"d{n}", title, text, Location(), 0), 1.0, 1.0, 1.0)
            for n, text in enumerate(texts)
        ]
    )


EVIDENCE = basis(GAN, GPT, VAE)


def verdict(sentence: str, question: str = "") -> Verdict:
    return ground(sentence, EVIDENCE, question=question).verdict


@pytest.mark.parametrize(
    "sentence",
    [
        "Mode collapse occurs when the generator produces only a few kinds of samples.",
        "In mode collapse, a generator produces few kinds of samples.",
        "GANs were introduced by Ian Goodfellow and colleagues in June 2014.",
        "GPT-3 has 175 billion parameters.",
        "GPT-3 was released with 175B parameters by OpenAI in 2020.",
        "GPT-2 has 1.5 billion parameters.",
        "GANs do not need labelled data.",
    ],
)
def test_what_the_evidence_says_is_supported(sentence: str) -> None:
    assert verdict(sentence) is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("GPT-4 has 175 billion parameters.", "another model's number"),
        ("GPT-2 has 175 billion parameters.", "another model's number"),
        ("GANs were introduced by Joseph Weizenbaum in June 2014.", "a name from nowhere"),
        ("Ian Goodfellow introduced GANs in 2016.", "a number from nowhere"),
        ("GPT-3, with 175 million parameters, was released in 2020.", "another magnitude"),
        ("GPT-3 was acquired by Anthropic in 2021.", "both from nowhere"),
        ("Whisper transcribes speech into text.", "nothing at all"),
        ("The capital of France is Paris.", "nothing at all"),
    ],
)
def test_what_the_evidence_does_not_say_is_not_supported(sentence: str, why: str) -> None:
    found = ground(sentence, EVIDENCE)
    assert found.verdict is Verdict.UNSUPPORTED, why
    assert found.reason


def test_the_opposite_is_contradicted() -> None:
    assert verdict("GANs need labelled data.") is Verdict.CONTRADICTED


def test_the_reason_names_what_is_missing() -> None:
    assert "2016" in ground("Ian Goodfellow introduced GANs in 2016.", EVIDENCE).reason
    assert "weizenbaum" in ground("Joseph Weizenbaum introduced GANs.", EVIDENCE).reason.lower()


def test_support_is_the_sentence_that_says_it() -> None:
    found = ground("Ian Goodfellow and colleagues introduced GANs in June 2014.", EVIDENCE)
    assert [each.text for each in found.support] == [
        "Ian Goodfellow and his colleagues introduced GANs in June 2014."
    ]
    assert found.coverage > 0.9


def test_two_sentences_may_support_one_together() -> None:
    found = ground(
        "Ian Goodfellow introduced GANs in June 2014, while GPT-2 has 1.5 billion parameters.",
        EVIDENCE,
    )
    assert found.verdict is Verdict.SUPPORTED
    assert {each.passage.id for each in found.support} == {"p0", "p1"}


def test_words_of_the_question_alone_prove_nothing() -> None:
    question = "Is mode collapse of generators caused by solar wind and cosmic radiation?"
    sentence = "Mode collapse of generators is caused by solar wind and cosmic radiation."
    assert verdict(sentence, question) is not Verdict.SUPPORTED


def test_a_title_lends_its_subject_to_the_sentences_under_it() -> None:
    about = basis("It was released in 2022 with 176 billion parameters.", title="BLOOM")
    assert ground("BLOOM has 176 billion parameters.", about).verdict is Verdict.SUPPORTED
    assert ground("OPT has 176 billion parameters.", about).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize("sentence", ["", "…", "It is what it is.", "The passages state this."])
def test_a_sentence_that_says_nothing_is_not_shown(sentence: str) -> None:
    found = ground(sentence, EVIDENCE)
    assert found.verdict is Verdict.UNSUPPORTED
    assert found.support == ()


def test_without_evidence_nothing_is_supported() -> None:
    assert ground("GANs train two networks.", ()).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize("text", [each.text for each in EVIDENCE])
def test_every_sentence_of_the_evidence_supports_itself(text: str) -> None:
    assert ground(text, EVIDENCE).verdict is Verdict.SUPPORTED


@settings(max_examples=60)
@given(st.text(max_size=120) | st.lists(st.sampled_from(GPT.split()), max_size=12).map(" ".join))
def test_no_draft_breaks_it_and_support_is_always_from_the_evidence(sentence: str) -> None:
    found = ground(sentence, EVIDENCE)
    assert 0.0 <= found.coverage <= 1.0 + 1e-9
    assert all(each in EVIDENCE for each in found.support)
    assert len(set(map(id, found.support))) == len(found.support)
    if found.verdict is Verdict.SUPPORTED:
        assert found.support


def test_quotes_stand_verbatim_in_their_passages() -> None:
    text = "- First item. Second sentence.\n- Another item e.g. this one.\n\nA last line"
    sentences = basis(text)
    assert len(sentences) >= 4
    for each in sentences:
        assert each.passage.text[each.start : each.start + len(each.text)] == each.text


@pytest.mark.parametrize(
    ("number", "text"),
    [(175e9, "175,000,000,000"), (2014.0, "2014"), (1.5, "1.5"), (0.0, "0"), (10_000.0, "10,000")],
)
def test_a_reason_writes_numbers_as_people_do(number: float, text: str) -> None:
    assert written(number) == text
