"""A reading process whose parser breaks on demand: `python -m tests.indexer.fragile`."""

from __future__ import annotations

import ctypes
import os
import sys
import time

from indexer import confined, load
from indexer.document import Block, Document

_read = load.load_bytes


def breaking(data: bytes, *, name: str, limit: int = load.LIMIT) -> Document:
    """Do what the file says a broken parser does."""
    match data:
        case b"crash":
            ctypes.string_at(0)
        case b"hang":
            time.sleep(3600)
        case b"spin":
            while True:
                pass
        case b"eat":
            hoard = bytearray(3 * 10**9)
            return Document(str(len(hoard)), ())
        case b"swell":
            return Document("Endless", (Block("x" * 150_000_000),))
        case b"abandon":
            os.kill(os.getppid(), 9)
        case b"print":
            sys.stdout.write("noise on standard output")
            sys.stdout.flush()
            os.write(1, b"and below it")
    return _read(data, name=name, limit=limit)


if __name__ == "__main__":
    load.load_bytes = breaking
    confined.main()
