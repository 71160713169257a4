"""The written-out forward pass computes what transformers' own modules do, in eight bits nearly."""

from __future__ import annotations

import copy
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
from knowledge.quantise import QuantisedLinear, quantised
from knowledge.weights import decoder_from, like_llama, stored_decoder

VOCABULARY = 96


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


def decoder(
    model: PreTrainedModel, *, path: Path | None = None, quantise: bool | None = False
) -> LlamaDecoder:
    assert like_llama(model)
    return decoder_from(model, path=path, sample=IDS, quantise=quantise)


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
    with torch.inference_mode():
        found = model(input_ids=torch.tensor([IDS[:30]]), output_hidden_states=True)
    mine = theirs.cache()
    theirs.forward([Turn(IDS[:20], mine, 1)])
    state = theirs.felt(Turn(IDS[20:30], mine, 1), layers=1)
    torch.testing.assert_close(state, found.hidden_states[1][0, -1], atol=2e-4, rtol=1e-4)
    assert mine.length == 20
    begun, cache = theirs.cache(), theirs.cache()
    theirs.forward([Turn(IDS[:30], begun, 1)])
    cache.take(begun)
    theirs.forward([Turn(IDS[60:64], cache, 1)])
    cache.keep(30)
    (logits,) = theirs.forward([Turn(IDS[30:], cache, 40)])
    torch.testing.assert_close(logits, expected[30:], atol=2e-4, rtol=1e-4)


# -- quantised -----------------------------------------------------------------------------


def error(found: torch.Tensor, wanted: torch.Tensor) -> float:
    return float((found - wanted).norm() / wanted.norm())


@pytest.mark.parametrize("shape", [(256, 128), (96, 100), (1, 1)])
@pytest.mark.parametrize("rows", [1, 5, 70])
def test_a_product_in_eight_bits_is_nearly_the_product(rows: int, shape: tuple[int, int]) -> None:
    torch.manual_seed(2)
    weight, bias, x = torch.randn(shape), torch.randn(shape[0]), torch.randn(rows, shape[1])
    product = QuantisedLinear(*quantised(weight), bias)
    assert error(product(x), torch.nn.functional.linear(x, weight, bias)) < 0.02


def test_rows_of_any_size_are_multiplied_as_well_as_small_ones() -> None:
    torch.manual_seed(2)
    weight, x = torch.randn(64, 64), torch.randn(3, 64)
    product = QuantisedLinear(*quantised(weight))
    sizes = torch.tensor([[1e-3], [1.0], [1e5]])
    torch.testing.assert_close(product(x * sizes), product(x) * sizes, rtol=0.02, atol=0.02)
    assert not product(torch.zeros(2, 64)).any()


@pytest.mark.parametrize("kind", KINDS)
def test_quantised_weights_give_nearly_the_same_logits(kind: str, tmp_path: Path) -> None:
    model = made(kind, hidden=128)
    expected = reference(model, IDS)
    mine = decoder(model, path=tmp_path / "kept", quantise=True)
    (found,) = mine.forward([Turn(IDS, mine.cache(), len(IDS))])
    # A random model makes much of little differences; a trained one does not.
    assert error(found, expected) < 0.15
    assert torch.cosine_similarity(found, expected, dim=-1).mean() > 0.97


def test_large_inputs_are_moved_into_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """One column of a layer's inputs a hundred times as large leaves the others their levels."""
    model = made("qwen2", hidden=128)
    for layer in model.model.layers:
        layer.input_layernorm.weight.data[3] *= 100
        layer.self_attn.q_proj.weight.data[:, 3] /= 100
        layer.self_attn.k_proj.weight.data[:, 3] /= 100
        layer.self_attn.v_proj.weight.data[:, 3] /= 100
    expected = reference(model, IDS)

    def lost() -> float:
        mine = decoder(copy.deepcopy(model), quantise=True)
        (found,) = mine.forward([Turn(IDS, mine.cache(), len(IDS))])
        return error(found, expected)

    smooth = lost()
    monkeypatch.setattr("knowledge.smooth._divisors", lambda inputs, _: torch.ones_like(inputs))
    assert smooth < 0.15
    assert lost() > 1.5 * smooth


def test_quantised_weights_are_kept_for_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "kept.safetensors"
    first = decoder(made("qwen2"), path=path, quantise=True)
    second = stored_decoder(path)
    assert second is not None
    step = [Turn(IDS[:9], first.cache(), 9)], [Turn(IDS[:9], second.cache(), 9)]
    torch.testing.assert_close(first.forward(step[0])[0], second.forward(step[1])[0])

    path.write_bytes(path.read_bytes()[:100])
    assert stored_decoder(path) is None
    assert stored_decoder(tmp_path / "nowhere") is None


def test_nothing_is_kept_of_weights_that_stay_as_they_are(tmp_path: Path) -> None:
    decoder(made("qwen2"), path=tmp_path / "kept", quantise=False)
    assert not list(tmp_path.iterdir())


def test_the_machine_decides_by_what_it_is_faster_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.weights._times_as_long", lambda *_: 1.1)
    decoder(made("qwen2"), path=tmp_path / "kept", quantise=None)
    assert not list(tmp_path.iterdir())

    monkeypatch.setattr("knowledge.weights._times_as_long", lambda *_: 1.5)
    decoder(made("qwen2"), path=tmp_path / "kept", quantise=None)
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


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
