"""The file in which quantised weights are kept, with all that the decoder needs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from knowledge.decoder import Shape

if TYPE_CHECKING:
    import torch

log = structlog.get_logger(__name__)

# Part of the file's name: raise it when what is stored changes.
_FORMAT = 2


def file_name(identity: str) -> str:
    """The name of the file that belongs to the set of weights with this identity."""
    return f"{hashlib.sha256(f'{identity}|{_FORMAT}'.encode()).hexdigest()[:24]}.safetensors"


def read(path: Path | None) -> tuple[dict[str, torch.Tensor], Shape] | None:
    """The tensors by name and the model's shape; None where there is no whole file."""
    from safetensors import SafetensorError, safe_open

    if path is None or not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            shape = Shape(**json.loads(file.metadata()["shape"]))
            # Copied: reading weights through a mapped file was half as fast.
            return {name: file.get_tensor(name).clone() for name in file.keys()}, shape  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        log.warning("quantised weights made anew", path=str(path), reason=str(error))
        return None


def save(tensors: Mapping[str, torch.Tensor], *, path: Path, shape: Shape) -> None:
    """Write the file whole or not at all; a folder that cannot be written costs time only."""
    from safetensors.torch import save_file

    partial = path.with_suffix(f".{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
        save_file(whole, partial, metadata={"shape": json.dumps(asdict(shape))})
        partial.replace(path)
    except OSError as error:
        log.warning("quantised weights not kept", path=str(path), reason=str(error))
        with suppress(OSError):
            partial.unlink(missing_ok=True)
