"""Known weaknesses of the locked packages: `python -m tests.supply.audit PIP-AUDIT`.

Exit code 0: all were looked up and none is known; 1: some are; 3: not all could be looked up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.supply.lock import LOCK, pinned

FINE, WEAK, UNKNOWN = 0, 1, 3
_OPTIONS = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of an audit: a sentence, the weaknesses line by line, and the exit code."""

    sentence: str
    lines: tuple[str, ...]
    code: int


def read(report: str, *, wanted: int) -> Finding:
    """What pip-audit's report says of so many packages; an empty one says nothing at all."""
    packages = json.loads(report)["dependencies"] if report.strip() else []
    looked = [each for each in packages if "skip_reason" not in each]
    lines = tuple(
        f"{each['name']} {each['version']}: {weakness['id']}, mended in "
        f"{', '.join(weakness['fix_versions']) or 'no version yet'}"
        for each in looked
        for weakness in each["vulns"]
    )
    missing = wanted - len(looked)
    if missing:
        sentence = (
            f"{missing} of {wanted} packages could not be looked up: the service that knows of "
            "weaknesses cannot be reached from here, or does not know them. Run 'make audit' "
            "where it can."
        )
        return Finding(sentence, lines, WEAK if lines else UNKNOWN)
    if lines:
        return Finding(f"{len(lines)} weaknesses are known in {wanted} packages.", lines, WEAK)
    return Finding(f"No weakness is known in {wanted} packages.", (), FINE)


def audit(program: Path) -> Finding:
    """Ask about every package of the lock file."""
    done = subprocess.run(
        [str(program), "--requirement", str(LOCK), *_OPTIONS],
        capture_output=True,
        text=True,
        check=False,
    )
    return read(done.stdout, wanted=len(pinned(LOCK.read_text("utf-8"))))


def main() -> int:
    """The command line."""
    found = audit(Path(sys.argv[1]))
    sys.stdout.write("\n".join([*found.lines, found.sentence]) + "\n")
    return found.code


if __name__ == "__main__":
    sys.exit(main())
