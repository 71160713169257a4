"""A conversation's next question made to stand alone, before anything is looked up. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.words import content_stems, names, spelled_names

# A question that points back: 'and how is it trained?', 'what about the second one?', 'why?'.
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|he|him|his|she|her|former|latter|"
    r"the (?:first|second|third|last|other)(?: one)?|both|one|ones|same|instead|else)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"^(?:and|but|or|so|then|also|what about|how about|why|why not|how so|how come|since when|"
    r"really|any|examples?|for example|such as|in what way|more|go on|tell me more)\b",
    re.IGNORECASE,
)
_FEW = 2
_OWNED = frozenset({"its", "their", "theirs", "his"})
_PRONOUN = re.compile(
    r"\b(?P<word>its|it|their|theirs|they|them|his|he|him|she|"
    r"(?:this|that|these|those)(?= (?:\?|is|are|was|were|do|does|work|help)|\?|$))\b",
    re.IGNORECASE,
)
# What stands before the subject: 'What is', 'How does', 'Explain', 'Who introduced'.
_ASKING = re.compile(
    r"^(?:please\s+)?(?:(?:what|who|whom|whose|when|where|why|how|which)(?:'s)?\b\s*"
    r"(?:(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|had)\b\s*)?"
    r"|(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have)\b\s*"
    r"|(?:tell me about|explain|describe|compare|define|list|name|give me)\b\s*)"
    r"(?:(?:introduced|invented|made|created|wrote|developed|built|released|proposed|published)\b\s*)?",
    re.IGNORECASE,
)
# What stands behind it: 'How does LoRA | work?'.
_DOING = re.compile(
    r"\s+(?:work|works|do|does|mean|means|happen|help|differ|compare|come|look|cost|need|use)\b.*$",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"^(?:i|we|you|one)\s+\w+\s+", re.IGNORECASE)
_LEADS_TO_OBJECT = re.compile(r"who\b|which\b", re.IGNORECASE)
_SHORT_TOPIC, _LONGEST_TOPIC = 4, 6


def standalone(question: str, conversation: Sequence[tuple[str, str]]) -> str:
    """The question with what it points back to named in it; unchanged where it stands alone.

    `conversation` holds (question, answer) pairs, oldest first. 'And how is it trained?' after
    'What is a GAN?' becomes 'And how is a GAN trained?'; where nothing can be replaced, the subject
    is put behind ('Why? (a GAN)'). Rewriting by the small model loses names and adds others, and
    putting the earlier question in front gets that one answered again.
    """
    if not conversation or not _depends(question):
        return question
    asked = [each for each, _ in conversation]
    # What was asked may itself have been dependent: an earlier one then names the subject.
    plain = [each for each in asked if not _depends(each)] or asked[:1]
    subject = topic(plain[-1])
    if not subject:
        return f"{_ended(asked[-1].strip())} {question}"
    named, count = _PRONOUN.subn(lambda match: _in_place(match, subject), question, count=1)
    return named if count else f"{question.rstrip(' ?')} ({subject})?"


def topic(question: str) -> str:
    """What a question is about, in its own words: 'a latent space' of 'What is a latent space?'."""
    rest = _DOING.sub("", _ASKING.sub("", question.strip()).rstrip(" ?.!"))
    rest = _SPEAKER.sub("", rest)
    if len(rest.split()) <= _SHORT_TOPIC:
        return rest
    named = [each for each in spelled_names(question).values() if each in rest]
    if named:
        return named[-1] if _LEADS_TO_OBJECT.match(question.strip()) else named[0]
    return rest if len(rest.split()) <= _LONGEST_TOPIC else ""


def _in_place(match: re.Match[str], subject: str) -> str:
    owned = match["word"].lower() in _OWNED
    return f"{subject}'s" if owned and not subject.endswith("s") else subject + "'" * owned


def _depends(question: str) -> bool:
    named = bool(names(question))
    if _GOES_ON.search(question.strip()) and not named:
        return True
    if _POINTS_BACK.search(question) and not named:
        return True
    return len(content_stems(question)) < _FEW and not named


def _ended(text: str) -> str:
    return text if text[-1:] in "?.!" else f"{text}?"
