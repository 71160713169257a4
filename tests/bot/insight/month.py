"""A month of a server's life: what people asked and how it went, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.receipts import Feedback, Receipt, Receipts
from knowledge.types import Answer, Citation, Location, Status, Timings
from tests.bot.scripted import answered, refused

END = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
GUILD = 9
WISHES = (
    "When is the next meeting?",
    "Who moderates this server?",
    "What GPU do I need for training a 70B model?",
    "Is there a recording of the last talk?",
)


def live(
    receipts: Receipts,
    documents: Sequence[tuple[str, str]],
    *,
    days: int = 30,
    seed: int = 7,
    end: datetime = END,
) -> int:
    """Fill a store with a month over these (id, title)s; the number of questions."""
    count = 0
    for receipt, opinions in _month(documents, days=days, end=end, chance=random.Random(seed)):
        receipts.save(receipt)
        for opinion in opinions:
            receipts.rate(opinion)
        count += 1
    return count


def _month(
    documents: Sequence[tuple[str, str]], *, days: int, end: datetime, chance: random.Random
) -> Iterator[tuple[Receipt, list[Feedback]]]:
    # A few documents are asked about most, as in any library.
    weights = [1 / (rank + 1) for rank in range(len(documents))]
    for day in range(days):
        begins = end - timedelta(days=days - day)
        weekend = begins.weekday() >= 5
        # A talk in the third week brought many newcomers.
        busy = 18 + (45 if 15 <= day <= 17 else 0) - (11 if weekend else 0) + day // 3
        for number in range(max(1, int(chance.gauss(busy, 4)))):
            at = begins + timedelta(hours=chance.uniform(0, 23.9))
            seconds = chance.lognormvariate(1.9, 0.35) * (1.5 if 15 <= day <= 17 else 1.0)
            cited = chance.choices(documents, weights, k=chance.choice([1, 1, 2]))
            receipt = _receipt(f"{day}-{number}", at, seconds, cited, chance)
            yield receipt, _opinions(receipt, chance)


def _receipt(
    name: str,
    at: datetime,
    seconds: float,
    cited: Sequence[tuple[str, str]],
    chance: random.Random,
) -> Receipt:
    fate = chance.random()
    question = f"What does {cited[0][1]} say, for {name}?"
    if fate < 0.14:
        question = chance.choice(WISHES)
        answer = refused(question)
    else:
        answer = replace(answered(question), citations=tuple(_cite(cited)))
        answer = replace(answer, status=Status.PARTIAL) if fate < 0.24 else answer
    return Receipt(
        id=name,
        key="",
        asked_at=at.timestamp(),
        asker=chance.randrange(40),
        guild=GUILD,
        channel=5,
        private=chance.random() < 0.05,
        parent=None,
        question=question,
        answer=_taking(answer, seconds),
        evidence=(),
    )


def _taking(answer: Answer, seconds: float) -> Answer:
    return replace(answer, timings=Timings(seconds / 10, seconds / 2, seconds))


def _cite(cited: Sequence[tuple[str, str]]) -> Iterator[Citation]:
    for n, (document, title) in enumerate(dict(cited).items(), start=1):
        yield Citation(n, document, title, Location(), "its words", f"{document}-1")


def _opinions(receipt: Receipt, chance: random.Random) -> list[Feedback]:
    if chance.random() > 0.3:
        return []
    helpful = receipt.answer.status is Status.ANSWERED and chance.random() < 0.9
    return [Feedback(receipt.id, receipt.asker, helpful, "", "", receipt.asked_at + 60)]
