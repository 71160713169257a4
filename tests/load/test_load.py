"""A short load run: more questions than can be answered, and nobody is left without a word."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PIL import Image

from tests.load.crowd import ANSWERED, LOST, REFUSED, TOLD
from tests.load.paced import Pace
from tests.load.play import Load, play
from tests.load.report import described, draw


@pytest.mark.timeout(900)
def test_many_ask_at_once_and_each_is_answered_refused_or_told_why(tmp_path: Path) -> None:
    load = Load(
        members=40,
        servers=3,
        seconds=12.0,
        think_s=3.0,
        upload_s=3.0,
        pace=Pace(read_s=0.1, tokens_s=150.0),
        # A machine that is busy with other tests is not what is tried here.
        acknowledge_s=60.0,
        settings={"queue_length": 4, "user_questions": 3},
    )
    run = asyncio.run(play(load, tmp_path))
    text = described(run)
    print(text)  # noqa: T201 - the figures

    outcomes = run.outcomes()
    assert outcomes[LOST] == 0, text
    # How many depends on the machine.
    assert outcomes[ANSWERED] > 3
    assert outcomes[REFUSED] > 0
    assert outcomes[TOLD] > 0
    assert run.longest_queue <= 4
    reasons = " ".join(run.reasons())
    assert "the queue is full" in reasons
    assert "which is the limit" in reasons
    # Who asks all the time gets no more than anybody may.
    assert max(run.answers_each(greedy=True)) <= 3
    assert run.book.uploads > 0
    assert (run.book.uploads_lost, run.book.clicks_lost) == (0, 0)
    assert run.violations == ()
    assert all(each.memory > 1e7 for each in run.samples)

    draw(run, tmp_path / "load.png")
    with Image.open(tmp_path / "load.png") as picture:
        assert picture.size == (1080, 1350)
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 50
