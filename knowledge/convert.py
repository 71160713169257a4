"""Turn a GGUF file into a folder of bf16 safetensors, once, in a process of its own.

transformers unpacks a GGUF file in 40 to 70 seconds each time it loads one, and loads the converted
folder in 3 to 4. The child process gives its memory back when it ends, and where that memory runs
out it is the child that dies.
"""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from pathlib import Path

from knowledge.errors import ModelError

# Measured: 5.6 GB at the peak for the 1.1 GB of the 1.5B model.
MEMORY_PER_BYTE = 6


def convert_gguf(source: Path, destination: Path) -> None:
    """Write the model and tokenizer in the GGUF file `source` into the folder `destination`.

    Raises `ModelError` where the child process fails or is killed.
    """
    root = str(Path(__file__).resolve().parent.parent)
    search_path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    done = subprocess.run(  # noqa: S603 - no shell; this very module, and two paths of our own
        (sys.executable, "-P", "-m", "knowledge.convert", str(source), str(destination)),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "PYTHONPATH": search_path, "HF_HUB_OFFLINE": "1"},
    )
    if done.returncode < 0:
        needed = source.stat().st_size * MEMORY_PER_BYTE / 1e9
        raise ModelError(
            f"Converting {source.name} was stopped by signal {-done.returncode}, most likely for "
            f"want of memory: it takes about {needed:.0f} GB. Close other programs and try again, "
            "or choose a smaller model."
        )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        if os.strerror(errno.ENOSPC) in lines[-1]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise ModelError(f"{source.name} could not be converted: {lines[-1]}")


def _convert(source: Path, destination: Path) -> None:
    """Load and save. What transformers prints meanwhile goes to pipes that nobody shows."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    model = AutoModelForCausalLM.from_pretrained(
        source.parent,
        gguf_file=source.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    model.save_pretrained(destination)
    tokenizer.save_pretrained(destination)


def _die_first() -> None:
    """Ask Linux to end this process, not the one that waits for it, where memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


if __name__ == "__main__":
    _die_first()
    _convert(Path(sys.argv[1]), Path(sys.argv[2]))
