"""Spoiled files and bombs become a document or a sentence, in time, and take nobody along."""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter

import pytest

from indexer.apart import Reader
from indexer.confined import ReadingLimits
from knowledge.errors import DocumentError
from tests.hostile import ALL
from tests.hostile.spoiled import bombs, spoiled

FILES = 2000 if ALL else 120
LIMITS = ReadingLimits(seconds=20.0)
# What a busy machine may add to the limit.
SLACK_S = 15.0


def outcome(reader: Reader, data: bytes, *, name: str) -> str:
    """How reading ended; a sentence must name the file and say what to do."""
    try:
        document = reader.read(data, name=name)
    except DocumentError as error:
        told = str(error)
        assert told.startswith(name), told
        assert "\n" not in told, told
        assert len(told) < 700, told
        # Every sentence ends with what to do.
        assert any(word in told for word in ADVICE), told
        return "broken" if "it breaks the reader" in told else "refused"
    assert document.title
    assert all(block.text.strip() for block in document.blocks)
    assert not any(set(block.text) & HIDDEN for block in document.blocks)
    return "read"


ADVICE = ("add", "save", "split", "Split", "mend", "Mend", "leave", "Give", "open it", "Put")
HIDDEN = set("\0\x07\x1b\u202e\u200b\ufeff")


def test_spoiled_files_are_read_or_refused_in_time() -> None:
    counts: Counter[str] = Counter()
    slowest = 0.0
    with Reader(limits=LIMITS) as reader:
        for seed in range(FILES):
            name, data = spoiled(seed)
            started = time.monotonic()
            counts[outcome(reader, data, name=name)] += 1
            slowest = max(slowest, time.monotonic() - started)
    assert slowest < LIMITS.seconds + SLACK_S
    assert counts["read"] > FILES * 0.2, "nothing was left to read"
    assert counts["refused"] > FILES * 0.1, "nothing was spoiled"
    sys.stdout.write(f"{FILES} spoiled files: {dict(counts)}, the slowest {slowest:.1f} s\n")


BOMBS = dict(bombs())
SHORT = ["laughs.docx", "laughs.epub", "deep.html", "deep.md", "circle.pdf", "zip.docx", "line.py"]


@pytest.mark.parametrize("name", sorted(BOMBS) if ALL else SHORT)
def test_a_bomb_goes_off_where_it_harms_nobody(name: str) -> None:
    data = BOMBS[name]()
    assert len(data) < LIMITS.file_bytes
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    with Reader(limits=LIMITS) as reader:
        ended = outcome(reader, data, name=name)
        seconds = time.monotonic() - started
        assert reader.read(b"Whole.", name="next.md").blocks[0].text == "Whole."
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert seconds < LIMITS.seconds + SLACK_S
    assert grown < 400, f"{grown:.0f} MB"
    sys.stdout.write(f"{name}: {ended} after {seconds:.1f} s, {grown:.0f} MB\n")
