"""The doctor names what is wrong and what to do, and repairs the vector store."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from bot.config import BotSettings
from bot.health import Finding, examine
from knowledge.library import SHARED
from tests.bot_cli.conftest import Footnote, OfflineApp, the_object


def findings(opened: OfflineApp, *, repair: bool = False) -> dict[str, Finding]:
    return {each.what: each for each in examine(opened, repair=repair)}


@pytest.fixture
def moved(filled: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the filled data folder, which no store of this process has open."""
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    monkeypatch.setenv("FOOTNOTE_HOME", str(copy))
    return copy


def test_a_fresh_machine_is_told_to_fetch_the_models(footnote: Footnote, home: Path) -> None:
    result = footnote("doctor")
    assert result.exit_code == 1
    assert "✓ disk" in result.stdout
    assert "✓ catalogue: 0 documents" in result.stdout
    assert "✓ vectors" in result.stdout
    assert result.stdout.count("footnote models fetch") == 3


def test_a_library_in_order_is_found_in_order(filled: Path, opened: OfflineApp) -> None:
    found = findings(opened)
    for what in ("disk", "catalogue", "vectors"):
        assert found[what].ok, found[what]
    assert "2 documents, 3 passages" in found["catalogue"].detail


def test_missing_vectors_are_found_and_repaired(
    footnote: Footnote, filled: Path, opened: OfflineApp
) -> None:
    ids = sorted(opened.library.vectors.ids(scope=SHARED))
    opened.library.vectors.delete(ids[:2], scope=SHARED)
    wrong = findings(opened)["vectors"]
    assert not wrong.ok
    assert "2 passages have no vector" in wrong.detail
    assert "footnote doctor --repair" in wrong.advice
    repaired = findings(opened, repair=True)
    assert repaired["repair"].ok
    assert repaired["vectors"].ok
    assert sorted(opened.library.vectors.ids(scope=SHARED)) == ids


def test_a_damaged_vector_store_is_found_and_repaired(footnote: Footnote, moved: Path) -> None:
    (moved / "vectors" / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    asked = footnote("search", "mode collapse")
    assert asked.exit_code == 1
    assert "footnote doctor --repair" in asked.stderr
    assert "✗ vectors" in footnote("doctor").stdout
    assert "✓ repair: 3 vectors" in footnote("doctor", "--repair").stdout
    found = the_object(footnote("search", "mode collapse", "--json"))
    assert found["ranked"] == ["gan.md", "vae.md"]


def test_a_damaged_catalogue_is_found(footnote: Footnote, moved: Path) -> None:
    for file in moved.glob("catalog.sqlite3*"):
        file.unlink()
    (moved / "catalog.sqlite3").write_bytes(b"no database" * 1000)
    result = footnote("doctor")
    assert result.exit_code == 1
    assert "✗ catalogue" in result.stdout
    assert "backup" in result.stdout


def test_another_embedder_is_found(
    footnote: Footnote, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_EMBEDDING_MODEL", "another")
    result = footnote("doctor")
    assert result.exit_code == 1
    assert "all-minilm-l6-v2" in result.stdout
    assert "FOOTNOTE_EMBEDDING_MODEL" in result.stdout


def test_a_repair_is_refused_while_another_process_writes(
    footnote: Footnote, filled: Path, opened: OfflineApp
) -> None:
    with opened.library.writing():
        result = footnote("doctor", "--repair")
    assert result.exit_code == 1
    assert "✗ repair" in result.stdout


def test_a_full_disk_is_found(
    filled: Path, opened: OfflineApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.health._ENOUGH_DISK", 10**18)
    wrong = findings(opened)["disk"]
    assert not wrong.ok
    assert "Make room" in wrong.advice


def test_a_file_with_a_secret_that_others_can_read_is_told(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    def found(mode: int, text: str) -> Finding:
        Path(".env").write_text(text)
        Path(".env").chmod(mode)
        with closing(OfflineApp(BotSettings()).library):
            return findings(OfflineApp(BotSettings()))["secrets"]

    wrong = found(0o644, "DISCORD_TOKEN=a.very.secret.token\n")
    assert not wrong.ok
    assert wrong.advice == "Run 'chmod 600 .env'."
    assert "very.secret" not in f"{wrong.detail}{wrong.advice}"
    assert found(0o600, "DISCORD_TOKEN=a.very.secret.token\n").ok
    assert found(0o644, "DISCORD_TOKEN=\nFOOTNOTE_THREADS=1\n").ok
    Path(".env").unlink()
    assert findings(OfflineApp(BotSettings()))["secrets"].ok


def test_a_damaged_database_of_receipts_is_told(
    filled: Path, home: Path, opened: OfflineApp
) -> None:
    assert findings(opened)["receipts"].ok
    (home / "receipts.sqlite3").write_bytes(b"no database at all" * 1000)
    wrong = findings(opened)["receipts"]
    assert not wrong.ok
    assert "footnote restore --replace" in wrong.advice


def test_documents_that_wait_and_are_damaged_are_told(
    filled: Path, home: Path, opened: OfflineApp
) -> None:
    for name in ("3f", "4e"):
        (home / "pending" / name).mkdir(parents=True)
    (home / "pending" / "3f" / "staged.json").write_text('{"id": "3')
    wrong = findings(opened)["waiting documents"]
    assert not wrong.ok
    assert wrong.detail == "2 documents that wait are damaged"
    assert "3f, 4e" in wrong.advice


def test_a_restore_that_did_not_finish_is_told(
    filled: Path, home: Path, opened: OfflineApp
) -> None:
    (home / "restoring").mkdir()
    wrong = findings(opened)["waiting documents"]
    assert (wrong.ok, wrong.advice) == (False, "Run 'footnote restore' again.")
