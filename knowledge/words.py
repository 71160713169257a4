"""What a text is about: its content words, names and numbers, in comparable form."""

from __future__ import annotations

import re
from functools import lru_cache

import snowballstemmer

_STEMMER = snowballstemmer.stemmer("english")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_STOP = frozenset(
    """
    a about above after again all also although am an and any are as at be because been
    before being between both but by can cannot could did do does doing done down during
    each either else etc even ever every few for from further get gets given had has have
    having he her here hers him his how however i if in instead into is it its itself just
    let like made make makes many may me might more most much must my need no nor not now of
    off often on once one only onto or other our out over own per please quite rather said
    same say says see shall she should since so some still such than that the their them
    then there therefore these they this those though through thus to too tell under until
    up upon us use used uses using very via was we well were what when where whether which
    while who whom whose why will with within without would yes yet you your
    """.split()
)
# Not the 3 of 'GPT-3' or the 2 of 'L2': those are names.
_SCALED = re.compile(
    r"(?<![A-Za-z_])(?<![A-Za-z][-–])(?P<number>\d{1,3}(?:[,\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s*(?P<scale>thousand|million|billion|trillion|bn|[kmbt])\b)?",
    re.IGNORECASE,
)
_SCALE = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "k": 1e3,
    "m": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "t": 1e12,
}
# From two: 'one' is too often a pronoun.
_SPELLED = {
    word: float(value)
    for value, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), start=2
    )
}
_SPELLED_SCALED = re.compile(
    r"\b(?P<number>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[ -]"
    r"(?P<scale>thousand|million|billion|trillion)\b",
    re.IGNORECASE,
)
# A capitalised or mixed-case word with inner punctuation, and a version behind it ('DALL·E 2').
_WORD_OF_NAME = r"(?:[A-Z]|[a-z]+[A-Z])[\w·.&/-]*"
_NAME = re.compile(
    rf"(?<![\w-]){_WORD_OF_NAME}(?: {_WORD_OF_NAME})*(?: \d+(?:\.\d+)?(?![\w.%,]\d))?"
)
_ACRONYMS = re.compile(r"\b([A-Z][A-Za-z0-9]*[A-Z])s\b")
_JOINERS = re.compile(r"[^\w.]+|\.(?!\d)|_")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word's Porter2 stem, lower case, without a possessive."""
    plain = re.sub(r"['’]s?$", "", word.lower())
    return str(_STEMMER.stemWord(plain))


def words(text: str) -> list[str]:
    """The words of `text` as they stand."""
    return _WORD.findall(text)


def is_telling_word(word: str) -> bool:
    """Whether a word carries meaning."""
    return word.lower() not in _STOP


def content_stems(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning; numbers count as words."""
    return frozenset(stem(word) for word in words(text) if word.lower() not in _STOP)


def ordered_stems(text: str) -> tuple[str, ...]:
    """The same stems as they follow each other, each as often as it stands there."""
    return tuple(stem(word) for word in words(text) if word.lower() not in _STOP)


def numbers(text: str) -> frozenset[float]:
    """The numbers of `text` by value: '175 billion', '175B' and '175,000,000,000' are the same."""
    found = {_SPELLED[word.lower()] for word in words(text) if word.lower() in _SPELLED}
    for match in _SPELLED_SCALED.finditer(text):
        count = _SPELLED.get(match["number"].lower(), 1.0)
        found.discard(count)
        found.add(count * _SCALE[match["scale"].lower()])
    for match in _SCALED.finditer(text):
        value = float(match["number"].replace(",", "").replace("\u202f", ""))
        found.add(value * _SCALE.get((match["scale"] or "").lower(), 1.0))
    return frozenset(found)


def written(number: float) -> str:
    """A number as people write it: 175,000,000,000 and 1.5; a year has no comma."""
    if number != int(number):
        return f"{number:g}"
    return f"{number:,.0f}" if number >= 10_000 else f"{number:.0f}"


def plain(text: str) -> str:
    """`text` for finding names in: stems apart by one space, and one space at either end.

    'GPT-4' and 'GPT 4' become ' gpt 4 ', 'GANs' becomes ' gan ', 'DALL·E 2' becomes ' dall e 2 '.
    """
    singular = _ACRONYMS.sub(r"\1", text.replace("·", "-").replace("'s", " ").replace("’s", " "))
    return f" {' '.join(map(stem, _JOINERS.sub(' ', singular).split()))} "


def names(text: str) -> tuple[str, ...]:
    """Names of people, models and organisations in the form of `plain`, in order: ' gpt 4 '."""
    return tuple(spelled_names(text))


def spelled_names(text: str) -> dict[str, str]:
    """Names in the form of `plain`, each with how the text spells it.

    A sentence's first word is capitalised anyhow: alone it counts only with a second capital or a
    digit ('GANs', 'DALL-E', 'GPT-3').
    """
    found: dict[str, str] = {}
    for match in _NAME.finditer(text):
        parts = [part.strip(".-/'’") for part in match.group().split()]
        # 'In Python', 'The Transformer': the opening word is only capitalised by its place.
        placed = parts[0].lower() in _STOP or (len(parts) == 1 and not _telling(parts[0]))
        if placed and _opens_sentence(text, match.start()):
            parts = parts[1:]
        parts = [part for part in parts if part and part.lower() not in _STOP]
        if any(part[0].isalpha() for part in parts):
            found.setdefault(plain(" ".join(parts)), " ".join(parts))
    return found


def _telling(word: str) -> bool:
    return sum(c.isupper() for c in word) > 1 or any(c.isdigit() for c in word)


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t\"'“‘(*_[")
    return not before or before[-1] in ".!?:\n•-"
