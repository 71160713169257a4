"""Sample questions for a document that waits: members' own where it answers them, else its heads.

A reviewer sees what the document would make the bot say before it says it to anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from knowledge.retrieve import Retriever
from knowledge.types import DocumentInfo, Passage

SAMPLES = 3
# Of what members asked, how many are looked at, and how near the document has to come.
_LOOKED_AT = 20
_NEAR = 2


Read = tuple[DocumentInfo, Sequence[Passage]]


def sample_questions(
    documents: Sequence[Read],
    *,
    asked: Sequence[str],
    retriever: Retriever,
    scopes: Sequence[str],
) -> tuple[str, ...]:
    """Up to three questions that new documents bear on.

    `retriever` finds them as if they answered.
    """
    new = {(info.id, info.scope) for info, _ in documents}
    chosen = dict.fromkeys(_asked(new, asked, retriever=retriever, scopes=scopes))
    # From all over a file of many documents rather than from its beginning.
    step, most = max(1, len(documents) // SAMPLES), SAMPLES if len(documents) == 1 else 1
    for info, passages in documents[::step]:
        chosen.update(dict.fromkeys(islice(_from_headings(info, passages), most)))
    return tuple(chosen)[:SAMPLES]


def _asked(
    new: Collection[tuple[str, str]],
    asked: Sequence[str],
    *,
    retriever: Retriever,
    scopes: Sequence[str],
) -> Iterator[str]:
    """What members asked in vain, and a new document comes near to."""
    for question in asked[:_LOOKED_AT]:
        found = retriever.retrieve(question, k=_NEAR, scopes=scopes)
        if any((each.passage.document_id, each.passage.scope) in new for each in found):
            yield question


def _from_headings(info: DocumentInfo, passages: Sequence[Passage]) -> Iterator[str]:
    """Its own questions first, as an FAQ has them; then what it says of its parts."""
    headings = list(
        dict.fromkeys(each.location.headings[-1] for each in passages if each.location.headings)
    )
    yield from (each for each in [info.title, *headings] if each.rstrip().endswith("?"))
    topics = [each for each in headings if not each.rstrip().endswith("?")]
    if not info.title.rstrip().endswith("?"):
        yield f"What is said about {_subject(info.title)}?"
    # From all over the document rather than from its beginning.
    step = max(1, len(topics) // (SAMPLES - 1))
    for topic in topics[::step]:
        yield f"What does {_subject(info.title)} say about {_subject(topic)}?"


def _subject(heading: str) -> str:
    return " ".join(heading.split()).rstrip(".:!?")[:80]
