"""The command line's fixtures, for the page's command."""

from tests.bot_cli.conftest import footnote, home

__all__ = ["footnote", "home"]
