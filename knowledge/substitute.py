"""The last question asked of something else: its counterpart found and replaced. Pure."""

from __future__ import annotations

import re

from knowledge.subject import Turn
from knowledge.words import names

_ARTICLE = re.compile(r"^(?:the|an?)\s", re.IGNORECASE)
_LAST_ARTICLE = re.compile(r"\b(?:an?|the)\s$", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
_SIZE = re.compile(
    r"\b\d+(?:[.,]\d+)?\s?(?:thousand|million|billion|trillion|[kmbt])\b", re.IGNORECASE
)
_MEASURE = re.compile(
    r"\b\d+(?:\.\d+)?[\s-]?(?P<unit>bits?|gb|mb|tb|gpus?|steps?|tokens?|fps)\b", re.I
)
_PLACE = re.compile(
    r"^(?P<how>in|at|on|for|with|without|from|under|by|during|since|after|before)\s(?P<what>.+)$",
    re.IGNORECASE,
)
_PHRASE = r"\b{how}\s(?:the\s)?(?:[A-Z][\w.&-]*(?:\s[A-Z][\w.&-]*)*|\w+)"
_VERSION = re.compile(
    r"\s(?:v?\d+(?:\.\d+)*[a-z]?)(?:\s(?:pro|ultra|mini|turbo|xl))?$", re.IGNORECASE
)
_MEANT_VERSION = re.compile(
    r"^(?:the\s)?(?:version\s|v)?(?P<version>\d+(?:\.\d+)*[a-z]?(?:\s(?:pro|ultra|mini|turbo|xl|flash|"
    r"nano|large|medium))?)(?:\s(?:one|version))?$",
    re.IGNORECASE,
)
_MEANT_ORDINAL = re.compile(
    r"^the\s(?P<ordinal>first|second|third|fourth|fifth)(?:\s(?:one|version))?$", re.IGNORECASE
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
# The whole question is about its subject: it can be asked of another one.
_GENERAL = re.compile(
    r"^(?:and\s|but\s|so\s)*(?:what|who|when|where|why|how|which|explain|define|describe|tell|is|are|"
    r"does|do|can|under)\b",
    re.IGNORECASE,
)


def substituted(turn: Turn, what: str, *, sure: bool = True) -> str:
    """The last question with `what` in the place of its counterpart, or put behind it.

    A year stands for a year, a size for a size, 'in chemistry' for 'in physics', a name for the
    subject. Unless it is `sure` that `what` goes on with the last question, only like is put in
    the place of like, and '' is given where there is none.
    """
    asked = turn.asked.rstrip(" ?.!")
    alike = _alike(asked, what)
    if alike:
        return f"{alike}?"
    subject = _ARTICLE.sub("", turn.subject)
    fits = bool(names(what) or _telling(what)) and bool(names(turn.asked) or _telling(subject))
    if not sure and not fits:
        return ""
    place = _PLACE.match(what)
    if what.lower().startswith("the ") and not names(what) and names(turn.asked):
        # 'And the emissions?' after a question about GPT-4: of GPT-4.
        return f"{what} ({subject})?"
    if place is None and subject and subject in asked and (fits or _GENERAL.match(asked)):
        before, after = asked.split(subject, 1)
        if names(what) or _ARTICLE.match(what):
            before = _LAST_ARTICLE.sub("", before)
        return f"{before}{what}{after}?"
    return f"{asked} {what}?" if place else f"{asked} ({what})?"


def _alike(asked: str, what: str) -> str:
    for kind in (_YEAR, _SIZE, _MEASURE):
        mine, theirs = kind.search(what), list(kind.finditer(asked))
        if mine and len(theirs) == 1:
            return asked[: theirs[0].start()] + mine.group() + asked[theirs[0].end() :]
    place = _PLACE.match(what)
    if place and not _YEAR.search(what):
        phrase = re.compile(_PHRASE.format(how=place["how"]))
        for match in phrase.finditer(asked):
            if not _YEAR.search(match.group()):
                return asked[: match.start()] + what + asked[match.end() :]
    return ""


def version_name(turn: Turn, what: str) -> str:
    """The subject in the version that was meant ('3.5', 'the third one'); '' for anything else."""
    number = _MEANT_VERSION.match(what)
    ordinal = _MEANT_ORDINAL.match(what)
    if not turn.subject or not (number or ordinal):
        return ""
    version = number["version"] if number else str(1 + _ORDINALS.index(_low(ordinal)))
    return f"{_VERSION.sub('', turn.subject)} {version}"


def _low(match: re.Match[str] | None) -> str:
    return match["ordinal"].lower() if match else ""


def _telling(text: str) -> bool:
    return any(c.isdigit() for c in text)
