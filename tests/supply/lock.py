"""The lock file read: `python -m tests.supply.lock PIP-COMPILE` writes it anew.

It is for Linux on x86-64 and Python 3.11, with PyTorch's build for processors.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.pages import REPOSITORY

LOCK = REPOSITORY / "requirements.lock"
CONSTRAINTS = REPOSITORY / "constraints.txt"

_HEADER = """\
# Every package that Footnote runs on, with the digests of its files: written by 'make lock'.
# For Linux on x86-64 and Python 3.11; torch is PyTorch's build for processors, whose index is named
# to pip where the system does not have it already. docs/operations.md says how it is installed.
"""
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)", re.MULTILINE)
_DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")
# What tells a build for processors from one for graphics cards; pip takes either for the plain one.
_LOCAL = re.compile(r"^(torch==[0-9.]+)\+cpu", re.MULTILINE)
_OPTIONS = (
    "--quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header"
    " --no-emit-options --no-emit-index-url --no-emit-find-links --no-emit-trusted-host"
).split()


@dataclass(frozen=True, slots=True)
class Pinned:
    """One package of the lock file."""

    name: str
    version: str
    digests: tuple[str, ...]


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(text: str) -> tuple[Pinned, ...]:
    """The packages of a lock file."""
    found = list(_PIN.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    return tuple(
        Pinned(
            normal(match["name"]),
            match["version"],
            tuple(_DIGEST.findall(text[match.start() : end])),
        )
        for match, end in zip(found, ends, strict=True)
    )


def constrained() -> dict[str, str]:
    """The version that each package is held at, by name."""
    text = CONSTRAINTS.read_text("utf-8")
    return {normal(match["name"]): match["version"] for match in _PIN.finditer(text)}


def write(compiler: Path) -> int:
    """Write the lock file from pyproject.toml and the constraints; how many packages it has."""
    new = LOCK.with_suffix(".new")
    what = ["-c", str(CONSTRAINTS), "--output-file", str(new), "pyproject.toml"]
    try:
        subprocess.run([str(compiler), *_OPTIONS, *what], cwd=REPOSITORY, check=True)
        text = _HEADER + _LOCAL.sub(r"\1", new.read_text("utf-8"))
    finally:
        new.unlink(missing_ok=True)
    LOCK.write_text(text, "utf-8")
    return len(pinned(text))


if __name__ == "__main__":
    count = write(Path(sys.argv[1]).absolute())
    sys.stdout.write(f"{LOCK.name}: {count} packages\n")
