"""Whether a question points back at what was said before, and with which words. Pure."""

from __future__ import annotations

import re

from knowledge.subject import AUXILIARY
from knowledge.words import content_stems

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
    r"authors?|steps?|idea|algorithm|architecture|network|benchmark|test|site|service|licence|"
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
    r"^(?:matters?|takes?|rains?|seems?|turns? out)\b|^means?\s(?:when|that|if|to|for)\b|"
    r"^is\s(?:\w+ly\s)?\w+ed\sthat\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[,;:.?!]\s|\b(?:and|or|but|so|because|if|when|while|before|after|although|how|why|what|which|who|"
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
_PLURAL = frozenset({"they", "them", "their", "theirs"})
_PERSONAL = frozenset({"he", "him", "his", "she", "her", "hers"})
_OWN, _OWN_PLURAL, _WHOLE = 2, 3, 5


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
    return not _owned(word, own, body)


def _owned(word: str, own: str, body: str) -> bool:
    """Whether the clause before a pronoun has what it stands for.

    'How does a GAN train its generator?' does, 'Can I download its weights?' does not.
    """
    said = len(content_stems(own))
    if word in _PLURAL and (said >= _OWN_PLURAL or len(content_stems(body)) > _WHOLE):
        # 'They' of a long question are people: 'how do they choose who plays in the finals'.
        return True
    if word in _PERSONAL and re.match(r"who\b", body, re.IGNORECASE) and said:
        return True
    return word in _POSSESSIVE and said >= _OWN
