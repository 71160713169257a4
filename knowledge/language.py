"""Which language a question is in, as far as its small words tell. Pure."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
# The last of the Latin letters with their accents.
_LATIN = 0x24F
# Words that a question of the language can hardly do without, and that English does not have.
_SMALL = """
German: der die das ist sind ein eine einen einem wie was wer wem wen wann warum wieso welche
German: welcher welches und oder nicht kann wird werden wurde hat haben mit von für auf bei zu
German: zum zur im den dem des es ich man gibt funktioniert gegen über viele viel zwischen als
German: auch
French: le la les un une des du de est sont qui que quoi quel quelle quels quelles comment
French: pourquoi quand combien et ou ne pas peut dans pour par avec sur ce cette ces il elle on
French: au aux qu entre plus fait été
Spanish: el la los las un una unos de del es son qué que quién quien cómo como cuál cual cuáles
Spanish: cuándo cuando cuánto cuánta cuántos cuántas dónde por para con y o no se su sus en al
Spanish: hay entre más fue puede
Portuguese: o os as um uma de do da dos das é são que quem como qual quais quando quanto quanta
Portuguese: quantos onde por para com e ou não se seu sua em no na nos nas há entre mais foi
Portuguese: pode
Italian: il lo la gli le un una di del della dei è sono che chi come cosa quale quali quando
Italian: quanto quanti perché dove con e o non si in al alla ci tra più stato stata può
Dutch: de het een is zijn wat wie hoe waarom wanneer welke hoeveel en of niet kan wordt werd
Dutch: heeft met van voor op bij te dat er naar tussen
"""
_LINES = [line.split(":") for line in _SMALL.strip().splitlines()]
_LANGUAGES = {
    name: frozenset(" ".join(words for each, words in _LINES if each == name).split())
    for name, _ in _LINES
}
_ENGLISH = frozenset(
    """
    a an and are as at by can could did do does for from has have how i if in is it its many much my
    not of on or should that the their them they this to was we were what when where which who why
    will with you your me tell explain give show between
    """.split()
)
_ENOUGH = 2
# One of them alone, at the beginning, tells enough where no English word is beside it.
_ASKING = (
    "qu cuá cua cóm como dónde dond onde comment pourquoi combien perch "
    "wie wer wem wen wann warum wieso welche hoe waarom wanneer"
).split()


def language(question: str) -> str:
    """The language's name: 'English' unless small words of another one outnumber the English ones.

    A script that is not Latin is named 'another'.
    """
    letters = [c for c in question if c.isalpha()]
    words = [word.lower() for word in _WORD.findall(question)]
    english = sum(word in _ENGLISH for word in words)
    foreign = sum(ord(c) > _LATIN for c in letters)
    if foreign * 3 > len(letters) or (foreign > 1 and not english):
        return "another"
    counts = {name: sum(word in small for word in words) for name, small in _LANGUAGES.items()}
    best = max(counts, key=lambda name: counts[name])
    asks = not english and words and words[0].startswith(tuple(_ASKING)) and counts[best]
    return best if counts[best] > english and (counts[best] >= _ENOUGH or asks) else "English"


def without_small_words(question: str, name: str) -> str:
    """The question without the small words of its language."""
    small = _LANGUAGES.get(name, frozenset())
    return _WORD.sub(lambda match: "" if match[0].lower() in small else match[0], question)
