"""Acronyms and their long forms, learnt where documents define them: 'mixture of experts (MoE)'."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from knowledge.words import is_telling_word, stem

# Texts that hold the words of a phrase one after another, of the asker's own scopes.
Texts = Callable[[str], Sequence[str]]

_WORD = re.compile(r"[^\W_]+")
_BEHIND = re.compile(r"s?\s\((?P<long>[^();]{4,80})\)")
_SHORTEST, _LONGEST = 2, 7
# In lower case a longer word is too often an ordinary one.
_LONGEST_LOWER = 5
_SIZES = (3, 4, 2, 5)
_MOST_PHRASES = 10
# So frequent that its long form tells nothing.
_PLAIN = frozenset({"ai", "us", "uk", "eu"})


def expanded(question: str, *, texts: Texts) -> str:
    """The question with the other form of each acronym and long form that is defined behind it."""
    found = [*_long_forms(question, texts), *_short_forms(question, texts)]
    lower = " ".join(_WORD.findall(question.lower()))
    new = [each for each in found if " ".join(_WORD.findall(each.lower())) not in lower]
    return f"{question} ({', '.join(dict.fromkeys(new))})" if new else question


def _long_forms(question: str, texts: Texts) -> Iterator[str]:
    for word in dict.fromkeys(_WORD.findall(question)):
        short = re.sub(r"(?<=[A-Z])s$", "", word)
        lower = short == short.lower()
        longest = _LONGEST_LOWER if lower else _LONGEST
        if (
            not _SHORTEST <= len(short) <= longest
            or not is_telling_word(short)
            or short.lower() in _PLAIN
        ):
            continue
        # 'Rag' at the beginning of a sentence may be one, 'Which' is none.
        if short.isalpha() and (lower or sum(map(str.isupper, short)) > 1):
            found = long_form(short, texts(short))
            if found:
                yield found


def _short_forms(question: str, texts: Texts) -> Iterator[str]:
    taken: set[int] = set()
    for start, words in _phrases(question)[:_MOST_PHRASES]:
        places = set(range(start, start + len(words)))
        if places <= taken:
            continue
        found = short_form(words, texts(" ".join(words)))
        if found:
            taken |= places
            yield found


def _phrases(question: str) -> list[tuple[int, list[str]]]:
    """Two to five words in a row that begin and end with telling ones, likely sizes first."""
    words = _WORD.findall(question)
    return [
        (start, words[start : start + size])
        for size in _SIZES
        for start in range(len(words) - size + 1)
        if is_telling_word(words[start]) and is_telling_word(words[start + size - 1])
        if sum(map(is_telling_word, words[start : start + size])) >= size - 1
    ]


def long_form(short: str, texts: Sequence[str]) -> str:
    """What an acronym stands for in most of the texts that define it; '' where they are divided."""
    counts: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for text in texts:
        for long in _definitions(short, text):
            key = " ".join(stem(word) for word in _WORD.findall(long))
            counts[key] += 1
            spelled.setdefault(key, long.lower())
    best = counts.most_common(2)
    if not best or (len(best) > 1 and best[1][1] == best[0][1]):
        return ""
    return spelled[best[0][0]]


def _definitions(short: str, text: str) -> Iterator[str]:
    """'Long form (SHORT)' and 'SHORT (long form)' in a text."""
    flags = re.IGNORECASE if short == short.lower() else 0
    for match in re.finditer(rf"(?<!\w){re.escape(short)}s?(?!\w)", text, flags):
        if match.group() == match.group().lower():
            continue
        before = text[: match.start()]
        if before.endswith(" ("):
            words = before[:-2].split(" ")[-2 * len(short) :]
            yield from filter(None, [spelt_out(short, " ".join(words))])
        behind = _BEHIND.match(text, match.end())
        if behind:
            long = behind["long"]
            yield from (long for _ in range(1) if spelt_out(short, long) == long)


def short_form(words: Sequence[str], texts: Sequence[str]) -> str:
    """The acronym that the texts define for these words; '' for none."""
    phrase = r"[\s-]".join(map(re.escape, words))
    defined = re.compile(
        rf"\b{phrase}s?\s\((?P<behind>[a-z]*[A-Z][\w-]{{1,9}})[);,]|"
        rf"\b(?P<before>[a-z]*[A-Z][\w-]{{1,9}})\s\({phrase}s?\)",
        re.IGNORECASE,
    )
    counts: Counter[str] = Counter()
    for text in texts:
        for match in defined.finditer(text):
            short = re.sub(r"(?<=[A-Z])s$", "", match["behind"] or match["before"])
            if sum(map(str.isupper, short)) > 1 and spelt_out(short, " ".join(words)):
                counts[short] += 1
    return counts.most_common(1)[0][0] if counts else ""


def spelt_out(short: str, text: str) -> str:
    """The end of `text` whose letters an acronym takes, from a word's first one; '' for none.

    Read from the end (Schwartz and Hearst 2003, doi:10.1142/9789812776303_0042).
    """
    place = len(text)
    for index in range(len(short) - 1, -1, -1):
        letter = short[index].lower()
        place -= 1
        while place >= 0 and not (
            text[place].lower() == letter
            and (index > 0 or place == 0 or not text[place - 1].isalnum())
        ):
            place -= 1
        if place < 0:
            return ""
    long = text[place:].strip()
    return long if len(_WORD.findall(long)) > 1 else ""
