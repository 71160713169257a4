"""Questions that leave out what they are about: 'and GPT-2?', 'how many layers?'. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.subject import AUXILIARY
from knowledge.words import content_stems, names

_GOES_ON = re.compile(
    r"^(?:and|or|but|also|plus)?\s*(?:what about|how about|what of|same (?:question )?for|"
    r"(?<=and )for)?\s*",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:(?:in|on|under|with|for|by|at|to|from|of|about|since|until)\s)?"
    r"(?:why|when|where|who|how|what|which|whose|any)\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:in|on|under|with|for|by|at|to|from|of|about|since|until)\s", re.IGNORECASE
)
_SENTENCE = re.compile(
    rf"\b(?:{AUXILIARY}|it|i|you|we|they|explain|tell|give|show|describe|compare|define|list|name|"
    r"does|means?|stands?|works?|what'?s|who'?s|how'?s|need|make|made|wrote|invented|introduced|"
    r"published|won|owns|happened|happens)\b",
    re.IGNORECASE,
)
_FRAGMENT_WORDS, _BARE_WORDS = 6, 3
_OWN = 2
_PARTS = (
    r"values?|settings?|sizes?|costs?|price|licen[cs]e|rank|authors?|inventors?|founders?|date|"
    r"versions?|variants?|advantages?|disadvantages?|pros|cons|limits?|limitations?|weaknesses|"
    r"strengths?|drawbacks?|benefits?|downsides?|alternatives?|differences?|uses?|applications?|"
    r"requirements?|parameters?|layers?|weights?|formula|release|sources?|training|risks?|reasons?|"
    r"results?|problems?|steps?|name|purpose|paper|dataset|exceptions?|examples?|details?|"
    r"remed(?:y|ies)|solutions?|fix|fixes|consequences|penalt(?:y|ies)|fines?"
)
_PART = re.compile(
    rf"\bthe\s(?:main\s|biggest\s|typical\s|usual\s)?(?:{_PARTS})\s*$", re.IGNORECASE
)
# 'Typical values', but not 'GPT-4o release date' or 'licence of Llama': these say of what.
_LOOSE_PART = re.compile(
    rf"^(?:(?:the|any|some|typical|usual|main|best|other|more|good|an?)\s)*(?:{_PARTS})\b"
    r"(?!\s(?:of|for|in|between)\s\w\w)",
    re.IGNORECASE,
)
_OF_ITS_OWN = re.compile(rf"\b(?:{_PARTS})\b", re.IGNORECASE)
# 'Which value for code', 'how many instruction examples', 'how to prevent'.
_VERBLESS = re.compile(
    r"(?:why|when|where|who|how)(?:\s(?:not|so|come|exactly))?$|how\sto\s\w+$|any\s|"
    r"how\s(?:many|much)(?:\s[\w-]+){0,3}$|"
    r"(?:what|which|whose)\s[\w-]+(?:\s(?:for|in|on|with|of|at|per)\s.+)?$",
    re.IGNORECASE,
)
_COMPARED = re.compile(r"\b(?:vs\.?|versus|or)\b", re.IGNORECASE)
_CHOICE = re.compile(
    r"^(?:which|what|how (?:many|much|long|big|large))\b.*\b(?:should|can|do|would|must)\s"
    r"(?:i|we|you|one)\s(?:\w+\s)?(?:use|take|choose|pick|begin|start|set|need|try|prefer)"
    r"(?:\swith|\sfrom|\sfor)?\s*$",
    re.IGNORECASE,
)
_SOME_ONE = re.compile(
    r"\bthe\s(?:[\w-]+\s){0,3}?(?:version|variant|edition)\b(?!\s(?:of|for)\b)|"
    r"^(?!.*\sand\s).*\bthe same(?: thing)?$|\b(?:both|the (?:first )?two)$|"
    r"\b(?:which|any|another|(?:an?|the)(?:\s[\w-]+)?)\sones?\b(?!-)|"
    rf"^(?:give|show|name|list|tell)\s(?:me\s|us\s)?(?:\w+\s)?(?:{_PARTS})$",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"^(?:and\s|so\s|but\s)*(?:what(?:'?s|\sis|\sare)\s)?(?:the\s)?(?:differences?|relation|connection)"
    r"\s(?:to|from|with)\b",
    re.IGNORECASE,
)
_THEN = re.compile(r"^(?!.*\b(?:an?|what)\s\w+\sthen).*\bthen\s*$", re.IGNORECASE)
_EXISTS = re.compile(r"^(?:is|are|was|were)\sthere\b|\b(?:is|are|was|were)\sthere$", re.IGNORECASE)
# 'What is overfitting?', 'explain attention', 'who invented backpropagation': new by themselves.
_DEFINES = re.compile(
    r"^(?:(?:and|so|but|ok)\s)?(?:what(?:'?s|\sis|\sare|\sdo|\sdoes)|who|explain|define|describe|"
    r"tell me about)\b(?!.*\bthere$)",
    re.IGNORECASE,
)
_INDEFINITE = re.compile(r"\b(?:an?|my|our|your|the)\s\w+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A question that is no whole sentence: 'and GPT-2?', 'in 2023?', 'how many layers?'.

    `asks` says that it asks something new of the same subject, `goes_on` that a word such as 'and'
    ties it to what was asked before.
    """

    text: str
    asks: bool
    goes_on: bool


def fragment(body: str) -> Fragment | None:
    """The question as a fragment; None for a whole sentence."""
    bare = body.strip().rstrip(" ?.!")
    start = _GOES_ON.match(bare)
    tie = start.group() if start else ""
    rest = bare[len(tie) :]
    if not rest or len(rest.split()) > _FRAGMENT_WORDS:
        return None
    asking = _ASKS.match(rest)
    if asking:
        said = re.match(r"'?s\b", asking["rest"]) or _SENTENCE.search(asking["rest"])
        verbless = _VERBLESS.match(_LEADING.sub("", rest)) and not said and not names(body)
        return Fragment(rest, asks=True, goes_on=bool(tie)) if verbless else None
    part = _LOOSE_PART.match(rest)
    if _SENTENCE.search(rest) or _COMPARED.search(rest) or (not part and _OF_ITS_OWN.search(rest)):
        return None
    if not (tie or part) and len(rest.split()) > _BARE_WORDS:
        return None
    return Fragment(rest, asks=bool(part), goes_on=bool(tie))


def implies(body: str) -> bool:
    """Whether a whole sentence leaves out what it is about: 'what are the limits?'."""
    bare = body.strip().rstrip(" ?.!")
    if _RELATED.match(bare) or _THEN.search(bare):
        return True
    if names(body):
        return False
    if _PART.search(bare) or _CHOICE.match(bare) or _SOME_ONE.search(bare):
        return True
    if _DEFINES.match(bare):
        return False
    few = len(content_stems(bare))
    goes_on = re.match(r"(?:and|but|or|so)\s", bare, re.IGNORECASE)
    loose = (goes_on and not _INDEFINITE.search(bare)) or _EXISTS.match(bare)
    return few < _OWN or bool(loose and few <= _OWN)
