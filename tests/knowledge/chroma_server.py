"""A real Chroma server on loopback, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.knowledge.model_servers import free_port, wait_until_ready


@contextmanager
def chroma_run(folder: Path, *, port: int | None = None) -> Iterator[str]:
    """`chroma run`, with its data in `folder`; the server's address."""
    port = port or free_port()
    program = Path(sys.executable).with_name("chroma")
    options = ["--host", "127.0.0.1", "--port", str(port), "--path", str(folder)]
    with subprocess.Popen(
        [sys.executable, str(program), "run", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
    ) as process:
        try:
            wait_until_ready(process, f"http://127.0.0.1:{port}/api/v2/heartbeat")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
