"""A draft's sentences in plain words, quotes in their place, and why nothing of it is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge import abstain
from knowledge.basis import EvidenceSentence
from knowledge.cite import Citations
from knowledge.said import said
from knowledge.types import Evidence, Sentence, Status, Verdict

NOTHING = said("The library holds nothing on this yet.")
DISAGREE = said("The documents give different figures: both are quoted, each with its date.")
LEFT_OUT = said("Some sentences were left out, since the documents do not support them.")

_FRAME = re.compile(
    r"^(?:according to|as (?:stated|mentioned|described) in) the passages?"
    r"(?: from [\"“][^\"”]*[\"”])?, "
    r"|^the passages?(?: from [\"“][^\"”]*[\"”])?(?: also)? "
    r"(?:states?|mentions?|says?|suggests?|explains?|describes?) that [\"“]?",
    re.IGNORECASE,
)


def outcome(
    question: str, evidence: Sequence[Evidence], sentences: Sequence[Sentence], *, disagree: bool
) -> tuple[Status, str]:
    """What checked sentences make of an answer, and what its reader should know of it."""
    if not any(sentence.supported for sentence in sentences):
        return Status.REFUSED, unsupported_reason(question, evidence, sentences)
    whole = all(sentence.supported for sentence in sentences)
    reason = DISAGREE if disagree else "" if whole else LEFT_OUT
    return Status.ANSWERED if whole else Status.PARTIAL, reason


def without_frame(text: str) -> str:
    """A sentence without 'The passage from "…" states that': the citation says where it stands."""
    bare = _FRAME.sub("", text)
    return bare[:1].upper() + bare[1:] if bare and bare != text else text


def quoted(evidence: EvidenceSentence, citations: Citations) -> Sentence:
    """A sentence that is its own evidence."""
    number = citations.number(evidence)
    text = as_prose(evidence.text)
    return Sentence(text, (number,), Verdict.SUPPORTED, said("quoted from the document"))


def as_prose(text: str) -> str:
    """A table's row as words: its first cell, then what stands beside it; all else as it is."""
    row = text.strip()
    if not (row.startswith("|") and row.endswith("|") and len(row) > 1):
        return text
    first, *rest = (cell.strip() for cell in row.strip("|").split("|"))
    return ": ".join(filter(None, [first, "; ".join(filter(None, rest))]))


def refusal_reason(question: str, evidence: Sequence[Evidence]) -> str:
    """Why nothing was generated, naming what the documents do not know."""
    missing = abstain.missing_names(question, evidence)
    if missing:
        listed = ", ".join(f"'{name}'" for name in missing)
        return said(f"The documents found do not mention {listed}, so they cannot answer this.")
    return said("The documents found are near the subject but do not seem to state the answer.")


def unsupported_reason(
    question: str, evidence: Sequence[Evidence], sentences: Sequence[Sentence]
) -> str:
    """Why nothing of the draft is shown."""
    if abstain.missing_names(question, evidence):
        return refusal_reason(question, evidence)
    why = sentences[0].reason if sentences else said("the model wrote nothing")
    return said(f"The draft could not be proved from the documents ({why}), so it is not shown.")
