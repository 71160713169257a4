"""Whether a question points back at what was said before, and with which words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.subject import AUXILIARY
from knowledge.words import content_stems, names

_THANKS = (
    r"thanks?(?: (?:you|a lot|so much|very much|again|man|mate))*|thank you(?: (?:so|very) much)?|"
    r"thx(?: (?:a lot|man))?|ty|cheers|ok(?:ay)?|k|i see|got it|lol|lmao|haha+|hm+|ah+|oh+|wow|"
    r"alright|makes sense|that help(?:s|ed)|yes|yeah|yep|sure|pls|please|a lot|cool|awesome|"
    r"(?:very )?(?:good|great|nice|perfect|interesting|helpful|useful|right|well|so|sorry)"
    r"(?=[\s]*(?:[,.!;:–]|$|answer|thanks?|thx|one\b))(?: answer| one)?"
)
_COURTESY = re.compile(rf"^(?:(?:{_THANKS})(?![\w'’-])[\s,.!;:–…]*)+", re.IGNORECASE)
_SEMANTIC = r"(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those)"
# What a pointing 'that' or 'such' may stand before.
_NOUN = (
    r"papers?|models?|methods?|books?|studies|study|case|law|rule|company|approach|technique|tools?|"
    r"term|numbers?|figures?|pictures?|images?|data(?:set)?s?|versions?|problems?|attacks?|effect|"
    r"people|authors?|steps?|idea|algorithm|architecture|network|benchmark|test|site|service|licence|"
    r"license|year|time|packages?|detectors?|settings?|ones?|thing|trick|loss|system|film|court"
)
_PRONOUN = re.compile(
    rf"\b(?P<word>{_SEMANTIC})\b(?P<noun>(?<=\b[Tt]his|\b[Tt]hat)\s(?:{_NOUN})\b|"
    rf"(?<=\b[Tt]hese|\b[Tt]hose)\s\w+)?|\b(?P<such>such)\s(?!as\b|an?\b)(?:\w+)",
    re.IGNORECASE,
)
_SHOWS = frozenset({"this", "that", "these", "those"})
_EXPLETIVE = re.compile(
    r"^(?:(?:really|still|even|ever|not|always|now)\s)?(?:true|false|legal|illegal|ok|okay|possible|"
    r"safe|better|worth|allowed|necessary|normal|fair|bad|good|wrong|easy|hard|common|important|best|"
    r"fine|enough|likely|known|said|a good idea)\s(?:(?:for|of)\s[\w\s]+?\s)?"
    r"(?:to|that|if|when|whether)\b|"
    r"^(?:matters?|takes?|rains?|seems?|turns? out)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[,;:.?!]\s|\b(?:and|but|so|because|if|when|while|before|after|although|how|why|what|which|who|"
    r"where|than)\b",
    re.IGNORECASE,
)
_LEADS_IN = re.compile(
    rf"(?:^|\b(?:{AUXILIARY}|why|how|what|who|when|where|about|of|in|for|with|to|from|by|on|like|than|"
    r"as|is|explain|fix|stop|avoid|prevent|mean))\s*$",
    re.IGNORECASE,
)
_EMPTY = frozenset({"happen", "mean", "sorri", "wait"})
_POSSESSIVE = frozenset({"its", "their"})
_OWN = 2
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
_SENTENCE = re.compile(
    rf"\b(?:{AUXILIARY}|it|i|you|we|they|explain|tell|give|show|describe|compare|define|list|name|"
    r"does|means?|stands?|works?|what'?s|who'?s|how'?s|need|make|made|wrote|invented|introduced|"
    r"published|won|owns|happened|happens)\b",
    re.IGNORECASE,
)
_FRAGMENT_WORDS = 6
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
_LOOSE_PART = re.compile(rf"\b(?:{_PARTS})\b", re.IGNORECASE)
_CHOICE = re.compile(
    r"^(?:which|what|how (?:many|much|long|big|large))\b.*\b(?:should|can|do|would|must)\s"
    r"(?:i|we|you|one)\s(?:\w+\s)?(?:use|take|choose|pick|begin|start|set|need|try|prefer)"
    r"(?:\swith|\sfrom|\sfor)?\s*$",
    re.IGNORECASE,
)
_SOME_ONE = re.compile(
    r"\bthe\s(?:[\w-]+\s){0,3}?(?:version|variant|edition)\b(?!\s(?:of|for)\b)|"
    r"\bthe same(?: thing)?$|\b(?:both|the (?:first )?two)$|"
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


def without_courtesy(question: str) -> str:
    """The question without thanks and the like at its beginning; '' where it is nothing else."""
    body = _COURTESY.sub("", question.strip())
    return body if re.search(r"\w", body) else ""


def pointed(body: str) -> re.Match[str] | None:
    """The first word that points back; `word` is the pronoun, `noun` what it stands before."""
    for match in _PRONOUN.finditer(body):
        if match["word"] and _points(match, body):
            return match
    return None


def _points(match: re.Match[str], body: str) -> bool:
    word = match["word"].lower()
    before, after = body[: match.start()], body[match.end() :]
    *earlier, own = _CLAUSE.split(before)
    if any(content_stems(clause) - _EMPTY for clause in earlier):
        # 'My GAN collapses, how do I fix it?': the question itself says what.
        return False
    if word == "it" and _EXPLETIVE.match(after.lstrip()):
        return False
    if word in _SHOWS and not match["noun"]:
        ended = not re.match(r"\s*\w", after)
        return ended or (bool(_LEADS_IN.search(before)) and not re.match(r"\s[A-Z]", after))
    # 'How does a GAN train its generator?' has an owner, 'Can I download its weights?' has none.
    return not (word in _POSSESSIVE and len(content_stems(own)) >= _OWN)


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
        # 'Who' leads in a verb.
        verbless = not said and not names(body) and not re.match(r"who\s\w", rest, re.IGNORECASE)
        return Fragment(rest, asks=True, goes_on=bool(tie)) if verbless else None
    if _SENTENCE.search(rest):
        return None
    part = _LOOSE_PART.search(" ".join(rest.split()[:2]))
    if part and any(len(name.strip()) > 1 for name in names(rest)):
        # 'And the training data of GPT-4?' says itself of what.
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
    loose = (goes_on and not _INDEFINITE.search(bare)) or _EXISTS.search(bare)
    return few < _OWN or bool(loose and few <= _OWN)
