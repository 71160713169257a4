"""Words run together or split, put as the documents write them: 'mid journey', 'gpt4o'."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise

from knowledge.words import is_telling_word, stem

_TOKEN = re.compile(r"\w+")
_NUMBERED = re.compile(r"([^\W\d_]{3,})(\d+[a-z]?)")
_SHORTEST, _LONGEST = 4, 30
_JOINED = 5
_MOST_PARTS = 3

Held = Callable[[str], Sequence[str]]


def compounded(
    question: str, *, known: Mapping[str, int], kept: Callable[[str], bool], held: Held
) -> str:
    """The question with its compounds as the documents write them.

    `known` are the stems of all documents; `kept` says of a word that it is to stay as it is;
    `held` gives texts that hold the words of a phrase one after another, and none for what the
    documents do not say.
    """
    question = _joined(question, known=known, held=held)
    return _TOKEN.sub(lambda match: _split(match[0], known=known, kept=kept, held=held), question)


def _joined(question: str, *, known: Mapping[str, int], held: Held) -> str:
    """'Mid journey' and 'word 2 vec' as one word, where only that is in the documents."""
    tokens = list(_TOKEN.finditer(question))
    pieces: list[str] = []
    end = index = 0
    while index < len(tokens):
        for size in (3, 2):
            run = tokens[index : index + size]
            word = _as_one(question, run, size=size, known=known, held=held)
            if word:
                pieces += [question[end : run[0].start()], word]
                end = run[-1].end()
                index += size
                break
        else:
            index += 1
    return "".join([*pieces, question[end:]])


def _as_one(
    question: str, run: Sequence[re.Match[str]], *, size: int, known: Mapping[str, int], held: Held
) -> str:
    if len(run) < size:
        return ""
    parts = [match[0].lower() for match in run]
    gaps = {question[a.end() : b.start()] for a, b in pairwise(run)}
    word = "".join(parts)
    loose = not gaps <= {" ", "-"} or not all(is_telling_word(part) for part in parts)
    if loose or len(word) < _JOINED or word.isdigit() or not _known(word, known):
        return ""
    texts = held(word)
    return written([word], texts) if texts and not held(" ".join(parts)) else ""


def _split(word: str, *, known: Mapping[str, int], kept: Callable[[str], bool], held: Held) -> str:
    """'Stablediffusion' and 'llama2' in parts, where the documents have these one after another."""
    lower = word.lower()
    if not _SHORTEST <= len(word) <= _LONGEST or word.isdigit() or kept(lower):
        return word
    for parts in _partings(lower, known):
        texts = held(" ".join(parts))
        if texts:
            return written(parts, texts)
    numbered = _NUMBERED.fullmatch(word) if word.islower() else None
    # A version that the documents do not know is one all the same.
    return f"{numbered[1]} {numbered[2]}" if numbered and held(numbered[1]) else word


def _partings(word: str, known: Mapping[str, int]) -> Iterator[list[str]]:
    """The ways to part a word into stems that are known: few parts first, the most even first."""
    for count in range(2, _MOST_PARTS + 1):
        found = []
        for cuts in combinations(range(1, len(word)), count - 1):
            bounds = (0, *cuts, len(word))
            parts = [word[a:b] for a, b in pairwise(bounds)]
            if _parts_of_a_word(parts, known):
                found.append(parts)
        yield from sorted(found, key=lambda parts: -min(map(len, parts)))


def _parts_of_a_word(parts: Sequence[str], known: Mapping[str, int]) -> bool:
    ends = (parts[0], parts[-1])
    if not all(_known(part, known) for part in parts):
        return False
    # 'to' and 'the' end no compound, and a single letter is one only beside a number ('dall e 2').
    if not all(is_telling_word(part) for part in ends):
        return False
    numbered = parts[-1][0].isdigit()
    return all(len(part) > 1 or part.isdigit() or numbered for part in parts) and len(parts[0]) > 1


def _known(word: str, known: Mapping[str, int]) -> bool:
    """Whether a word may be in the documents; their stemmer writes an i for a last y."""
    short = stem(word)
    return word in known or short in known or re.sub("y$", "i", short) in known


def written(parts: Sequence[str], texts: Sequence[str]) -> str:
    """The parts as the texts write them, in lower case where any text does: 'DALL·E 2'."""
    form = re.compile(
        r"(?<!\w)" + r"[\W_]{0,2}".join(map(re.escape, parts)) + r"(?!\w)", re.IGNORECASE
    )
    forms = [match.group() for text in texts for match in form.finditer(text)]
    lower = [each for each in forms if each == each.lower()]
    return " ".join((lower or forms or [" ".join(parts)])[0].split())
