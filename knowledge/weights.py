"""A loaded model's weights in the form in which the processor at hand is fast with them.

Quantising takes some ten seconds, so that the result is kept in a file beside the models, with all
that the decoder needs: the next start reads it instead of the model. The file belongs to one set of
weights; where the processor is no faster in integers it is not made.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from knowledge import weights_file
from knowledge.decoder import Layer, LlamaDecoder, Shape, Turn
from knowledge.hardware import native_bfloat16
from knowledge.quantise import Linear, Product, QuantisedLinear, quantised
from knowledge.smooth import Watched, smoothed_head, smoothed_layer

if TYPE_CHECKING:
    import torch

log = structlog.get_logger(__name__)

LIKE_LLAMA = frozenset({"llama", "qwen2", "mistral"})
_POSITIONS = 32_768
_WORTH = 1.2
_FEW, _MANY = 1, 64
_PRODUCTS = ("qkv", "out", "gate_up", "down")

Tensors = Mapping[str, "torch.Tensor"]


def like_llama(model: Any) -> bool:
    """Whether a transformers model's layers are those that `LlamaDecoder` computes."""
    config = model.config
    if config.model_type not in LIKE_LLAMA or config.hidden_act != "silu":
        return False
    windowed = getattr(config, "sliding_window", None) is not None
    return not windowed or getattr(config, "use_sliding_window", True) is False


def stored_decoder(path: Path | None) -> LlamaDecoder | None:
    """The decoder of a file of quantised weights; None where there is no whole one."""
    stored = weights_file.read(path)
    return None if stored is None else _assembled(stored[0], shape=stored[1], reorder=False)


def decoder_from(
    model: Any, *, path: Path | None, sample: Sequence[int], quantise: bool | None = None
) -> LlamaDecoder:
    """The decoder of a Llama-like transformers model, whose weights it takes over.

    They are quantised if `quantise`, or where that is clearly faster (None), and then kept in the
    file `path`; the token ids `sample` show which of its inputs are large.
    """
    shape, tensors = _shape(model), _tensors(model)
    if quantise is None:
        quantise = _worth_it(tensors["layers.0.down.weight"])
    if not quantise:
        native = native_bfloat16() and model.dtype.itemsize == 2
        return _assembled(tensors, shape=shape, reorder=native)
    small = _quantised(tensors, shape=shape, sample=sample)
    if path is not None:
        weights_file.save(small, path=path, shape=shape)
    return _assembled(small, shape=shape, reorder=False)


def _shape(model: Any) -> Shape:
    config = model.config
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    heads = config.num_attention_heads, config.num_key_value_heads
    return Shape(*heads, size, config.rms_norm_eps)


def _tensors(model: Any) -> dict[str, torch.Tensor]:
    """The model's tensors by the decoder's names; products that read the same rows are one.

    The modules give up their weights, so that they are not held twice.
    """
    import torch

    found: dict[str, torch.Tensor] = {
        "embedding": model.model.embed_tokens.weight.detach(),
        "norm": model.model.norm.weight.detach(),
        "head.weight": model.lm_head.weight.detach(),
    }
    found["cos"], found["sin"] = _turns(model)
    for number, layer in enumerate(model.model.layers):
        attention, mlp = layer.self_attn, layer.mlp
        joined = {
            "qkv": (attention.q_proj, attention.k_proj, attention.v_proj),
            "out": (attention.o_proj,),
            "gate_up": (mlp.gate_proj, mlp.up_proj),
            "down": (mlp.down_proj,),
        }
        name = f"layers.{number}"
        for product, modules in joined.items():
            found[f"{name}.{product}.weight"] = torch.cat([m.weight.detach() for m in modules])
            if modules[0].bias is not None:
                found[f"{name}.{product}.bias"] = torch.cat([m.bias.detach() for m in modules])
            for module in modules:
                module.weight = None
        found[f"{name}.before_attention"] = layer.input_layernorm.weight.detach()
        found[f"{name}.before_gate"] = layer.post_attention_layernorm.weight.detach()
    return found


def _turns(model: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines of each position, as the model itself computes them."""
    import torch

    count = min(_POSITIONS, model.config.max_position_embeddings)
    embedding = model.model.embed_tokens.weight
    with torch.inference_mode():
        positions = torch.arange(count, device=embedding.device)[None]
        cos, sin = model.model.rotary_emb(embedding[:1, None], positions)
    half = cos.shape[-1] // 2
    return cos[0, :, :half].contiguous(), sin[0, :, :half].contiguous()


def _assembled(
    tensors: Tensors,
    *,
    shape: Shape,
    reorder: bool,
    watch: Callable[[str, Product], Product] = lambda _, product: product,
) -> LlamaDecoder:
    """The decoder of these tensors, be they quantised or not."""

    def product(name: str) -> Product:
        bias = tensors.get(f"{name}.bias")
        if f"{name}.values" in tensors:
            return QuantisedLinear(tensors[f"{name}.values"], tensors[f"{name}.scales"], bias)
        return watch(name, Linear(tensors[f"{name}.weight"], bias, reorder=reorder))

    layers = [
        Layer(
            before_attention=tensors[f"{name}.before_attention"],
            qkv=product(f"{name}.qkv"),
            out=product(f"{name}.out"),
            before_gate=tensors[f"{name}.before_gate"],
            gate_up=product(f"{name}.gate_up"),
            down=product(f"{name}.down"),
        )
        for name in (f"layers.{number}" for number in range(_layers(tensors)))
    ]
    return LlamaDecoder(
        layers,
        shape=shape,
        embedding=tensors["embedding"],
        norm=tensors["norm"],
        head=product("head"),
        turns=(tensors["cos"], tensors["sin"]),
    )


def _layers(tensors: Tensors) -> int:
    return sum(name.endswith(".before_gate") for name in tensors)


def _quantised(
    tensors: dict[str, torch.Tensor], *, shape: Shape, sample: Sequence[int]
) -> dict[str, torch.Tensor]:
    """The same model in eight bits; `tensors` is emptied as it goes, to hold little twice."""
    largest = _largest(tensors, shape=shape, sample=sample)
    small = {name: tensors[name] for name in ("embedding", "cos", "sin")}
    for number in range(_layers(tensors)):
        name = f"layers.{number}."
        layer = {each: tensors[each] for each in tensors if each.startswith(name)}
        for each in layer:
            del tensors[each]
        own = {each.removeprefix(name): tensor for each, tensor in layer.items()}
        watched = {f"{each}.weight": largest[f"{name}{each}"] for each in _PRODUCTS}
        for each, tensor in smoothed_layer(own, watched, shape=shape).items():
            small |= _eight_bits(f"{name}{each}", tensor)
    small["norm"], head = smoothed_head(tensors["norm"], tensors["head.weight"], largest["head"])
    return small | _eight_bits("head.weight", head)


def _eight_bits(name: str, tensor: torch.Tensor) -> dict[str, torch.Tensor]:
    if not name.endswith(".weight"):
        return {name: tensor}
    product = name.removesuffix(".weight")
    values, scales = quantised(tensor)
    return {f"{product}.values": values, f"{product}.scales": scales}


def _largest(tensors: Tensors, *, shape: Shape, sample: Sequence[int]) -> dict[str, torch.Tensor]:
    """For each product the largest input of each column while the model reads the sample."""
    watched: dict[str, Watched] = {}

    def watch(name: str, product: Product) -> Product:
        return watched.setdefault(name, Watched(product))

    decoder = _assembled(tensors, shape=shape, reorder=False, watch=watch)
    decoder.forward([Turn(sample, decoder.cache(), len(sample))])
    return {name: each.largest for name, each in watched.items() if each.largest is not None}


def _worth_it(weight: torch.Tensor) -> bool:
    """Whether eight bits are clearly faster, measured on one of the matrices."""
    import torch

    if weight.is_cuda:
        return False
    try:
        small = QuantisedLinear(*quantised(weight))
    except (RuntimeError, AttributeError) as error:
        log.info("no products of eight bits here", reason=str(error))
        return False
    plain = Linear(weight, reorder=native_bfloat16() and weight.dtype == torch.bfloat16)
    with torch.inference_mode():
        for rows in (_FEW, _MANY):
            x = torch.ones(rows, weight.shape[1])
            same = x.to(weight.dtype)
            if _times_as_long(partial(plain, same), partial(small, x)) < _WORTH:
                return False
    return True


def _times_as_long(
    one: Callable[[], object], other: Callable[[], object], *, times: int = 9
) -> float:
    """How many times as long the one takes as the other; by turns, so that both meet the same."""
    taken: list[list[float]] = [[], []]
    for _ in range(times):
        for work, mine in zip((one, other), taken, strict=True):
            started = time.perf_counter()
            work()
            mine.append(time.perf_counter() - started)
    return min(taken[0]) / min(taken[1])
