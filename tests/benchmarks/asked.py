"""What became of each question: chosen, kept line by line, judged and summed up."""

from __future__ import annotations

import json
import os
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.evaluate import Case

# How language models say that they cannot answer. Generous: what looks like it counts as one.
_REFUSAL = re.compile(
    r"(?:n['’]t|\b(?:not|no|none|cannot|unable|without))\b[^.]{0,80}?"
    r"\b(?:know|answer|provide|contain|mention|state|specif|include|inform|detail|helpful|relevan"
    r"|available|found|find|address|discuss|relate|source|passage|determine|assist|help)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. Seconds are since the question; `later_tokens` came after the first text.

    `writing_s` is the time from the first text to the last, in which `later_tokens` were written.
    """

    text: str
    refused: bool
    evidence_s: float
    first_text_s: float | None
    whole_s: float
    prompt_tokens: int
    later_tokens: float
    writing_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer by one contender, and the most memory its process had held until then."""

    contender: str
    question: str
    said: Said
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A contender's figures; seconds are medians over the questions that have an answer."""

    contender: str
    questions: int
    evidence_s: float
    first_text_s: float
    whole_s: float
    prompt_tokens: float
    tokens_a_second: float
    peak_mb: float
    groups_met: float
    right: float
    refused: int
    unanswerable: int


def chosen(cases: Sequence[Case], count: int) -> tuple[Case, ...]:
    """About `count` cases from all over the file, answerable or not in the file's own proportion.

    A case that continues a conversation is left out: not every contender can hold one.
    """
    alone = [case for case in cases if not case.conversation]
    if count >= len(alone):
        return tuple(alone)
    unanswerable = [case for case in alone if not case.answerable]
    share = round(count * len(unanswerable) / len(alone))
    answerable = [case for case in alone if case.answerable]
    picked = {
        id(case) for case in [*_spread(answerable, count - share), *_spread(unanswerable, share)]
    }
    return tuple(case for case in alone if id(case) in picked)


def _spread(cases: Sequence[Case], count: int) -> list[Case]:
    count = min(count, len(cases))
    return [cases[number * len(cases) // count] for number in range(count)]


def looks_refused(text: str) -> bool:
    """Whether a text seems to say that there is no answer; so does none at all."""
    return not text.strip() or bool(_REFUSAL.search(text))


def keep(path: Path, asked: Asked) -> None:
    """Add a line, on the disk before this returns."""
    broken = path.is_file() and path.read_bytes()[-1:] not in (b"", b"\n")
    with path.open("a", encoding="utf-8") as stream:
        stream.write(("\n" if broken else "") + json.dumps(asdict(asked)) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def kept(path: Path) -> list[Asked]:
    """What was kept so far; a line that an interruption broke off is as if never written."""
    found = []
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        found.append(Asked(**record | {"said": Said(**record["said"])}))
    return found


def shared(asked: Iterable[Asked]) -> dict[str, list[Asked]]:
    """Each contender's answers to those questions that all of them have answered."""
    by: dict[str, dict[str, Asked]] = {}
    for each in asked:
        by.setdefault(each.contender, {})[each.question] = each
    common = set.intersection(*map(set, by.values())) if by else set()
    return {
        name: [answer for question, answer in answers.items() if question in common]
        for name, answers in by.items()
    }


def summarise(asked: Sequence[Asked], cases: Mapping[str, Case]) -> Summary:
    """The figures of one contender."""
    due = [each for each in asked if cases[each.question].answerable]
    others = [each for each in asked if not cases[each.question].answerable]
    met = [_met(each.said.text, cases[each.question]) for each in due]
    groups = [len(cases[each.question].must) for each in due]
    firsts = [each.said.first_text_s for each in due if each.said.first_text_s is not None]
    writing = sum(each.said.writing_s for each in asked)
    return Summary(
        contender=asked[0].contender,
        questions=len(asked),
        evidence_s=_median([each.said.evidence_s for each in due]),
        first_text_s=_median(firsts),
        whole_s=_median([each.said.whole_s for each in due]),
        prompt_tokens=_median([each.said.prompt_tokens for each in due]),
        tokens_a_second=sum(each.said.later_tokens for each in asked) / writing if writing else 0.0,
        peak_mb=max(each.peak_mb for each in asked),
        groups_met=sum(met) / max(1, sum(groups)),
        right=sum(one == of for one, of in zip(met, groups, strict=True)) / max(1, len(due)),
        refused=sum(each.said.refused for each in others),
        unanswerable=len(others),
    )


def _met(text: str, case: Case) -> int:
    folded = text.casefold()
    return sum(any(option.casefold() in folded for option in group) for group in case.must)


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0
