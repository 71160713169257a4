"""Sample questions for a document that waits: members' own where it answers them, else its heads.

A reviewer sees what the document would make the bot say before it says it to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.retrieve import Retriever
from knowledge.types import DocumentInfo, Passage

SAMPLES = 3
# Of what members asked, how many are looked at, and how near the document has to come.
_LOOKED_AT = 20
_NEAR = 2


def sample_questions(
    info: DocumentInfo,
    passages: Sequence[Passage],
    *,
    asked: Sequence[str],
    retriever: Retriever,
    scopes: Sequence[str],
) -> tuple[str, ...]:
    """Up to three questions that a document bears on; `retriever` finds it as if it answered."""
    chosen = dict.fromkeys(_asked(info, asked, retriever=retriever, scopes=scopes))
    for each in _from_headings(info, passages):
        if len(chosen) >= SAMPLES:
            break
        chosen.setdefault(each)
    return tuple(chosen)[:SAMPLES]


def _asked(
    info: DocumentInfo, asked: Sequence[str], *, retriever: Retriever, scopes: Sequence[str]
) -> Iterator[str]:
    """What members asked in vain, and this document comes near to."""
    for question in asked[:_LOOKED_AT]:
        found = retriever.retrieve(question, k=_NEAR, scopes=scopes)
        if any((e.passage.document_id, e.passage.scope) == (info.id, info.scope) for e in found):
            yield question


def _from_headings(info: DocumentInfo, passages: Sequence[Passage]) -> Iterator[str]:
    """Its own questions first, as an FAQ has them; then what it says of its parts."""
    headings = list(
        dict.fromkeys(each.location.headings[-1] for each in passages if each.location.headings)
    )
    yield from (each for each in headings if each.rstrip().endswith("?"))
    topics = [each for each in headings if not each.rstrip().endswith("?")]
    yield f"What is said about {_subject(info.title)}?"
    # From all over the document rather than from its beginning.
    step = max(1, len(topics) // (SAMPLES - 1))
    for topic in topics[::step]:
        yield f"What does {_subject(info.title)} say about {_subject(topic)}?"


def _subject(heading: str) -> str:
    return " ".join(heading.split()).rstrip(".:!?")[:80]
