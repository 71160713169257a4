"""The part of a passage worth showing, and the words in it that matter (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.escape import plain

_WORD = re.compile(r"\w+(?:[-'’.,]\w+)*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=(?:• )?[\"'“(\[]?\w)")
_ITEM = re.compile(r"^[ \t]*[-*+][ \t]+", re.MULTILINE)
_STEM = 5
_SHORT = 3
_COMMON = frozenset(
    _WORD.findall(
        "a an and are as at be been but by can did do does for from had has have how i if in into"
        " is it its of on or that the their them then there these they this to was were what when"
        " where which who whom why will with would you your"
    )
)


def stems(text: str) -> frozenset[str]:
    """The beginnings of the words that carry meaning, for comparing loosely."""
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(word[:_STEM] for word in words if _matters(word))


def flowing(text: str) -> str:
    """A text on one line, the marks of its lists as such."""
    return " ".join(_ITEM.sub("• ", text).split())


def excerpt(text: str, question: str, limit: int) -> str:
    """Up to `limit` characters of a passage, from the sentence that shares most with a question."""
    sentences = _SENTENCE.split(flowing(text))
    wanted = stems(question)
    best = max(range(len(sentences)), key=lambda n: (len(wanted & stems(sentences[n])), -n))
    shown = sentences[best]
    for sentence in sentences[best + 1 :]:
        if len(shown) + 1 + len(sentence) > limit:
            break
        shown = f"{shown} {sentence}"
    if len(shown) > limit:
        cut = shown.rfind(" ", 0, limit)
        shown = shown[: cut if cut > 0 else limit].rstrip(" ,;:") + "…"
    return shown


def emphasised(text: str, wanted: frozenset[str]) -> str:
    """The text made safe, its words with wanted stems bold, neighbours in one run."""
    runs: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        word = match.group().lower()
        if not _matters(word) or word[:_STEM] not in wanted:
            continue
        if runs and not text[runs[-1][1] : match.start()].strip():
            runs[-1] = (runs[-1][0], match.end())
        else:
            runs.append((match.start(), match.end()))
    shown, end = [], 0
    for start, stop in runs:
        shown += [plain(text[end:start]), f"**{plain(text[start:stop])}**"]
        end = stop
    return "".join([*shown, plain(text[end:])])


def neighbours(passage: str, quote: str, limit: int) -> tuple[str, str]:
    """What stands before and after a quote in its passage, at most `limit` characters each."""
    text, wanted = flowing(passage), flowing(quote)
    start = text.find(wanted)
    if start < 0:
        return "", ""
    after = text[start + len(wanted) :].lstrip(" ,;:.!?")
    return _tail(text[:start].strip(" •"), limit), _head(after, limit)


def in_quote(lines: Iterable[str]) -> str:
    """Lines as a Discord block quote."""
    return "\n".join(f"> {line}" for line in lines)


def _matters(word: str) -> bool:
    return word not in _COMMON and (len(word) >= _SHORT or word.isdigit() or not word.isascii())


def _tail(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    cut = text.find(" ", len(text) - limit)
    return "…" + text[cut if cut >= 0 else len(text) - limit :].lstrip()


def _head(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    cut = text.rfind(" ", 0, limit)
    return text[: cut if cut > 0 else limit].rstrip() + "…"
