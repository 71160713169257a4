"""A loaded model's weights in the form in which the processor at hand is fast with them.

Packing takes half a minute, so that what was packed is kept in a file beside the models. It depends
on the processor and on torch as much as on the weights, and is made anew where any of them differs.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from knowledge.decoder import Layer, LlamaDecoder, Shape
from knowledge.hardware import native_bfloat16
from knowledge.pack import Linear, Packed, pack

if TYPE_CHECKING:
    import torch

log = structlog.get_logger(__name__)

LIKE_LLAMA = frozenset({"llama", "qwen2", "mistral"})
_POSITIONS = 32_768
# Part of the file's name: raise it when what is stored changes.
_FORMAT = 1
_WORTH = 1.2

Parts = Sequence["torch.Tensor"]


def like_llama(model: Any) -> bool:
    """Whether a transformers model's layers are those that `LlamaDecoder` computes."""
    config = model.config
    if config.model_type not in LIKE_LLAMA or config.hidden_act != "silu":
        return False
    windowed = getattr(config, "sliding_window", None) is not None
    return not windowed or getattr(config, "use_sliding_window", True) is False


def decoder_from(model: Any, *, store: Path | None, identity: str) -> LlamaDecoder:
    """The decoder of a Llama-like transformers model, whose weights it takes over.

    What is packed is kept in the folder `store`; `identity` says which weights they are.
    """
    native = native_bfloat16() and model.dtype.itemsize == 2
    packer = _packer(model, store=store, identity=identity) if native else None
    layers = [
        _layer(layer, number, packer, reorder=native)
        for number, layer in enumerate(model.model.layers)
    ]
    head = _linear("head", [[model.lm_head.weight]], None, packer, reorder=native)
    if packer is not None:
        packer.save()
    config = model.config
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return LlamaDecoder(
        layers,
        shape=Shape(
            config.num_attention_heads, config.num_key_value_heads, size, config.rms_norm_eps
        ),
        embedding=model.model.embed_tokens.weight.detach(),
        norm=model.model.norm.weight.detach(),
        head=head,
        turns=_turns(model),
    )


def _layer(layer: Any, number: int, packer: _Packer | None, *, reorder: bool) -> Layer:
    """One layer; its modules give up their weights, so that they are not held twice."""
    attention, mlp, name = layer.self_attn, layer.mlp, f"layers.{number}"
    queries, keys, values = attention.q_proj, attention.k_proj, attention.v_proj
    biases = [each.bias for each in (queries, keys, values)]
    made = Layer(
        before_attention=layer.input_layernorm.weight.detach(),
        # Published models often keep the values' weights in more bits than those of the rest.
        qkv=_linear(
            f"{name}.qkv",
            [[queries.weight, keys.weight], [values.weight]],
            None if biases[0] is None else biases,
            packer,
            reorder=reorder,
        ),
        out=_linear(f"{name}.out", [[attention.o_proj.weight]], None, packer, reorder=reorder),
        before_gate=layer.post_attention_layernorm.weight.detach(),
        gate_up=_linear(
            f"{name}.gate_up",
            [[mlp.gate_proj.weight, mlp.up_proj.weight]],
            None,
            packer,
            reorder=reorder,
        ),
        down=_linear(f"{name}.down", [[mlp.down_proj.weight]], None, packer, reorder=reorder),
    )
    for module in (queries, keys, values, attention.o_proj, *mlp.children()):
        if hasattr(module, "weight"):
            module.weight = None
    return made


def _linear(
    name: str,
    groups: Sequence[Parts],
    biases: Parts | None,
    packer: _Packer | None,
    *,
    reorder: bool,
) -> Linear:
    """One product over all weights of `groups`, each group packed on its own."""
    import torch

    joined = [torch.cat([each.detach() for each in group]) for group in groups]
    packed = () if packer is None else packer.packed(name, joined)
    bias = None if biases is None else torch.cat([each.detach() for each in biases])
    weight = joined[0] if len(joined) == 1 else torch.cat(joined)
    return Linear(weight, bias, packed=packed, reorder=reorder)


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


def _packer(model: Any, *, store: Path | None, identity: str) -> _Packer | None:
    """What packs this model's weights; None where the processor gains nothing by it."""
    path = None if store is None else store / _file_name(identity)
    packer = _Packer(path)
    if not packer.known and not _worth_it(model.model.layers[0].mlp.up_proj.weight.detach()):
        return None
    return packer


def _file_name(identity: str) -> str:
    import torch

    parts = (identity, torch.__version__, torch.backends.cpu.get_cpu_capability(), str(_FORMAT))
    return f"{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:24]}.safetensors"


def _worth_it(weight: torch.Tensor) -> bool:
    """Whether one row is clearly faster by packed weights, measured on one of the matrices."""
    import torch

    small = pack(weight)
    if small is None:
        return False
    packed, plain = Linear(weight, packed=[small]), Linear(weight, reorder=True)
    row = torch.ones(1, weight.shape[1], dtype=weight.dtype)
    with torch.inference_mode():
        return _seconds(lambda: plain(row)) > _WORTH * _seconds(lambda: packed(row))


def _seconds(work: Callable[[], object], *, times: int = 7) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


class _Packer:
    """Packed weights by name: from the file where it has them, else packed and then saved."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._tensors = _read(path)
        self._new = False

    @property
    def known(self) -> bool:
        """Whether the file was there."""
        return bool(self._tensors)

    def packed(self, name: str, weights: Parts) -> list[Packed]:
        """Each of the weights, packed; none where any of them cannot be."""
        found = [self._one(f"{name}.{number}", each) for number, each in enumerate(weights)]
        packed = [each for each in found if each is not None]
        return packed if len(packed) == len(found) else []

    def _one(self, name: str, weight: torch.Tensor) -> Packed | None:
        values, scales = self._tensors.get(f"{name}.values"), self._tensors.get(f"{name}.scales")
        if values is None or scales is None:
            made = pack(weight)
            if made is None:
                return None
            self._tensors |= {f"{name}.values": made.values, f"{name}.scales": made.scales}
            self._new = True
            return made
        return Packed(4 if scales.dim() == 3 else 8, values, scales)

    def save(self) -> None:
        """Write the file if anything is new; a folder that cannot be written costs time only."""
        if not self._new or self._path is None:
            return
        from safetensors.torch import save_file

        partial = self._path.with_suffix(f".{os.getpid()}.partial")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            save_file(self._tensors, partial)
            partial.replace(self._path)
        except OSError as error:
            log.warning("packed weights not kept", path=str(self._path), reason=str(error))
            with suppress(OSError):
                partial.unlink(missing_ok=True)


def _read(path: Path | None) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if path is None or not path.is_file():
        return {}
    try:
        # Copied: reading weights through a mapped file was half as fast.
        return {name: tensor.clone() for name, tensor in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        log.warning("packed weights made anew", path=str(path), reason=str(error))
        return {}
