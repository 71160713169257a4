"""Compounds are written as the documents of one's own scopes write them, and as nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from knowledge.compounds import written
from knowledge.library import SHARED, Library
from knowledge.lookup import match_expression
from knowledge.spelling import Speller
from knowledge.variants import variants
from tests.fakes import index, write_files

FILES = {
    "a.md": "# Models\n\nStable Diffusion and Midjourney draw. DALL·E 2 and GPT-4o do so too.\n",
    "b.md": "# Words\n\nBy fine-tuning, word2vec and mode collapse meet overfitting. Say it.\n",
    "c.md": "# Names\n\nIan Goodfellow met Joseph Weizenbaum. An optimiser is a transformer.\n",
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("compounds")
    with Library(folder / "home", embedder="hashing-64") as library:
        index(library, write_files(folder / "files", FILES))
        yield library


@pytest.fixture
def speller(filled: Library) -> Speller:
    return Speller(filled, ordinary=frozenset({"release", "say"}).__contains__)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("who made stablediffusion", "who made Stable Diffusion"),
        ("is mid journey open", "is Midjourney open"),
        ("gpt4o release", "GPT-4o release"),
        ("is dalle2 free", "is DALL·E 2 free"),
        ("what is finetuning", "what is fine-tuning"),
        ("whats modecollapse", "what is mode collapse"),
        ("who made word 2 vec", "who made word2vec"),
        ("who is goodfelow", "who is goodfellow"),
        ("Who is Goodfelow?", "Who is Goodfellow?"),
        ("what is midjourney9", "what is midjourney 9"),
        # What is there, what nobody has written of, and what is no compound.
        ("what is gpt 4o", "what is gpt 4o"),
        ("What is StyleGAN3?", "What is StyleGAN3?"),
        ("what is zorblaxnet", "what is zorblaxnet"),
        ("say it", "say it"),
        ("Who is Godfrey?", "Who is Godfrey?"),
        ("Qu'est-ce que le finetuning ?", "Qu'est-ce que le finetuning ?"),
    ],
)
def test_a_compound_is_put_as_the_documents_have_it(
    speller: Speller, asked: str, meant: str
) -> None:
    assert speller(asked, scopes=[SHARED]) == meant


@pytest.mark.parametrize(
    "asked", ["who made stablediffusion", "is mid journey open", "is gpt4o it"]
)
def test_another_guilds_compounds_stay_unknown(speller: Speller, asked: str) -> None:
    assert speller(asked, scopes=["guild-7"]) == asked


def test_a_form_in_lower_case_is_preferred() -> None:
    texts = ["Fine-tuning is dear.", "They like fine-tuning."]
    assert written(["fine", "tuning"], texts) == "fine-tuning"
    assert written(["gpt", "4"], ["GPT-4 is one."]) == "GPT-4"
    assert written(["no", "form"], []) == "no form"


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("tokenization", "tokenisation"),
        ("optimiser", "optimizer"),
        ("colors", "colours"),
        ("labelled", "labeled"),
        ("license", "licence"),
        ("analyse", "analyze"),
        ("centre", "center"),
    ],
)
def test_british_and_american_spellings_find_each_other(word: str, other: str) -> None:
    assert other in variants(word)
    assert f'"{other}"' in match_expression(f"the {word}")


def test_other_words_have_no_variant() -> None:
    assert variants("transformer") == variants("gpt") == variants("noise") == ()


def test_a_keyword_finds_the_other_spelling(filled: Library) -> None:
    found = filled.keyword("optimizer", k=3, scopes=[SHARED])
    assert [passage.document_id for passage, _ in found] == ["c.md"]
