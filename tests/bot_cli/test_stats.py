"""`footnote stats`: the figures of a month, and its pictures."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.receipts import Receipts
from tests.bot.insight.month import live
from tests.bot_cli.conftest import Footnote

PNG = b"\x89PNG"


@pytest.fixture
def month(home: Path) -> int:
    """A month that ended now, in the store of the data folder; the number of questions."""
    store = Receipts(home / "receipts.sqlite3")
    count = live(store, [("gan.md", "GANs"), ("vae.md", "VAEs")], end=datetime.now(UTC))
    store.close()
    return count


def test_stats_prints_the_figures_and_draws_both_pictures(
    footnote: Footnote, filled: Path, month: int
) -> None:
    result = footnote("stats", "--days", 35, "--chart", "c.png", "--map", "m.png")

    assert result.exit_code == 0, result.output
    assert f"{month} by " in result.stdout
    assert "GANs (gan.md)" in result.stdout
    assert Path("c.png").read_bytes()[:4] == PNG
    assert Path("m.png").read_bytes()[:4] == PNG


def test_stats_of_one_guild_and_of_none(footnote: Footnote, month: int) -> None:
    assert f"{month} by " in footnote("stats", "--guild", 9, "--days", 35).stdout
    assert "none" in footnote("stats", "--guild", 10).stdout


def test_stats_names_what_it_cannot_do(footnote: Footnote) -> None:
    for arguments in (["--theme", "pink"], ["--chart", "no/such/folder/c.png"]):
        result = footnote("stats", *arguments)
        assert result.exit_code == 2
        assert result.stderr.endswith(".\n")
