"""Install a model's folder whole or not at all, one process at a time, on a disk that has room."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge.errors import DigestError, ModelError
from knowledge.manifest import is_whole, seal, sync_folder

Build = Callable[[Path], tuple[Path, str]]

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def install(
    target: Path,
    *,
    model: str,
    build: Build,
    source: str | None = None,
    needed: int = 0,
    waiting: Callable[[], None] = lambda: None,
) -> None:
    """Have `build` make the model in a partial folder beside `target`, then move it into place.

    `build` is given that folder and returns the finished one inside it with the digest or commit of
    its source. What a failed build leaves is there for the next one, unless its digest was wrong.
    `needed` is the disk it takes in bytes. `waiting` is called where another process is at it; that
    one's result is taken. Raises `ModelError` where the disk is full or not writable.
    """
    folder, partial = target.parent, target.with_name(f"{target.name}.partial")
    with _explained(folder, model=model, needed=needed):
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(target.with_name(f"{target.name}.lock"), waiting=waiting):
            if is_whole(target, source=source):
                return
            check_space(folder, model=model, needed=needed - folder_size(partial))
            partial.mkdir(exist_ok=True)
            try:
                built, made_from = build(partial)
            except DigestError:
                shutil.rmtree(partial)
                raise
            seal(built, model=model, source=made_from)
            _publish(built, target=target, partial=partial)


def uninstall(target: Path, *, model: str) -> None:
    """Remove a model and what an unfinished installation left; nothing there is no error."""
    if not target.parent.is_dir():
        return
    lock = target.with_name(f"{target.name}.lock")
    with _explained(target.parent, model=model, needed=0), _alone(lock, waiting=lambda: None):
        partial = target.with_name(f"{target.name}.partial")
        if target.exists():
            # One rename first: a crash while the files go must not leave half a model.
            partial.mkdir(exist_ok=True)
            target.replace(partial / "removed")
        shutil.rmtree(partial, ignore_errors=True)


def check_space(folder: Path, *, model: str, needed: int) -> None:
    """Raise `ModelError` with both figures where the disk has less free than is needed."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(_no_space(folder, model=model, needed=needed))


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder, which may be growing or not there at all."""
    size = 0
    with suppress(FileNotFoundError):
        for path in folder.rglob("*"):
            with suppress(FileNotFoundError):
                size += path.stat().st_size if path.is_file() else 0
    return size


def _publish(built: Path, *, target: Path, partial: Path) -> None:
    """Put the finished folder in its place by one rename, and clear what is left."""
    if target.exists():
        shutil.rmtree(partial / "broken", ignore_errors=True)
        target.replace(partial / "broken")
    built.replace(target)
    sync_folder(target.parent)
    shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _alone(path: Path, *, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of one model, saying so where another process holds it."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _explained(folder: Path, *, model: str, needed: int) -> Iterator[None]:
    """Turn the system's refusals into sentences that a person can act on."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise ModelError(_no_space(folder, model=model, needed=needed)) from error
        raise ModelError(
            f"The files of {model} could not be changed in {folder}: {error}. Check who may write "
            "there, or point FOOTNOTE_MODELS_DIR to another folder."
        ) from error


def _no_space(folder: Path, *, model: str, needed: int) -> str:
    free = shutil.disk_usage(folder).free
    wants = f"{needed / 1e9:.2f} GB" if needed else "more room"
    return (
        f"{model} needs {wants} of free disk while it is installed, and {folder} has "
        f"{free / 1e9:.2f} GB. Free some space there, or point FOOTNOTE_MODELS_DIR to another disk."
    )
