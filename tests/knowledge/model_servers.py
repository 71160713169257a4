"""Real servers of language models on loopback, each in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_START_S = 90.0
_LLAMA = """
import sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port, params.n_ctx = sys.argv[1], int(sys.argv[2]), 4096
params.api_keys = sys.argv[3:]
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.verbosity = -1
server = xllamacpp.Server(params)
sys.stdin.read()
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def llama_cpp(model: Path, *, keys: Sequence[str] = ()) -> Iterator[str]:
    """llama.cpp's own server; the base URL of its OpenAI-compatible side."""
    port = free_port()
    command = [sys.executable, "-c", _LLAMA, str(model), str(port), *keys]
    with _running(command, f"http://127.0.0.1:{port}/health"):
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def transformers_serve(folder: Path) -> Iterator[str]:
    """`transformers serve`, which knows no log-probabilities and refuses to be asked for them."""
    port = free_port()
    program = Path(sys.executable).with_name("transformers")
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    command = [sys.executable, str(program), "serve", str(folder), *options]
    with _running(command, f"http://127.0.0.1:{port}/health"):
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def _running(command: Sequence[str], health: str) -> Iterator[None]:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        try:
            wait_until_ready(process, health)
            yield
        finally:
            process.kill()


def wait_until_ready(process: subprocess.Popen[bytes], health: str) -> None:
    """Return when `health` answers; RuntimeError with what the process said where it ends."""
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            assert process.stderr is not None
            raise RuntimeError(process.stderr.read().decode("utf-8", "replace")[-2000:])
        try:
            with urllib.request.urlopen(health, timeout=2) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"{health} was not ready in {_START_S:.0f} s")
