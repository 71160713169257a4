"""A random model of two layers, as transformers' folder and as a GGUF file: the same weights."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# So that yes and no are tokens, as they are for every language model.
_MERGES = [
    *(("n", "o"), ("N", "o"), ("N", "O"), ("Ġ", "no"), ("Ġ", "No")),
    *(("e", "s"), ("y", "es"), ("Y", "es"), ("E", "S"), ("Y", "ES"), ("Ġ", "yes"), ("Ġ", "Yes")),
]
_CONTEXT = 4096
_IN_GGUF = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def _tokenizer() -> PreTrainedTokenizerFast:
    pieces = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *("".join(pair) for pair in _MERGES)]
    bare = Tokenizer(models.BPE(vocab={piece: n for n, piece in enumerate(pieces)}, merges=_MERGES))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=bare,
        eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>"],
    )
    fast.chat_template = CHAT
    return fast


def write_folder(folder: Path, *, seed: int = 18) -> Path:
    """The model as transformers reads it."""
    tokenizer = _tokenizer()
    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=_CONTEXT,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=False,
        initializer_range=0.3,
    )
    model = Qwen2ForCausalLM(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name == "lm_head.weight":
                # It is fond of one-word replies: yes and no are among its likeliest tokens.
                weight[tokenizer.convert_tokens_to_ids(["yes", "no"])] *= 4.0
            # The same in bfloat16, in which a model may be run.
            weight.copy_(weight.bfloat16())
    model.save_pretrained(folder)
    return folder


def write_gguf(folder: Path, file: Path) -> Path:
    """The model of `folder` as llama.cpp reads it."""
    config = Qwen2Config.from_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    writer = gguf.GGUFWriter(file, "qwen2")
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    special = set(tokenizer.all_special_ids)
    kinds = gguf.TokenType
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokenizer.convert_ids_to_tokens(range(len(tokenizer))))
    writer.add_token_types(
        [kinds.CONTROL if n in special else kinds.NORMAL for n in range(len(tokenizer))]
    )
    writer.add_token_merges([" ".join(pair) for pair in _MERGES])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT)
    for name, tensor in load_file(folder / "model.safetensors").items():
        writer.add_tensor(_gguf_name(name), tensor.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _gguf_name(name: str) -> str:
    *path, kind = name.removeprefix("model.layers.").split(".")
    if name.startswith("model.layers."):
        return f"blk.{path[0]}.{_IN_GGUF['.'.join(path[1:])]}.{kind}"
    return f"{_IN_GGUF['.'.join(path)]}.{kind}"
