"""Which model fits, and how long an answer takes: by arithmetic, and measured on this machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.setup.machine import EVIDENCE_S, Choice, best, choices
from knowledge.embedded import EMBEDDED
from knowledge.hardware import Machine, Speed, fast_dtype, machine, measure

FAST = Speed(operations=1e12, weights=20e9)
SLOW = Speed(operations=2e10, weights=2e9)
GB = 1_000_000_000


def found(memory: int, speed: Speed = FAST, **gpu: object) -> tuple[Choice, ...]:
    """The choices of a machine with so much memory."""
    here = Machine(cores=2, memory=memory, **gpu)
    return choices(EMBEDDED.values(), machine=here, speed=speed, element_bytes=2)


def test_only_language_models_are_offered_the_largest_first() -> None:
    names = [each.name for each in found(24 * GB)]

    assert names[0] == "qwen2.5-coder-1.5b-instruct"
    assert names[-1] == "smollm2-135m-instruct"
    assert "all-minilm-l6-v2" not in names


@pytest.mark.parametrize(
    ("memory", "name"),
    [
        (24 * GB, "qwen2.5-coder-1.5b-instruct"),
        (4 * GB, "qwen2.5-coder-0.5b-instruct"),
        (2 * GB, "smollm2-135m-instruct"),
        (GB // 2, "smollm2-135m-instruct"),
    ],
)
def test_the_largest_that_memory_holds_is_best(memory: int, name: str) -> None:
    assert best(found(memory)).name == name


def test_a_slow_machine_gets_a_model_that_people_can_wait_for() -> None:
    offered = found(24 * GB, SLOW)

    assert offered[0].fits
    assert offered[0].seconds > 60
    assert best(offered).seconds < offered[0].seconds


def test_wider_numbers_need_more_memory_and_time() -> None:
    here = Machine(cores=2, memory=6 * GB)
    four = replace(FAST, element_bytes=4)
    narrow = choices(EMBEDDED.values(), machine=here, speed=FAST, element_bytes=2)[0]
    wide = choices(EMBEDDED.values(), machine=here, speed=four, element_bytes=4)[0]

    assert narrow.fits
    assert not wide.fits
    assert wide.seconds > narrow.seconds


def test_weights_of_eight_bits_are_read_in_half_the_time_and_loaded_from_the_same_memory() -> None:
    here, plain = Machine(cores=2, memory=6 * GB), replace(FAST, operations=1e15)
    two = choices(EMBEDDED.values(), machine=here, speed=plain, element_bytes=2)[0]
    one = choices(
        EMBEDDED.values(),
        machine=here,
        speed=replace(plain, element_bytes=1),
        element_bytes=2,
    )[0]

    assert one.needed == two.needed
    assert one.seconds - EVIDENCE_S == pytest.approx((two.seconds - EVIDENCE_S) / 2, rel=0.01)


def test_a_gpu_must_hold_the_model_itself() -> None:
    small = found(64 * GB, gpu="small", gpu_memory=2 * GB)

    assert [each.fits for each in small] == [False, False, True]


def test_this_machine_is_seen_and_measured() -> None:
    here, speed = machine(), measure()

    assert here.cores >= 1
    assert here.memory > 10**8
    assert speed.operations > 10**8
    assert speed.weights > 10**7
    assert speed.element_bytes in (1, fast_dtype().itemsize)
