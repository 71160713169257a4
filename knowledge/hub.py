"""The Hugging Face Hub: the only importer of huggingface_hub."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from knowledge.errors import DigestError, ModelError
from knowledge.install import DISK_FULL, check_space, folder_size
from knowledge.manifest import digest, leads_outside

# Data that cannot run: weights as safetensors, settings, vocabularies, chat templates. No pickles
# (.bin, .pt), and no Python, whatever the repository offers.
LOADABLE = frozenset({".safetensors", ".json", ".txt", ".jinja", ".model"})
TIMEOUT_S = 20
WATCH_S = 0.5

Received = Callable[[int, int], None]


def is_loadable(name: str) -> bool:
    """Whether a repository's file is data that a model is loaded from."""
    return PurePosixPath(name).suffix in LOADABLE


def hub_snapshot(
    repository: str,
    destination: Path,
    *,
    wanted: Callable[[str], bool],
    received: Received,
    endpoint: str | None = None,
) -> str:
    """Download the wanted files of a repository as they are now, and return their commit.

    `received` is told the bytes so far and in all. Large files are checked against the SHA-256 that
    the Hub keeps of them. `endpoint` is another server that speaks like the Hub; the variable
    `HF_ENDPOINT` does the same. Raises `ModelError` where the Hub or the repository is out of
    reach.
    """
    from httpx2 import HTTPError  # the client whose errors huggingface_hub lets through
    from huggingface_hub import HfApi

    try:
        info = HfApi(endpoint=endpoint).model_info(
            repository, files_metadata=True, timeout=TIMEOUT_S
        )
        files = {file.rfilename: file for file in info.siblings or () if wanted(file.rfilename)}
        if outside := next(filter(leads_outside, files), None):
            raise ModelError(f"{repository} holds an unsafe path: {outside}")
        total = sum(file.size or 0 for file in files.values())
        destination.mkdir(parents=True, exist_ok=True)
        check_space(destination, model=repository, needed=total - folder_size(destination))
        received(0, total)
        with _watched(destination, total=total, received=received):
            for name, file in files.items():
                path = _download(repository, name, info.sha, destination, endpoint)
                if file.lfs is not None:
                    _check(name, path, file.lfs.sha256)
    except (HTTPError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            raise
        raise ModelError(
            f"{repository} did not come from the Hugging Face Hub: {_reason(error)}"
        ) from error
    received(total, total)
    # huggingface_hub's own notes on what it downloaded are no part of the model.
    shutil.rmtree(destination / ".cache", ignore_errors=True)
    return str(info.sha)


def _download(
    repository: str, name: str, commit: str | None, destination: Path, endpoint: str | None
) -> Path:
    """Download one file, resuming where an earlier run stopped, without a progress bar."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils.tqdm import tqdm

    class Silent(tqdm):
        def __init__(self, *args: object, **options: object) -> None:
            # huggingface_hub leaves this constructor without types.
            super().__init__(*args, **{**options, "disable": True})  # type: ignore[no-untyped-call]

    path = hf_hub_download(
        repository,
        name,
        revision=commit,
        local_dir=destination,
        endpoint=endpoint,
        tqdm_class=Silent,
    )
    return Path(path)


@contextmanager
def _watched(folder: Path, *, total: int, received: Received) -> Iterator[None]:
    """Report how much has arrived while it arrives, by looking at the folder.

    huggingface_hub has several ways to download, each with bars of its own to listen to; the folder
    grows with all of them.
    """
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(WATCH_S):
            received(min(folder_size(folder), total), total)

    watcher = threading.Thread(target=watch, name="hub-progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        watcher.join()


def _check(name: str, path: Path, expected: str) -> None:
    found = digest(path)
    if found != expected:
        raise DigestError(
            f"{name} is not the file its publisher made: expected SHA-256 {expected}, found "
            f"{found}. Nothing of it was kept."
        )


def _reason(error: Exception) -> str:
    """The first line of what huggingface_hub says; the rest is advice for its own users."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
