"""Tiny wheels with the layout of real ones, and a package index that is a folder."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from knowledge.embedded import EmbeddedModel, Member, ModelFile, Role


def write_wheel(folder: Path, package: str, version: str, files: Mapping[str, bytes]) -> Path:
    """Write a wheel that pip accepts."""
    stem = f"{package.replace('-', '_')}-{version}"
    metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    texts = {
        f"{stem}.dist-info/METADATA": metadata,
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{stem}.dist-info/RECORD": "",
    }
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, **texts}.items():
            archive.writestr(name, data)
    return wheel


class Wheelhouse:
    """An index: `download` copies wheels out of a folder and remembers what was asked of it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.asked: list[str] = []
        self.broken: dict[str, BaseException] = {}

    def download(self, requirement: str, destination: Path) -> None:
        self.asked.append(requirement)
        if requirement in self.broken:
            raise self.broken[requirement]
        package, version = requirement.split("==")
        wheel = self.folder / f"{package.replace('-', '_')}-{version}-py3-none-any.whl"
        shutil.copy(wheel, destination)


def split_model(
    house: Wheelhouse, name: str, file_name: str, parts: list[bytes], *, hub: str | None = None
) -> EmbeddedModel:
    """A one-file model whose bytes are spread over numbered packages of the house."""
    members = []
    for n, part in enumerate(parts, 1):
        package, path = f"{name}-part{n}", f"{name}_part{n}/data/part{n:02}.bin"
        write_wheel(house.folder, package, "0.2.0", {path: part})
        members.append(Member(package, "0.2.0", path))
    whole = b"".join(parts)
    file = ModelFile(file_name, len(whole), hashlib.sha256(whole).hexdigest(), tuple(members))
    return EmbeddedModel(name, Role.LLM, "Apache-2.0", (file,), len(whole), 2 * len(whole), hub=hub)


def folder_model(
    house: Wheelhouse, name: str, files: Mapping[str, bytes], *, hub: str | None = None
) -> EmbeddedModel:
    """A model whose files stand whole in one package of the house."""
    module = name.replace("-", "_")
    write_wheel(
        house.folder, name, "1.0", {f"{module}/model/{path}": data for path, data in files.items()}
    )
    pinned = tuple(
        ModelFile(
            path,
            len(data),
            hashlib.sha256(data).hexdigest(),
            (Member(name, "1.0", f"{module}/model/{path}"),),
        )
        for path, data in files.items()
    )
    size = sum(map(len, files.values()))
    return EmbeddedModel(name, Role.EMBEDDER, "MIT", pinned, size, size, hub=hub)
