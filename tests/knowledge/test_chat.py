"""Chat's spellings are written out, its fillers are left out, and nothing else changes."""

from __future__ import annotations

import pytest

from knowledge.chat import plain_words


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ("whats dif between gan n vae lol", "what is difference between gan and vae"),
        ("how 2 detect deepfakes irl", "how to detect deepfakes"),
        ("gimme the diff btw bert and gpt", "give me the difference between bert and gpt"),
        ("hey guys does anyone know how lora works thx", "how lora works"),
        ("y r pics so blurry tbh", "why are pictures so blurry"),
        ("a good lr for lora, pls", "a good learning rate for lora, please"),
        ("free 4 me b4 friday", "free for me before friday"),
    ],
)
def test_chat_is_read_as_what_it_stands_for(asked: str, plain: str) -> None:
    assert plain_words(asked) == plain


@pytest.mark.parametrize(
    "question",
    [
        "What is GPT-4?",
        "when did deepseek r1 come out",
        "how many parameters has llama 2 today",
        "the sum of n terms for k steps",
        "What does R mean in R2D2?",
        "who's the author",
        "lol",
    ],
)
def test_what_is_no_chat_stays(question: str) -> None:
    assert plain_words(question) == question
