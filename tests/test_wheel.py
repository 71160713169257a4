"""The wheel holds everything and runs away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.pages import REPOSITORY

BUILD = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what git would hand on."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        source = REPOSITORY / name
        if source.is_file() and not source.is_symlink():
            (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "source" / name).write_bytes(source.read_bytes())
    build = [sys.executable, "-m", *BUILD, "--wheel-dir", str(folder), str(folder / "source")]
    done = subprocess.run(build, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_every_module_document_template_and_data_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    wanted = {
        file.relative_to(REPOSITORY).as_posix()
        for package in ("bot", "indexer", "knowledge")
        for file in (REPOSITORY / package).rglob("*")
        # What catalogues are made from is of use in the checkout only.
        if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".po"
    }

    assert len(wanted) > 200
    assert wanted - inside == set()
    assert not {name.split("/")[0] for name in inside} & {"tests", "docs"}


def test_it_runs_where_there_is_no_checkout(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    install = ["pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(place)]
    subprocess.run([sys.executable, "-m", *install, str(wheel)], check=True, capture_output=True)
    environment = {"PYTHONPATH": str(place), "FOOTNOTE_HOME": str(tmp_path / "home")}

    def footnote(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=tmp_path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = [sys.executable, "-c", "import bot; print(bot.__file__)"]
    environ = {**os.environ, **environment}
    found = subprocess.run(
        where, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith(str(place))
    assert "Usage" in footnote("--help")
    assert json.loads(footnote("status", "--json"))["documents"] == 0
    # The shipped documents came along, and can be planned from there.
    assert "ai-art.md" in footnote("index", "--dry-run")
