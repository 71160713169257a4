"""A model behind a real server says what the same model says here, and can be stopped."""

from __future__ import annotations

import json
import math
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from knowledge.abstain import Signals, shipped_calibration
from knowledge.endpoint import Endpoint
from knowledge.errors import GenerationError
from knowledge.generate import LocalGenerator
from knowledge.prompt import Prompt
from knowledge.served import ServedGenerator, log_odds, said
from tests.knowledge.model_servers import free_port, llama_cpp, transformers_serve
from tests.knowledge.tiny_model import write_folder, write_gguf

PROMPTS = [
    Prompt("Be brief.", "GANs:\nTwo networks are trained. Two networks compete.", "Question: GAN?"),
    Prompt("Be brief.", "abc abc", "Question: abc?"),
    Prompt("", "One 2 Three", "Question: 4?"),
    Prompt("Be kind.", "GPT-3 has 175 billion parameters.", "Question: how many?"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("served") / "tiny")


@pytest.fixture(scope="module")
def gguf_file(folder: Path) -> Path:
    return write_gguf(folder, folder.with_suffix(".gguf"))


@pytest.fixture(scope="module")
def llama_url(gguf_file: Path) -> Iterator[str]:
    with llama_cpp(gguf_file) as url:
        yield url


@pytest.fixture(scope="module")
def transformers_url(folder: Path) -> Iterator[str]:
    with transformers_serve(folder) as url:
        yield url


@pytest.fixture(scope="module")
def local(folder: Path) -> Iterator[LocalGenerator]:
    # float32, as the servers compute.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("knowledge.hardware.fast_dtype", lambda: torch.float32)
        made = LocalGenerator(lambda: folder, name="tiny")
        made.load()
        yield made


def served(url: str, *, model: str | None = None, key: str | None = None) -> ServedGenerator:
    secret = None if key is None else SecretStr(key)
    return ServedGenerator(Endpoint(url, key=secret, timeout_s=60), model=model)


def written(generator: ServedGenerator | LocalGenerator, prompt: Prompt, *, tokens: int) -> str:
    return "".join(generator.read(prompt).write(max_tokens=tokens, stop=None))


# -- llama.cpp's server ----------------------------------------------------------------------


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.question)
def test_the_text_is_that_of_the_same_model_here(
    llama_url: str, local: LocalGenerator, prompt: Prompt
) -> None:
    here = written(local, prompt, tokens=40)
    assert len(here) > 10
    assert written(served(llama_url), prompt, tokens=40) == here


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.question)
def test_the_log_odds_are_those_of_the_same_model_here(
    llama_url: str, local: LocalGenerator, prompt: Prompt
) -> None:
    here = local.read(prompt).answerable()
    assert here is not None
    # Bounded, and without the rarest spellings, which stand outside the twenty likeliest tokens.
    assert served(llama_url).read(prompt).answerable() == pytest.approx(
        max(-3.0, min(3.0, here)), abs=0.3
    )


def test_text_comes_in_pieces_and_tokens_are_counted(llama_url: str) -> None:
    reading = served(llama_url).read(PROMPTS[0])
    reading.answerable()
    read = reading.tokens.prompt
    pieces = list(reading.write(max_tokens=30, stop=None))
    assert len(pieces) > 5
    assert reading.tokens.prompt > read > len(PROMPTS[0].evidence) / 2
    assert reading.tokens.completion == 30


def test_the_servers_model_is_taken_where_none_is_named(llama_url: str) -> None:
    generator = served(llama_url)
    assert generator.name == "the server's model"
    generator.load()
    assert generator.name == "tiny.gguf"
    assert served(llama_url, model="mine").name == "mine"


def busy(url: str) -> bool:
    with urllib.request.urlopen(url.removesuffix("/v1") + "/slots", timeout=10) as reply:
        return any(slot["is_processing"] for slot in json.load(reply))


def wait_until_idle(url: str, *, seconds: float) -> float:
    started = time.monotonic()
    while busy(url) and time.monotonic() - started < seconds:
        time.sleep(0.02)
    return time.monotonic() - started


@pytest.mark.parametrize("how", ["stop", "close"])
def test_a_stopped_answer_is_stopped_at_the_server_too(llama_url: str, how: str) -> None:
    generator = served(llama_url)
    whole = written(generator, PROMPTS[0], tokens=60)
    stop = threading.Event()
    pieces = generator.read(PROMPTS[0]).write(max_tokens=3000, stop=stop)
    first = next(pieces)
    if how == "stop":
        stop.set()
        rest = "".join(pieces)
        assert len(rest) < 500
    else:
        pieces.close()  # type: ignore[attr-defined]  # a generator
    assert whole.startswith(first)
    wait_until_idle(llama_url, seconds=5)
    assert not busy(llama_url)
    assert written(generator, PROMPTS[0], tokens=60) == whole


def test_several_threads_share_a_generator(llama_url: str) -> None:
    generator = served(llama_url)
    alone = [written(generator, prompt, tokens=30) for prompt in PROMPTS]
    together: dict[int, str] = {}

    def ask(number: int) -> None:
        together[number] = written(generator, PROMPTS[number], tokens=30)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(PROMPTS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number] for number in range(len(PROMPTS))] == alone


def test_keys_are_sent_and_a_wrong_one_is_told(gguf_file: Path) -> None:
    with llama_cpp(gguf_file, keys=["right-key"]) as url:
        assert written(served(url, key="right-key"), PROMPTS[0], tokens=5)
        for wrong in ("wrong-key", None):
            with pytest.raises(GenerationError, match="LLM_API_KEY") as told:
                written(served(url, key=wrong), PROMPTS[0], tokens=5)
            assert "wrong-key" not in str(told.value)


def test_a_prompt_beyond_the_servers_context_is_told(llama_url: str) -> None:
    long = Prompt("Be brief.", "word " * 5000, "Question: ?")
    with pytest.raises(GenerationError, match=r"refused the question .*context") as told:
        written(served(llama_url), long, tokens=5)
    assert len(str(told.value)) < 700


def test_a_server_that_is_not_there_is_told_soon() -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    started = time.monotonic()
    with pytest.raises(GenerationError, match=re.escape(url) + r" cannot be reached .*LLM_BASE"):
        served(url, model="any").load()
    assert time.monotonic() - started < 4


def test_a_path_that_is_not_the_protocols_is_told(llama_url: str) -> None:
    with pytest.raises(GenerationError, match="usually ends in /v1"):
        served(llama_url + "/elsewhere", model="any").load()


# -- transformers serve, which has no log-probabilities --------------------------------------


def test_a_server_without_log_probabilities_is_asked_in_words(
    transformers_url: str, folder: Path, local: LocalGenerator
) -> None:
    generator = served(transformers_url, model=str(folder))
    for prompt in PROMPTS:
        answerable = generator.read(prompt).answerable()
        assert answerable in {said("yes"), said("no"), said("perhaps")}


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.question)
def test_another_server_writes_the_same_text(
    transformers_url: str, folder: Path, local: LocalGenerator, prompt: Prompt
) -> None:
    generator = served(transformers_url, model=str(folder))
    here = written(local, prompt, tokens=25)
    # It shows the chat's own marks, which others leave out.
    there = written(generator, prompt, tokens=25).replace("<|im_start|>", "")
    assert there.rstrip("\ufffd") == here.rstrip("\ufffd")


def test_a_model_that_the_server_does_not_have_is_told(transformers_url: str) -> None:
    with pytest.raises(GenerationError):
        written(served(transformers_url, model="nobody/nothing"), PROMPTS[0], tokens=2)


# -- the pure parts --------------------------------------------------------------------------


def test_spellings_of_a_word_count_together() -> None:
    firsts = [("Yes", math.log(0.3)), (" yes", math.log(0.3)), ("No", math.log(0.2))]
    assert log_odds(firsts) == pytest.approx(math.log(0.6 / 0.2))


def test_a_word_that_is_not_listed_is_less_likely_than_the_last_that_is() -> None:
    firsts = [("yes", math.log(0.8)), ("The", math.log(0.1))]
    assert log_odds(firsts) == pytest.approx(math.log(8))


def test_neither_word_tells_nothing() -> None:
    assert log_odds([("The", -0.1), ("A", -3.0)]) is None
    assert log_odds([]) is None


@given(st.lists(st.tuples(st.sampled_from(["yes", "No", "x"]), st.floats(-1e9, 0.0))))
def test_log_odds_are_bounded(firsts: list[tuple[str, float]]) -> None:
    odds = log_odds(firsts)
    assert odds is None or -3.0 <= odds <= 3.0


@pytest.mark.parametrize(("reply", "like"), [("Yes.", "yes"), ("**No**, it", "no"), ("", "maybe")])
def test_a_reply_in_words_is_read(reply: str, like: str) -> None:
    assert said(reply) == said(like)
    assert said("no") < 0 < said("maybe") < said("yes")


def test_what_a_word_is_worth_decides_as_the_log_odds_would() -> None:
    # A usual answerable question: its names are there and a sentence is to the point.
    usual = {"relevance": 5.0, "similarity": 0.6, "covered": 0.8, "named": 1.0, "stated": 5.0}
    calibration = shipped_calibration()
    chances = {
        word: calibration.probability(Signals(**usual, answerable=said(word)))
        for word in ("yes", "no", "maybe")
    }
    assert chances["no"] < calibration.threshold < chances["yes"]
    assert chances["no"] < chances["maybe"] < chances["yes"]
