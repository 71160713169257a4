"""With a read-only system, as in the container and under systemd, all works that has to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.discord.test_process import NAMESPACES, refused_namespaces
from tests.pages import REPOSITORY


def test_documents_are_read_stored_and_drawn_where_only_the_data_folder_can_be_written(
    tmp_path: Path,
) -> None:
    if (reason := refused_namespaces()) is not None:
        pytest.xfail(f"the kernel refuses namespaces of our own: {reason}")
    done = subprocess.run(
        [*NAMESPACES, sys.executable, "-m", "tests.supply.readonly", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert "opens at nine" in found["said"]
    assert found["whole"]
    assert found["png"] == "89504e47"
    assert found["refused"], "the system could be written to"
