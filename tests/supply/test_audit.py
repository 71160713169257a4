"""An audit says what it knows, and never takes silence for an all-clear."""

from __future__ import annotations

import json
from pathlib import Path

from tests.supply.audit import FINE, UNKNOWN, WEAK, audit, read
from tests.supply.lock import LOCK, pinned


def report(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


CLEAN = {"name": "a", "version": "1", "vulns": []}
SICK = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
UNSEEN = {"name": "c", "skip_reason": "Dependency not found: c (3)"}


def test_all_looked_up_and_nothing_known_is_fine() -> None:
    found = read(report(CLEAN), wanted=1)
    assert (found.code, found.lines) == (FINE, ())


def test_a_known_weakness_is_told_with_its_mend() -> None:
    found = read(report(CLEAN, SICK), wanted=2)
    assert found.code == WEAK
    assert found.lines == ("b 2: PYSEC-1, mended in 3",)


def test_what_could_not_be_looked_up_is_no_all_clear() -> None:
    found = read(report(CLEAN, UNSEEN), wanted=2)
    assert found.code == UNKNOWN
    assert found.sentence.startswith("1 of 2 packages could not be looked up")
    assert read("", wanted=2).code == UNKNOWN
    assert read(report(SICK, UNSEEN), wanted=2).code == WEAK


def test_every_locked_package_is_asked_about(tmp_path: Path) -> None:
    program = tmp_path / "asked"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\n')
    program.chmod(0o755)
    found = audit(program)
    assert str(LOCK) in (tmp_path / "arguments").read_text()
    assert found.code == UNKNOWN
    assert str(len(pinned(LOCK.read_text("utf-8")))) in found.sentence
