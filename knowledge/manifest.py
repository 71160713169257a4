"""What was installed, written beside it: the difference between a whole model and half of one."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from knowledge.errors import DigestError, ModelError

MANIFEST = "footnote.json"
READABLE = 0o644


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """A file as it was when it was installed; `name` is its path inside the model's folder."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model's files, and `source`: the digest or commit of what they were made from."""

    model: str
    source: str
    files: tuple[InstalledFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def seal(folder: Path, *, model: str, source: str) -> None:
    """Record every file of a finished folder, the manifest last: where it stands, all is on disk.

    The files are opened to all readers on the way, as safetensors writes its own for the owner
    only and a models folder is often shared.
    """
    files = tuple(_record(path, name=path.relative_to(folder).as_posix()) for path in _walk(folder))
    text = json.dumps(asdict(Manifest(model, source, files)), indent=1)
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)


def read_manifest(folder: Path) -> Manifest:
    """Read what is recorded of an installed folder; raise `ModelError` where nothing whole is."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = tuple(InstalledFile(**file) for file in found["files"])
        return Manifest(found["model"], found["source"], files)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(f"No model is installed in {folder}.") from error


def is_whole(folder: Path, *, source: str | None = None) -> bool:
    """Whether each recorded file is there with its size, and came from `source` if one is given."""
    try:
        manifest = read_manifest(folder)
    except ModelError:
        return False
    return source in (None, manifest.source) and all(
        _has_size(folder / file.name, file.size) for file in manifest.files
    )


def verify(folder: Path) -> None:
    """Hash every file again; raise `DigestError` for the first that changed or is gone."""
    manifest = read_manifest(folder)
    for file in manifest.files:
        path = folder / file.name
        found = digest(path) if path.is_file() else "no file"
        if found != file.sha256:
            raise DigestError(
                f"{path} has changed since it was installed: expected SHA-256 {file.sha256}, found "
                f"{found}. Remove {manifest.model} and fetch it again."
            )


def digest(path: Path) -> str:
    """The SHA-256 of a file, read block by block."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def leads_outside(name: str) -> bool:
    """Whether a file's name, as a wheel or a repository states it, would leave its folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1])


def sync_folder(folder: Path) -> None:
    """Make a folder's entries outlive a power failure, as fsync on a file does not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _walk(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST)


def _record(path: Path, *, name: str) -> InstalledFile:
    path.chmod(READABLE)
    found = digest(path)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return InstalledFile(name, path.stat().st_size, found)


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size
