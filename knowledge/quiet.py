"""No library that is used reports home: told so before any of them is imported.

Chroma and ONNX Runtime are told in their own settings as well (vectors.py, rerank.py).
"""

from __future__ import annotations

import os

_QUIET = {
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "DO_NOT_TRACK": "1",  # Hugging Face, and whoever else heeds it
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "SCARF_NO_ANALYTICS": "true",
}


def be_quiet() -> None:
    """Switch off what reports to whoever made it, for this process and its children."""
    os.environ.update(_QUIET)
