"""Many members of many servers at once: `make load`, and a short form among the tests.

The bot runs in a process of its own against the loopback Discord, so that its memory is its own.
"""
