"""What the machine at hand is, and what it is fast at."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    Multiply = Callable[[torch.Tensor], torch.Tensor]

_CGROUP_MEMORY = Path("/sys/fs/cgroup/memory.max")
_MEASURED_S = 0.4
# Shapes of the default model's largest layer; a prompt is read some hundred tokens at a time.
_WIDTH, _INNER, _TOKENS = 1536, 8960, 256
# Together larger than any cache, as a model's weights are.
_LAYERS = 8


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores that this process may use, bytes of memory, and the GPU's name and memory."""

    cores: int
    memory: int
    gpu: str | None = None
    gpu_memory: int = 0


@dataclass(frozen=True, slots=True)
class Speed:
    """Measured: operations a second in large products, bytes of weights read a second.

    `element_bytes` is what a weight takes here while a model answers.
    """

    operations: float
    weights: float
    element_bytes: int = 2


@cache
def fast_dtype() -> torch.dtype:
    """Bfloat16 where the hardware multiplies it natively, else float32.

    Measured on two cores with AVX-512 BF16: MiniLM embeds 62 passages a second in bfloat16 and 22
    in float32. Processors without such instructions emulate bfloat16, many times slower.
    """
    import torch

    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if native_bfloat16() else torch.float32


@cache
def on_processor() -> bool:
    """Whether models run on the processor, as they do where there is no graphics card."""
    import torch

    return not torch.cuda.is_available()


@cache
def native_bfloat16() -> bool:
    """Whether this is a processor, not a graphics card, that multiplies bfloat16 natively."""
    import torch

    if torch.cuda.is_available():
        return False
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def set_threads(count: int) -> None:
    """Let torch use `count` processor threads; 0 leaves its default, one a core."""
    if count > 0:
        import torch

        torch.set_num_threads(count)


def silence_bars() -> None:
    """Keep transformers from drawing bars of its own over ours."""
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def share_cores() -> None:
    """Let waiting threads soon sleep instead of spin; call before torch is first imported.

    OpenMP's threads spin while they wait for each other. On two cores with one other busy process
    an answer took 72 s that way and 11 s with sleeping threads, against 7 s alone. Waking up costs
    more than a short wait, though: with 8,000 rounds of spinning first, 400 tokens are read in
    1.55 s rather than 1.88 s on idle cores, and in 4.0 s rather than 2.9 s beside a busy process.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "8000")


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine() -> Machine:
    """What this process may use; a container's memory limit counts."""
    import torch

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if _CGROUP_MEMORY.is_file() and (limit := _CGROUP_MEMORY.read_text().strip()).isdigit():
        memory = min(memory, int(limit))
    if not torch.cuda.is_available():
        return Machine(cores(), memory)
    gpu = torch.cuda.get_device_properties(0)
    return Machine(cores(), memory, gpu.name, gpu.total_memory)


def measure() -> Speed:
    """Time what reading a prompt and writing a token consist of; takes about two seconds.

    The products are the decoder's own: by weights of eight bits where those are quicker here.
    """
    import torch

    device, dtype = ("cuda" if torch.cuda.is_available() else "cpu"), fast_dtype()
    layers = [torch.rand(_INNER, _WIDTH).sub_(0.5) for _ in range(_LAYERS)]
    wide = [partial(torch.nn.functional.linear, weight=each.to(device, dtype)) for each in layers]
    rows = torch.rand(_TOKENS, _WIDTH).to(device, dtype)
    found = [_speed(wide, rows, element_bytes=dtype.itemsize)]
    if device == "cpu":
        found += [_speed(narrow, rows.float(), element_bytes=1) for narrow in _eight_bits(layers)]
    return max(found, key=lambda each: each.weights / each.element_bytes)


def _eight_bits(layers: Sequence[torch.Tensor]) -> Iterator[Sequence[Multiply]]:
    """The layers in eight bits, where the processor has products for those."""
    from knowledge.quantise import QuantisedLinear, quantised

    with contextlib.suppress(RuntimeError, AttributeError):
        yield [QuantisedLinear(*quantised(each)) for each in layers]


def _speed(layers: Sequence[Multiply], rows: torch.Tensor, *, element_bytes: int) -> Speed:
    import torch

    def turn(layer: Multiply, some: torch.Tensor) -> None:
        layer(some)
        if some.is_cuda:
            torch.cuda.synchronize()

    with torch.inference_mode():
        reading = _fastest([partial(turn, layer, rows) for layer in layers])
        writing = _fastest([partial(turn, layer, rows[:1]) for layer in layers])
    weights = _WIDTH * _INNER
    return Speed(2 * _TOKENS * weights / reading, element_bytes * weights / writing, element_bytes)


def _fastest(turns: Sequence[Callable[[], None]]) -> float:
    """Seconds of the fastest turn: what else the machine did meanwhile is not its speed."""
    took: list[float] = []
    until = time.perf_counter() + _MEASURED_S
    # The first round also prepares.
    while len(took) < 2 * len(turns) or time.perf_counter() < until:
        for turn in turns:
            started = time.perf_counter()
            turn()
            took.append(time.perf_counter() - started)
    return min(took)
