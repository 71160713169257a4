"""A conversation's next question made to stand alone, before anything is looked up. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.words import content_stems, names

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


def standalone(question: str, conversation: Sequence[tuple[str, str]]) -> str:
    """The question with what it points back to; unchanged where it stands alone.

    `conversation` holds (question, answer) pairs, oldest first. A dependent question is put behind
    the one it follows ('What is a GAN? And how is it trained?'): retrieval then finds the subject
    by its name, and the model reads both. Rewriting by the small model loses names and adds others.
    """
    if not conversation or not _depends(question):
        return question
    before = conversation[-1][0].strip()
    # What was asked may itself have been dependent: its first part then names the subject.
    earlier = [asked for asked, _ in conversation[:-1] if not _depends(asked)]
    subject = f"{earlier[-1].strip()} {before}" if earlier and _depends(before) else before
    return f"{_ended(subject)} {question}"


def _depends(question: str) -> bool:
    named = bool(names(question))
    if _GOES_ON.search(question.strip()) and not named:
        return True
    if _POINTS_BACK.search(question) and not named:
        return True
    return len(content_stems(question)) < _FEW and not named


def _ended(text: str) -> str:
    return text if text[-1:] in "?.!" else f"{text}?"
