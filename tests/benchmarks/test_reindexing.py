"""Questions go on being answered, soon and from one version, while many documents are indexed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.benchmarks.figures import show
from tests.benchmarks.reindexing import BAR, measured

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]


def test_evidence_takes_at_most_twice_as_long_while_190_documents_are_indexed(
    tmp_path: Path,
) -> None:
    before, during = asyncio.run(measured(tmp_path, documents=190))
    show("Evidence while 190 documents are indexed again", [before, during], first="stretch")
    assert during["failed"] == during["mixed"] == 0
    assert int(str(during["questions"])) >= 3
    assert float(str(during["median, times before"])) <= BAR
