"""`footnote init`: from nothing to a bot that can run."""
