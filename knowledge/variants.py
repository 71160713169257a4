"""A word's British and American spelling. Pure."""

from __future__ import annotations

import re

# A rule that fits a word it is not meant for makes a word that nobody writes: it finds nothing.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"(?<=\w{3})is(?=(?:e|es|ed|er|ers|ing|able|ation|ations|ational)$)", "iz"),
        (r"(?<=\w{3})iz(?=(?:e|es|ed|er|ers|ing|able|ation|ations|ational)$)", "is"),
        (r"(?<=\w{2}[la])ys(?=(?:e|es|ed|er|ers|ing)$)", "yz"),
        (r"(?<=\w{2}[la])yz(?=(?:e|es|ed|er|ers|ing)$)", "ys"),
        (r"(?<=\w{2})our(?=(?:s|ed|ing|ful|able|ite|al|ist)?$)", "or"),
        (r"(?<=\w{2}[lvbin])or(?=(?:s|ed|ing|ful|able|ite|al|ist)?$)", "our"),
        (r"(?<=\w{2}[tb])re(?=s?$)", "er"),
        (r"(?<=\w{2}[tb])er(?=s?$)", "re"),
        (r"(?<=\w{2}[aeo]l)l(?=(?:ed|ing|er|ers)$)", ""),
        (r"(?<=\w{2}[aeo]l)(?=(?:ed|ing|er|ers)$)", "l"),
        (r"(?<=\w{2}en)ce(?=[sd]?$)", "se"),
        (r"(?<=\w{2}en)se(?=[sd]?$)", "ce"),
        (r"(?<=\w{2}og)ue(?=s?$)", ""),
        (r"(?<=\w{2}og)(?=s?$)", "ue"),
        (r"(?<=^program)me(?=s?$)", ""),
        (r"(?<=^program)(?=s?$)", "me"),
    )
)


def variants(word: str) -> tuple[str, ...]:
    """How a lower-case word may also be spelt: 'optimizer' as 'optimiser'."""
    found = (pattern.sub(to, word) for pattern, to in _RULES if pattern.search(word))
    return tuple(dict.fromkeys(each for each in found if each != word))
