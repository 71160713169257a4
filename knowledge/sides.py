"""The two sides of a comparison, each as a question of its own. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.words import content_stems, is_telling_word, spelled_names

_BETWEEN = re.compile(
    r"\b(?:differences?|distinction|similarit\w+|relation|choice|choose|choosing|decide|comparison|"
    r"compare|compares|comparing|trade-?offs?)\s+(?:between\s+)?(?P<a>.+?)\s+"
    r"(?:and|with|to|from|or|vs\.?|versus)\s+(?P<b>[^?.!,;]+)",
    re.IGNORECASE,
)
_DIFFER = re.compile(
    r"\b(?:how|in what way)\s+(?:is|are|do|does|did)\s+(?P<a>.+?)\s+"
    r"(?:different|differ|compare)s?\s+(?:from|to|with)\s+(?P<b>[^?.!,;]+)",
    re.IGNORECASE,
)
_BOTH_DIFFER = re.compile(
    r"\bhow\s+(?:do|does|did|are)\s+(?P<a>.+?)\s+and\s+(?P<b>.+?)\s+(?:differ|compare|relate)\b",
    re.IGNORECASE,
)
_VERSUS = re.compile(r"\s+(?:vs\.?|versus|or|compared\s+(?:to|with))\s+", re.IGNORECASE)
_THAN = re.compile(
    r"^(?:is|are|was|were|does|do|did|has|have|can|why (?:is|are|was|do|does))\s+(?P<a>.+?)\s+"
    r"(?:\w+er|more\s\w+|less\s\w+|better|worse|older|longer)\b[^?]*?\bthan\s+(?P<b>[^?.!,;]+)",
    re.IGNORECASE,
)
_FRAMED = (_BETWEEN, _DIFFER, _BOTH_DIFFER, _THAN)
_ARTICLE = re.compile(r"^(?:an?|the|using|use|both)\s+", re.IGNORECASE)
_TAIL = re.compile(r"\s+(?:for|in|on|at|when|while|as|regarding|if)\s+.*$", re.IGNORECASE)
_MOST = 4


@dataclass(frozen=True, slots=True)
class Side:
    """One side: its name as it stands in the question, and the question asked of it alone."""

    name: str
    question: str


def sides(question: str) -> tuple[Side, ...]:
    """Both sides of a question that compares two things; () for any other."""
    text = question.strip()
    for frame in _FRAMED:
        match = frame.search(text)
        if match:
            tail = _TAIL.search(match["b"])
            about = tail.group() if tail else ""
            return _two(_TAIL.sub("", match["a"]), _TAIL.sub("", match["b"]), rest=about)
    for match in _VERSUS.finditer(text):
        first, second = _last_phrase(text[: match.start()]), _first_phrase(text[match.end() :])
        before = text[: match.start() - len(first)] if first else ""
        after = text[match.end() :].split(second, 1)[-1] if second else ""
        found = _two(first, second, rest=f"{after.rstrip('?. ')} {before}")
        # 'Which models draw or write?' compares nothing.
        named = bool(spelled_names(f"so {first} so {second}"))
        led_in = not before.strip() or before.rstrip()[-1] in ",:"
        if found and (named or led_in or match.group().strip().lower() != "or"):
            return found
    return ()


def _two(first: str, second: str, *, rest: str) -> tuple[Side, ...]:
    pair = [_ARTICLE.sub("", each.strip(" ,")).rstrip("?.! ") for each in (first, second)]
    if not all(each and len(each.split()) <= _MOST for each in pair):
        return ()
    if not all(is_telling_word(each.split()[0]) for each in pair):
        return ()
    if content_stems(pair[0]) == content_stems(pair[1]):
        return ()
    words = (word.strip(",:;?!.") for word in rest.split())
    telling = " ".join(word for word in words if word and is_telling_word(word))
    return tuple(Side(each, f"{each} {telling}".strip()) for each in pair)


def _last_phrase(text: str) -> str:
    """The name or the few words that a text ends with."""
    for name in reversed(spelled_names(f"so {text}").values()):
        if text.endswith(name):
            return name
    words: list[str] = []
    for word in reversed(text.split()):
        if not is_telling_word(word) or word[-1] in ",:;" or len(words) == _MOST:
            break
        words.insert(0, word)
    return text[text.rfind(words[0]) :] if words else ""


def _first_phrase(text: str) -> str:
    """The name or the few words that a text begins with."""
    bare = _ARTICLE.sub("", text)
    for name in spelled_names(f"so {bare}").values():
        if bare.startswith(name):
            return name
    words: list[str] = []
    for word in bare.split():
        if not is_telling_word(word) or len(words) == _MOST:
            break
        words.append(word)
        if word[-1] in ",:;?.!":
            break
    return " ".join(words).rstrip(",:;?.!")
