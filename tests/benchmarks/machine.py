"""What the machine could do at most, and how much of it reading a prompt and writing reach.

Writing a token reads every weight once: its limit is how fast memory is read. Reading a prompt
multiplies every weight with every token: its limit is how fast large matrices are multiplied.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.causal import Decoder
from knowledge.decoder import Turn
from knowledge.hardware import fast_dtype, machine

_ARRAY_BYTES = 1 << 30
_SIDE = 3072
_TIMES = 5
# As long as what the model reads for one question.
PROMPT_TOKENS = 320
_STEPS = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes read a second, operations a second in products, and what the machine is."""

    read: float
    products: float
    cores: int
    memory: int
    processor: str
    load: float


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for a prompt of `tokens` and for one token more; what each has to do at least."""

    tokens: int
    prompt_s: float
    token_s: float
    operations: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Shares:
    """Parts of the machine's limits that are reached, from 0 to 1."""

    prefill: float
    decode: float


def limits(*, array: int = _ARRAY_BYTES, side: int = _SIDE) -> Limits:
    """Measure the machine: the best of several runs, since other work only takes away."""
    import torch

    load, found = os.getloadavg()[0], machine()
    values = torch.ones(array // 4, dtype=torch.float32)
    one, other = (torch.rand(side, side).to(fast_dtype()) for _ in range(2))
    with torch.inference_mode():
        read = array / _fastest(values.sum)
        products = 2 * side**3 / _fastest(lambda: one @ other)
    return Limits(read, products, found.cores, found.memory, _processor(), round(load, 1))


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown")


def _fastest(work: Callable[[], object]) -> float:
    return min(_seconds(work) for _ in range(_TIMES))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def pace(decoder: Decoder, config: Mapping[str, Any], *, read: int) -> Pace:
    """Time a decoder on a prompt and on single tokens after it; `read` is its bytes a token."""
    ids = [11 + number % 97 for number in range(PROMPT_TOKENS)]
    prompts = []
    for _ in range(3):
        cache = decoder.cache()
        prompts.append(_seconds(lambda cache=cache: decoder.forward([Turn(ids, cache, 1)])))
    steps = [_seconds(lambda: decoder.forward([Turn(ids[:1], cache, 1)])) for _ in range(_STEPS)]
    return Pace(
        PROMPT_TOKENS,
        min(prompts),
        statistics.median(steps),
        operations=2 * PROMPT_TOKENS * layer_weights(config),
        bytes=read,
    )


def layer_weights(config: Mapping[str, Any]) -> int:
    """How many weights of a Llama-like model every token is multiplied with, its head left out."""
    hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    size = int(config.get("head_dim") or hidden // heads)
    attention = hidden * size * (2 * heads + 2 * int(config["num_key_value_heads"]))
    return int(config["num_hidden_layers"]) * (
        attention + 3 * hidden * int(config["intermediate_size"])
    )


def shares(found: Pace, of: Limits) -> Shares:
    """How much of the limits a pace is."""
    return Shares(
        prefill=found.operations / found.prompt_s / of.products,
        decode=found.bytes / found.token_s / of.read,
    )


def decoder_bytes(decoder: Any) -> int:
    """Bytes of weights that our decoder reads for one token, quantised ones where it has them."""
    products = [
        product
        for layer in decoder._layers
        for product in (layer.qkv, layer.out, layer.gate_up, layer.down)
    ]
    return sum(_bytes(product._weight) for product in [*products, decoder._head])


def model_bytes(model: Any) -> int:
    """Bytes of weights that a transformers model reads for one token: all but its embedding."""
    head, embedding = model.lm_head.weight, model.get_input_embeddings().weight
    layers = sum(_bytes(weight) for weight in {id(w): w for w in model.parameters()}.values())
    return layers if head is embedding else layers - _bytes(embedding)


def _bytes(tensor: Any) -> int:
    return int(tensor.numel() * tensor.element_size())
