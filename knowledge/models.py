"""A model's name becomes a folder of verified files: installed, fetched, or the user's own."""

from __future__ import annotations

import difflib
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from knowledge.convert import convert_gguf
from knowledge.embedded import EMBEDDED, EmbeddedModel, Role
from knowledge.errors import DigestError, ModelError
from knowledge.fetch import Fetcher, FetchProgress, Report, Step
from knowledge.install import install, uninstall
from knowledge.manifest import is_whole, read_manifest, verify

__all__ = ["EMBEDDED", "EmbeddedModel", "FetchProgress", "ModelState", "ModelStore", "Role", "Step"]

Converter = Callable[[Path, Path], None]

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model that is known or installed; `bytes` is what it takes, or would take, on disk."""

    name: str
    role: Role
    installed: bool
    bytes: int
    licence: str


class ModelStore:
    """The models in one folder, by name.

    A name is an embedded one (see `EMBEDDED`), a folder of the user's own, or a Hugging Face Hub
    id such as `org/name`. Threads and processes may share the folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        report: Report | None = None,
        embedded: Mapping[str, EmbeddedModel] = EMBEDDED,
        fetcher: Fetcher | None = None,
        convert: Converter = convert_gguf,
    ) -> None:
        self._folder = folder
        self._report = report or (lambda _: None)
        self._embedded = embedded
        self._fetcher = fetcher or Fetcher()
        self._convert = convert

    def resolve(self, name: str) -> Path:
        """Return the folder that holds the model, fetching it first where it is missing.

        Raises `ModelError` for an unknown name and where it cannot be fetched, `DigestError` where
        what was fetched is not what its publisher made.
        """
        if self._is_own_folder(name):
            return _own_folder(name)
        target, model = self._target(name), self._embedded.get(name)
        if self.installed(name):
            return target
        install(
            target,
            model=name,
            source=model.source_digest if model else None,
            needed=model.install_bytes if model else 0,
            build=partial(self._build, model) if model else partial(self._build_from_hub, name),
            waiting=lambda: self._report(FetchProgress(name, Step.WAITING, 0, 0)),
        )
        return target

    def installed(self, name: str) -> bool:
        """Whether the model is there, each file with the size it was installed with."""
        if self._is_own_folder(name):
            return _holds_model(Path(name).expanduser())
        model = self._embedded.get(name)
        return is_whole(self._target(name), source=model.source_digest if model else None)

    def verify(self, name: str) -> None:
        """Hash every installed file again; raise `DigestError` for the first that is not as it was.

        A folder of the user's own has no record to compare with: a `ModelError` says so.
        """
        if self._is_own_folder(name):
            raise ModelError(f"{name} is your own folder: there is no record to check it against.")
        verify(self._target(name))

    def list(self) -> tuple[ModelState, ...]:
        """Every embedded model, and every model of the Hub that is installed."""
        embedded = [self._state(model) for model in self._embedded.values()]
        own = [
            ModelState(found.model, Role.OTHER, True, found.size, "see its page on the Hub")
            for found in map(read_manifest, filter(is_whole, sorted(self._folder.glob("*--*"))))
        ]
        return (*embedded, *own)

    def remove(self, name: str) -> None:
        """Remove an installed model and whatever an unfinished installation left of it."""
        if self._is_own_folder(name):
            raise ModelError(f"{name} is your own folder: Footnote does not remove it.")
        uninstall(self._target(name), model=name)

    def _state(self, model: EmbeddedModel) -> ModelState:
        installed = self.installed(model.name)
        size = read_manifest(self._target(model.name)).size if installed else model.installed_bytes
        return ModelState(model.name, model.role, installed, size, model.licence)

    def _is_own_folder(self, name: str) -> bool:
        if not name or name in self._embedded:
            return False
        try:
            return Path(name).expanduser().is_dir()
        except (OSError, RuntimeError):  # too long for a path; ~ of a user who is not there
            return False

    def _target(self, name: str) -> Path:
        """Where the model of this name belongs."""
        if name in self._embedded:
            return self._folder / name
        if _HUB_ID.fullmatch(name):
            return self._folder / name.replace("/", "--")
        if name.startswith(("/", ".", "~")):
            raise ModelError(f"There is no folder {name} to load a model from.")
        close = difflib.get_close_matches(name.lower(), self._embedded, n=3, cutoff=0.4)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise ModelError(
            f"There is no model named {name!r}.{hint} Known are {', '.join(self._embedded)}; a "
            "local folder or a Hugging Face Hub id (org/name) will do as well."
        )

    def _build(self, model: EmbeddedModel, folder: Path) -> tuple[Path, str]:
        """Fetch an embedded model and, where it is a GGUF file, convert it."""
        files = self._fetcher.fetch(model, partial=folder, report=self._report)
        if model.gguf is None:
            return files, model.source_digest
        size = model.installed_bytes
        self._report(FetchProgress(model.name, Step.CONVERTING, 0, size))
        converted = folder / "converted"
        shutil.rmtree(converted, ignore_errors=True)
        self._convert(files / model.gguf, converted)
        self._report(FetchProgress(model.name, Step.CONVERTING, size, size))
        return converted, model.source_digest

    def _build_from_hub(self, name: str, folder: Path) -> tuple[Path, str]:
        try:
            return self._fetcher.fetch_repository(name, partial=folder, report=self._report)
        except DigestError:
            raise
        except ModelError as error:
            raise ModelError(f"{name} is no folder here, and {error}") from error


def _own_folder(name: str) -> Path:
    """Check that a user's folder holds something that can be loaded."""
    folder = Path(name).expanduser()
    if not _holds_model(folder):
        raise ModelError(f"The folder {folder} holds no model: neither config.json nor model.onnx.")
    return folder


def _holds_model(folder: Path) -> bool:
    return any((folder / file).is_file() for file in ("config.json", "model.onnx"))
