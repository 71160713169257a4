"""A local model's text is what plain greedy decoding gives, only sooner."""

from __future__ import annotations

import string
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from knowledge.decoder import Turn
from knowledge.errors import FootnoteError, GenerationError
from knowledge.generate import LocalGenerator, agreed, lookup
from knowledge.prompt import ANSWER, JUDGE, Prompt
from tests.knowledge.tiny_model import CHAT

TOKENS = st.lists(st.integers(0, 4), max_size=30)


# -- the pure parts ------------------------------------------------------------------------


@given(TOKENS, st.integers(1, 8), st.integers(1, 4))
def test_a_guess_followed_the_same_ending_before(
    context: list[int], length: int, ngram: int
) -> None:
    guess = lookup(context, length=length, ngram=ngram)
    assert len(guess) <= length
    if guess:
        joined = [*context[-1:], *guess]
        places = range(len(context) - 1)
        assert any(context[at : at + len(joined)] == joined for at in places)
    elif len(context) > 1:
        assert context[-1] not in context[:-1]


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30), st.integers(1, 4))
def test_the_longest_and_newest_place_is_taken(context: list[int], ngram: int) -> None:
    guess = lookup(context, length=1, ngram=ngram)
    wanted: list[int] = []
    for size in range(1, min(ngram, len(context) - 1) + 1):
        for start in range(len(context) - size):
            if context[start : start + size] == context[-size:]:
                wanted = context[start + size : start + size + 1]
    assert guess == wanted


@given(TOKENS, TOKENS)
def test_what_agrees_is_the_common_beginning(guess: list[int], best: list[int]) -> None:
    best = [*best, *([9] * (len(guess) + 1))]
    count = agreed(guess, best)
    assert guess[:count] == best[:count]
    assert count == len(guess) or guess[count] != best[count]


# -- a tiny model --------------------------------------------------------------------------


# What a model's tokens are: letters only, or all bytes, of which several make a character.
LETTERS = ["Ġ", "Ċ", *string.ascii_letters, *string.digits, *string.punctuation]
BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())


def write_model(
    folder: Path, *, seed: int = 1, alphabet: list[str] = LETTERS, spread: float = 0.3
) -> Path:
    """A random model of two layers with a chat template; a narrow `spread` repeats itself."""
    tokenizer = Tokenizer(
        models.BPE(vocab={character: n for n, character in enumerate(alphabet)}, merges=[])
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>"],
    )
    fast.chat_template = CHAT
    fast.save_pretrained(folder)
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=len(fast),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        eos_token_id=fast.eos_token_id,
        tie_word_embeddings=False,
        initializer_range=spread,
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=["lively", "repetitive", "of bytes"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("model")
    match request.param:
        case "lively":
            return write_model(made)
        case "repetitive":
            return write_model(made, seed=2, spread=0.05)
        case _:
            return write_model(made, seed=3, alphabet=BYTES)


@pytest.fixture(scope="module")
def generator(folder: Path) -> Iterator[LocalGenerator]:
    # float32 makes both ways compute alike.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("knowledge.hardware.fast_dtype", lambda: torch.float32)
        made = LocalGenerator(lambda: folder, name="tiny")
        made.load()
        yield made


@pytest.fixture(scope="module")
def model(folder: Path) -> Qwen2ForCausalLM:
    """The same weights in the modules of transformers."""
    return Qwen2ForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def greedy(
    generator: LocalGenerator, model: Qwen2ForCausalLM, prompt: Prompt, *, tokens: int
) -> str:
    """What the model writes one token after another, without a cache or a guess."""
    loaded = generator.loaded()
    tokenizer = loaded.tokenizer
    before, after = loaded.frame(prompt.system)
    text = f"{before}{prompt.evidence}\n\n{prompt.question}\n{ANSWER}{after}"
    ids = list(tokenizer(text, add_special_tokens=False)["input_ids"])
    start = len(ids)
    with torch.inference_mode():
        for _ in range(tokens):
            token = int(model(input_ids=torch.tensor([ids])).logits[0, -1].argmax())
            if token in loaded.ends:
                break
            ids.append(token)
    return str(tokenizer.decode(ids[start:], skip_special_tokens=True))


def written(generator: LocalGenerator, prompt: Prompt, *, tokens: int) -> str:
    return "".join(generator.read(prompt).write(max_tokens=tokens, stop=None))


PROMPT = Prompt(
    "Be brief.", "GANs:\nTwo networks are trained. Two networks compete.", "Question: GAN?"
)


@pytest.mark.parametrize(
    "prompt",
    [
        PROMPT,
        Prompt("Be brief.", "abcabcabcabcabcabcabc", "Question: abc?"),
        Prompt("", "1. One 2. Two 3. Three. " * 10, "Question: 4?"),
        Prompt("Ä", "Größe — naïve café 中文", "Question: 中?"),
    ],
)
def test_the_text_is_that_of_plain_greedy_decoding(
    generator: LocalGenerator, model: Qwen2ForCausalLM, prompt: Prompt
) -> None:
    plain = greedy(generator, model, prompt, tokens=60).rstrip("\ufffd")
    text = written(generator, prompt, tokens=60)
    assert plain
    assert text.startswith(plain[:50])
    assert plain.startswith(text) or text.startswith(plain)


def test_right_guesses_save_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_model(tmp_path, seed=2, spread=0.05)
    generator = LocalGenerator(lambda: tmp_path, name="repetitive")
    reading = generator.read(PROMPT)
    steps: list[int] = []
    decoder = generator.loaded().decoder
    forward = decoder.forward

    def counted(turns: Sequence[Turn]) -> list[torch.Tensor]:
        steps.extend(len(turn.ids) for turn in turns)
        return forward(turns)

    monkeypatch.setattr(decoder, "forward", counted)
    "".join(reading.write(max_tokens=60, stop=None))
    assert reading.tokens.completion > 40
    assert len(steps) < 0.7 * reading.tokens.completion


def test_judging_first_does_not_change_what_is_written(generator: LocalGenerator) -> None:
    reading = generator.read(PROMPT)
    first = reading.answerable()
    text = "".join(reading.write(max_tokens=40, stop=None))
    assert text == written(generator, PROMPT, tokens=40)
    assert reading.answerable() == pytest.approx(first, abs=1e-3)
    assert "".join(reading.write(max_tokens=40, stop=None)) == text


def test_the_judgement_is_the_log_odds_of_the_first_token(
    generator: LocalGenerator, model: Qwen2ForCausalLM
) -> None:
    loaded = generator.loaded()
    tokenizer = loaded.tokenizer
    before, after = loaded.frame(PROMPT.system)
    text = f"{before}{PROMPT.evidence}\n\n{PROMPT.question}\n{JUDGE}{after}"
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    with torch.inference_mode():
        chances = model(input_ids=torch.tensor([ids])).logits[0, -1].softmax(-1)
    # This tokenizer reads single bytes: the words' first tokens are y, Y, n, N and the space.
    firsts = {letter: float(chances[loaded.encode(letter)[0]]) for letter in "yYnN "}
    yes = firsts["y"] + firsts["Y"] + firsts[" "]
    no = firsts["n"] + firsts["N"] + firsts[" "]
    expected = float(torch.log(torch.tensor(yes / no)))
    assert generator.read(PROMPT).answerable() == pytest.approx(expected, abs=1e-2)


def test_one_question_leaves_nothing_behind_for_the_next(generator: LocalGenerator) -> None:
    other = Prompt("Be brief.", "Other evidence entirely.", "Question: other?")
    alone = written(generator, PROMPT, tokens=30)
    first, second = generator.read(PROMPT), generator.read(other)
    "".join(second.write(max_tokens=30, stop=None))
    assert "".join(first.write(max_tokens=30, stop=None)) == alone


def test_no_more_is_written_than_allowed(generator: LocalGenerator) -> None:
    for allowed in (1, 5, 20):
        reading = generator.read(PROMPT)
        "".join(reading.write(max_tokens=allowed, stop=None))
        assert reading.tokens.completion <= allowed


def test_setting_stop_ends_the_text(generator: LocalGenerator) -> None:
    stop = threading.Event()
    pieces = []
    for piece in generator.read(PROMPT).write(max_tokens=500, stop=stop):
        pieces.append(piece)
        stop.set()
    assert len(pieces) <= 1
    whole = written(generator, PROMPT, tokens=500)
    assert whole.startswith("".join(pieces))


def test_pieces_are_whole_characters(generator: LocalGenerator) -> None:
    pieces = list(generator.read(PROMPT).write(max_tokens=80, stop=None))
    assert "".join(pieces) == written(generator, PROMPT, tokens=80)
    assert all(pieces)
    assert not any(piece.endswith("\ufffd") for piece in pieces)


def test_tokens_are_counted(generator: LocalGenerator) -> None:
    reading = generator.read(PROMPT)
    read = reading.tokens.prompt
    assert read >= len(PROMPT.evidence)
    "".join(reading.write(max_tokens=10, stop=None))
    assert reading.tokens.prompt > read
    assert reading.tokens.completion > 0


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60))
def test_any_evidence_can_be_read(generator: LocalGenerator, text: str) -> None:
    assert generator.read(Prompt("Be brief.", text, "Question: ?")).answerable() is not None


# -- trouble -------------------------------------------------------------------------------


def empty(folder: Path) -> None:
    """No file at all."""


def broken_weights(folder: Path) -> None:
    write_model(folder)
    (folder / "model.safetensors").write_bytes(b"not weights")


def cut_weights(folder: Path) -> None:
    write_model(folder)
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def broken_config(folder: Path) -> None:
    write_model(folder)
    (folder / "config.json").write_text('{"model_type": "unheard of"}')


@pytest.mark.parametrize("breaking", [empty, broken_weights, cut_weights, broken_config])
def test_a_model_that_cannot_be_loaded_is_told_plainly(
    tmp_path: Path, breaking: Callable[[Path], None]
) -> None:
    breaking(tmp_path)
    with pytest.raises(GenerationError, match="models verify"):
        LocalGenerator(lambda: tmp_path, name="broken").load()


def test_a_failed_load_is_tried_again(tmp_path: Path) -> None:
    generator = LocalGenerator(lambda: tmp_path, name="late")
    with pytest.raises(FootnoteError):
        generator.load()
    write_model(tmp_path)
    generator.load()
    assert generator.read(PROMPT).tokens.prompt > 0
