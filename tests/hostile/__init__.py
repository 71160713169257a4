"""What holds when files, texts, settings and interactions are made to do harm.

`make test-hostile` does all of it; without HOSTILE=all in the environment it is a short form.
"""

import os

ALL = os.environ.get("HOSTILE") == "all"
