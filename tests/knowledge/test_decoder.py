"""The written-out forward pass computes what transformers' own modules do, packed weights too."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from knowledge.causal import TransformersDecoder
from knowledge.decoder import LlamaDecoder, Turn
from knowledge.hardware import native_bfloat16
from knowledge.pack import FOUR_BIT_LOSS, pack
from knowledge.weights import decoder_from, like_llama

VOCABULARY = 96
needs_native = pytest.mark.skipif(
    not native_bfloat16(), reason="this processor does not multiply bfloat16 natively"
)


def made(kind: str, *, dtype: torch.dtype = torch.float32, hidden: int = 64) -> PreTrainedModel:
    torch.manual_seed(7)
    sizes = {
        "vocab_size": VOCABULARY,
        "hidden_size": hidden,
        "intermediate_size": 2 * hidden,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "initializer_range": 0.2,
    }
    model: PreTrainedModel
    match kind:
        case "qwen2":
            model = Qwen2ForCausalLM(Qwen2Config(**sizes))
            for layer in model.model.layers:  # biases are made as zeros
                torch.nn.init.normal_(layer.self_attn.q_proj.bias)
        case "llama with tied output":
            model = LlamaForCausalLM(LlamaConfig(**sizes, tie_word_embeddings=True))
        case "llama with scaled positions":
            scaling = {
                "rope_type": "llama3",
                "rope_theta": 10_000.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64,
            }
            model = LlamaForCausalLM(LlamaConfig(**sizes, rope_parameters=scaling))
        case _:
            model = MistralForCausalLM(MistralConfig(**sizes, sliding_window=None))
    return model.to(dtype).eval()


KINDS = ("qwen2", "llama with tied output", "llama with scaled positions", "mistral")


def reference(model: PreTrainedModel, ids: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        return torch.as_tensor(model(input_ids=torch.tensor([ids])).logits[0])


def decoder(model: PreTrainedModel, *, store: Path | None = None) -> LlamaDecoder:
    assert like_llama(model)
    return decoder_from(model, store=store, identity="tiny")


IDS = [(7 * n * n + 3 * n) % VOCABULARY for n in range(70)]


@pytest.mark.parametrize("kind", KINDS)
def test_logits_are_those_of_transformers(kind: str) -> None:
    model = made(kind)
    expected = reference(model, IDS)
    mine = decoder(model)
    (logits,) = mine.forward([Turn(IDS, mine.cache(), len(IDS))])
    torch.testing.assert_close(logits, expected, atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("parts", [(1,) * 70, (30, 1, 1, 4, 34), (69, 1)])
def test_a_text_read_in_parts_is_the_same_text(kind: str, parts: tuple[int, ...]) -> None:
    model = made(kind)
    expected = reference(model, IDS)
    mine = decoder(model)
    cache, at, found = mine.cache(), 0, []
    for count in parts:
        found.extend(mine.forward([Turn(IDS[at : at + count], cache, count)]))
        at += count
    torch.testing.assert_close(torch.cat(found), expected, atol=2e-4, rtol=1e-4)
    assert cache.length == len(IDS)


def test_texts_that_step_together_do_not_see_each_other() -> None:
    model = made("qwen2")
    texts = [IDS[:40], IDS[11:14], IDS[50:51], IDS[20:52]]
    expected = [reference(model, text) for text in texts]
    mine = decoder(model)
    caches = [mine.cache() for _ in texts]
    mine.forward(
        [Turn(text[:-1], cache, 1) for text, cache in zip(texts, caches, strict=True) if text[:-1]]
    )
    last = mine.forward(
        [Turn(text[-1:], cache, 1) for text, cache in zip(texts, caches, strict=True)]
    )
    for logits, wanted in zip(last, expected, strict=True):
        torch.testing.assert_close(logits[0], wanted[-1], atol=2e-4, rtol=1e-4)


def test_what_is_forgotten_leaves_no_trace() -> None:
    model = made("qwen2")
    expected = reference(model, [*IDS[:20], *IDS[40:50]])
    mine = decoder(model)
    cache = mine.cache()
    mine.forward([Turn(IDS[:40], cache, 1)])
    cache.keep(20)
    (logits,) = mine.forward([Turn(IDS[40:50], cache, 10)])
    torch.testing.assert_close(logits, expected[20:], atol=2e-4, rtol=1e-4)


def test_a_taken_beginning_is_not_shared() -> None:
    mine = decoder(made("qwen2"))
    begun = mine.cache()
    mine.forward([Turn(IDS[:10], begun, 1)])
    first, second = mine.cache(), mine.cache()
    first.take(begun)
    second.take(begun)
    (alone,) = mine.forward([Turn(IDS[10:20], first, 10)])
    mine.forward([Turn(IDS[30:40], begun, 1)])
    (after,) = mine.forward([Turn(IDS[10:20], second, 10)])
    torch.testing.assert_close(after, alone)
    assert begun.length == 20


def test_other_models_go_by_the_modules_of_transformers() -> None:
    torch.manual_seed(1)
    model = GPT2LMHeadModel(
        GPT2Config(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=2, n_positions=128)
    ).eval()
    assert not like_llama(model)
    expected = reference(model, IDS)
    theirs = TransformersDecoder(model)
    begun, cache = theirs.cache(), theirs.cache()
    theirs.forward([Turn(IDS[:30], begun, 1)])
    cache.take(begun)
    theirs.forward([Turn(IDS[60:64], cache, 1)])
    cache.keep(30)
    (logits,) = theirs.forward([Turn(IDS[30:], cache, 40)])
    torch.testing.assert_close(logits, expected[30:], atol=2e-4, rtol=1e-4)


# -- packed --------------------------------------------------------------------------------


def sixteen_levels(rows: int, columns: int) -> torch.Tensor:
    """Weights as they come out of a four-bit file: scale · level - least value, by groups."""
    torch.manual_seed(3)
    groups = columns // 32
    level = torch.randint(0, 16, (rows, groups, 32)).float()
    scale, least = torch.rand(2, rows, groups, 1) * 0.02 + 0.001
    return (level * scale - 8 * least).view(rows, columns).to(torch.bfloat16)


def loss(weight: torch.Tensor) -> tuple[int, float]:
    packed = pack(weight)
    assert packed is not None
    found = packed.times(torch.eye(weight.shape[1], dtype=torch.bfloat16)).t().float()
    wanted = weight.float()
    return packed.bits, float((found - wanted).norm() / wanted.norm())


@needs_native
def test_weights_that_came_from_four_bits_go_back_to_them() -> None:
    bits, lost = loss(sixteen_levels(256, 128))
    assert bits == 4
    assert lost < 0.015


@needs_native
def test_weights_that_would_lose_in_four_bits_get_eight() -> None:
    torch.manual_seed(2)
    bits, lost = loss(torch.randn(256, 128).to(torch.bfloat16))
    assert bits == 8
    assert lost < FOUR_BIT_LOSS


@pytest.mark.parametrize("shape", [(64, 100), (50, 64), (1, 1)])
def test_sides_that_the_kernels_cannot_take_are_not_packed(shape: tuple[int, int]) -> None:
    assert pack(torch.randn(shape).to(torch.bfloat16)) is None


@needs_native
@pytest.mark.parametrize("kind", KINDS)
def test_packed_weights_give_nearly_the_same_logits(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.weights._worth_it", lambda _: True)
    model = made(kind, dtype=torch.bfloat16, hidden=128)
    expected = reference(model, IDS[:24]).float()
    mine = decoder(model, store=tmp_path)
    cache = mine.cache()
    (prompt,) = mine.forward([Turn(IDS[:20], cache, 20)])
    (packed,) = mine.forward([Turn(IDS[20:24], cache, 4)])
    found = torch.cat([prompt, packed]).float()
    assert float((found - expected).norm() / expected.norm()) < 0.06
    assert torch.cosine_similarity(packed.float(), expected[20:], dim=-1).min() > 0.99


@needs_native
def test_packed_weights_are_kept_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.weights._worth_it", lambda _: True)
    first = decoder(made("qwen2", dtype=torch.bfloat16), store=tmp_path)
    (file,) = tmp_path.iterdir()

    def refused(_: torch.Tensor) -> None:
        raise AssertionError("packed again")

    with monkeypatch.context() as patch:
        patch.setattr("knowledge.weights.pack", refused)
        second = decoder(made("qwen2", dtype=torch.bfloat16), store=tmp_path)
    step = [Turn(IDS[:3], first.cache(), 3)], [Turn(IDS[:3], second.cache(), 3)]
    torch.testing.assert_close(first.forward(step[0])[0], second.forward(step[1])[0])

    file.write_bytes(file.read_bytes()[:100])
    third = decoder(made("qwen2", dtype=torch.bfloat16), store=tmp_path)
    torch.testing.assert_close(
        first.forward([Turn(IDS[:3], first.cache(), 3)])[0],
        third.forward([Turn(IDS[:3], third.cache(), 3)])[0],
    )


def test_the_small_default_is_like_llama_and_a_window_is_not() -> None:
    assert like_llama(made("mistral"))
    windowed = MistralConfig(
        vocab_size=8,
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        sliding_window=4,
    )
    assert not like_llama(AutoModelForCausalLM.from_config(windowed))
