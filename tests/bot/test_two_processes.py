"""A running bot finds what the command line, another process, has just put in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from knowledge.library import Library
from tests.fakes import HashingEmbedder
from tests.stores import HALL, opened

ROOT = Path(__file__).parents[2]

# Enough changes that Chroma rewrites its index under the process that has it open.
WRITER = """
import sys
from pathlib import Path
from indexer import intake
from indexer.load import load_bytes
from tests.stores import HALL, opened, text

intake.read_apart = lambda data, *, name, limits: load_bytes(data, name=name)
first, last = map(int, sys.argv[2:])
with opened(Path(sys.argv[1])) as (_, jobs):
    for number in range(first, last):
        words = f"# T{number}\\n\\nIt opens at {number}. word{number}"
        staged = jobs.add(text(words, name=f"d{number % 40}.md")).staged
        jobs.approve(staged.id, scope=HALL, by="x")
"""


def elsewhere(home: Path, first: int, last: int) -> None:
    command = [sys.executable, "-c", WRITER, str(home), str(first), str(last)]
    subprocess.run(command, cwd=ROOT, check=True)


def nearest(library: Library, number: int) -> list[str]:
    vector = HashingEmbedder().embed_query(f"T{number} It opens at {number}. word{number}")
    return [each.text for each, _ in library.nearest(vector, k=1, scopes=[HALL])]


def test_what_another_process_changed_is_found_at_once_by_its_vector(tmp_path: Path) -> None:
    elsewhere(tmp_path, 0, 5)
    with opened(tmp_path) as (library, _):
        assert nearest(library, 4) == ["It opens at 4. word4"]
        for first, last in ((5, 20), (20, 160)):
            elsewhere(tmp_path, first, last)
            assert nearest(library, last - 1) == [f"It opens at {last - 1}. word{last - 1}"]
        with library.writing():
            library.remove("d39.md", scope=HALL)
        assert nearest(library, 159) != ["It opens at 159. word159"]
