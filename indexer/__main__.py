"""`python -m indexer PATH…`: what `footnote index PATH…` does."""

import subprocess
import sys

# A process of its own, since the indexer may not import the command line above it.
sys.exit(subprocess.call([sys.executable, "-m", "bot", "index", *sys.argv[1:]]))  # noqa: S603
