"""What a turn of a conversation was about is read from its question and its answer."""

from __future__ import annotations

import pytest

from knowledge.subject import Turn, listed, new_names, person, topic


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("What is a latent space?", "a latent space"),
        ("Tell me about the risks of deepfakes.", "the risks of deepfakes"),
        ("When did Sora come out?", "Sora"),
        ("Compare GANs and VAEs", "GANs and VAEs"),
        ("What does temperature do in sampling?", "temperature"),
        ("How many parameters does GPT-3 have?", "GPT-3"),
        ("How well did GPT-4.5 do in the Turing test?", "GPT-4.5"),
        ("Under which licence is Stable Diffusion?", "Stable Diffusion"),
        ("What are VAEs used for?", "VAEs"),
        ("Who owns AI art in the US?", "AI art"),
        ("Is AI art protected by copyright?", "AI art"),
        ("What did the judge decide in Bartz v. Anthropic?", "Bartz v. Anthropic"),
    ],
)
def test_a_questions_subject_is_in_its_own_words(question: str, about: str) -> None:
    assert topic(question) == about


@pytest.mark.parametrize(
    ("asked", "told", "subject"),
    [
        ("What are the risks of deepfakes?", "Fraud.", "deepfakes"),
        ("Which model beat Gopher?", "Chinchilla, with 70 billion parameters, did.", "Chinchilla"),
        ("What should I use for many users?", "vLLM answers many at once.", "vLLM"),
        ("Which picture won?", "'Opéra Spatial', made with Midjourney, won.", "Opéra Spatial"),
        ("Which gates does an LSTM have?", "Forget, input and output gate.", "an LSTM"),
    ],
)
def test_it_is_what_was_asked_for_or_what_was_asked_about(
    asked: str, told: str, subject: str
) -> None:
    assert Turn(asked, told).subject == subject


def test_dates_and_known_names_are_nothing_new() -> None:
    turn = Turn("Who introduced GANs?", "Ian Goodfellow introduced GANs in June 2014.")
    assert new_names(turn) == ["Ian Goodfellow"]


@pytest.mark.parametrize(
    ("asked", "told", "who"),
    [
        ("Who made ELIZA?", "Joseph Weizenbaum published ELIZA at MIT.", "Joseph Weizenbaum"),
        ("Who is Stephen Thaler?", "He sued in New York City.", "Stephen Thaler"),
        ("What won?", "'Space Opera', by Jason Allen, at the State Fair.", "Jason Allen"),
        ("What is RAG?", "It was shown at the New York University.", ""),
    ],
)
def test_he_is_a_person_and_no_title_or_place(asked: str, told: str, who: str) -> None:
    assert person(Turn(asked, told)) == who


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("1. Fine-tuning of it. 2. A reward model.", ["Fine-tuning", "A reward model"]),
        ("They are the generator (G) and the discriminator (D).", None),
        ("Sora by OpenAI, Gen-4 by Runway and Veo 3 by Google.", ["Sora", "Gen-4", "Veo 3"]),
        (
            "Chroma, Qdrant and Milvus are databases, and FAISS is not.",
            ["Chroma", "Qdrant", "Milvus"],
        ),
        ("Nothing is listed here.", []),
    ],
)
def test_lists_are_read_from_numbers_and_rows(text: str, items: list[str] | None) -> None:
    assert listed(text) == (["the generator", "the discriminator"] if items is None else items)
