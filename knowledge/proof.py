"""A draft as it is written, to sentences that are proved: in its own words or the documents'.

A small model finds the right sentence of the evidence more surely than it says it again. What it
says nearly as the evidence does is shown as it wrote it; what it has put together in another way
may have changed the meaning though every word stands there, and is shown in the evidence's own
words instead. A list is always shown so: an item alone says nothing that could be looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.basis import EvidenceSentence
from knowledge.cite import Citations
from knowledge.disagree import rivals
from knowledge.drafted import quoted, without_frame
from knowledge.ground import Grounding, ground
from knowledge.pointers import astray
from knowledge.quote import Scored, adds, surest, tells
from knowledge.said import said
from knowledge.sentences import Span, split_sentences
from knowledge.sides import sides
from knowledge.types import Sentence, Verdict
from knowledge.words import content_stems, plain

# Of a sentence's content words, the share that must follow each other as in its evidence.
CLOSE = 0.7
# A cross-encoder's logit from which evidence may stand in for what was drawn from it: for a
# sentence whose words all stand there it need not be as sure.
_RELEVANT, _RELEVANT_TO_SUPPORTED = -2.0, -4.5
# A short answer is filled up with the surest quotes to about this length.
ENOUGH_WORDS = 40
_ENDINGS = (".", "!", "?", ".'", '."', ")")
_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])\s+$")
_MOST_ITEMS = 8
_FEWEST_WORDS = 3
SAID_OTHERWISE = said("quoted from the document, since the draft put it in another way")


@dataclass(frozen=True, slots=True)
class Unit:
    """What is proved at once: a sentence, or a whole list with what introduces it."""

    text: str
    end: int
    items: int = 0


class Proof:
    """The proved sentences of one draft, in their order, and the quotes that prove them."""

    def __init__(
        self,
        question: str,
        evidence: Sequence[Scored],
        *,
        listed: Sequence[EvidenceSentence] = (),
    ) -> None:
        """Take the scored evidence, and the list of it that was asked for, if one was."""
        self._listed = tuple(listed)
        self._question = question
        self._evidence = tuple(evidence)
        self._basis = [each.sentence for each in evidence]
        self._score = {_key(each.sentence): each.score for each in evidence}
        self._draft, self._proved = "", 0
        self.citations = Citations()
        self.sentences: list[Sentence] = []
        self.disagree: tuple[EvidenceSentence, EvidenceSentence] | None = None

    @property
    def text(self) -> str:
        """What is shown so far."""
        return " ".join(each.text for each in self.sentences if each.supported)

    def add(self, piece: str) -> Iterator[Sentence]:
        """Sentences that are whole now that the draft goes on with `piece`."""
        self._draft += piece
        # The last sentence may not be whole yet, nor the one before it ('Aidan N. Go').
        *whole, last = units(self._draft[self._proved :]) or (None,)
        if last is None or " " not in last.text:
            return
        for unit in whole:
            assert unit is not None
            yield from self._take(unit)
        if whole and whole[-1] is not None:
            self._proved += whole[-1].end

    def end(self, *, cut: bool) -> Iterator[Sentence]:
        """What is left of the draft, whose end may have been cut off, and the surest quotes."""
        rest = units(self._draft[self._proved :])
        if cut and not self._draft.rstrip().endswith(_ENDINGS):
            rest = rest[:-1] if rest and not rest[-1].items else rest
        for unit in rest:
            yield from self._take(unit)
        for quote in self._listed:
            if not self.citations.holds(quote):
                yield self._kept(quoted(quote, self.citations))
        for quote in () if self._listed else surest(self._question, self._evidence):
            if adds(quote, self.text):
                yield self._kept(quoted(quote, self.citations))
            if len(self.text.split()) >= ENOUGH_WORDS:
                break
        yield from self._silent_sides()
        yield from self._rivals()

    def _silent_sides(self) -> Iterator[Sentence]:
        """Of a comparison, what the evidence says of a side that the answer does not name."""
        for side in sides(self._question) if self.text else ():
            name = plain(side.name)
            telling = [
                each
                for each in self._evidence
                if name in each.sentence.plain and tells(each.sentence) and each.score >= _RELEVANT
            ]
            if telling and name not in plain(self.text):
                best = max(telling, key=lambda each: each.score)
                yield self._kept(quoted(best.sentence, self.citations))

    def _rivals(self) -> Iterator[Sentence]:
        """Where documents give different figures and one of them is shown, the other as well."""
        found = rivals(self._question, self._evidence)
        if found is None or not any(map(self.citations.holds, found)):
            return
        self.disagree = found
        for each in found:
            if not self.citations.holds(each):
                yield self._kept(quoted(each, self.citations))

    def _take(self, unit: Unit) -> Iterator[Sentence]:
        text = without_frame(unit.text)
        most = min(_MOST_ITEMS, unit.items + 1) if unit.items else 3
        grounding = ground(text, self._basis, question=self._question, most=most)
        invented = astray(text, (each.text for each in self._basis))
        if invented is not None:
            reason = f"'{invented}' does not stand in the evidence"
            yield self._kept(Sentence(text, (), Verdict.UNSUPPORTED, reason))
            return
        telling = len(text.split()) >= _FEWEST_WORDS and not text.endswith(":")
        if telling and not unit.items and self._as_evidence(text, grounding):
            numbers = tuple(self.citations.number(each) for each in grounding.support)
            yield self._kept(Sentence(text, numbers, grounding.verdict, grounding.reason))
            return
        stand_ins = list(self._stand_ins(grounding, listed=bool(unit.items)))
        for each in stand_ins:
            if adds(each, self.text):
                made = quoted(each, self.citations)
                yield self._kept(Sentence(made.text, made.citations, made.verdict, SAID_OTHERWISE))
        if not stand_ins:
            verdict = grounding.verdict
            verdict = Verdict.PARTLY if verdict is Verdict.SUPPORTED else verdict
            yield self._kept(Sentence(text, (), verdict, grounding.reason))

    def _as_evidence(self, text: str, grounding: Grounding) -> bool:
        """Whether a sentence says what its evidence says, and does not put the question into it.

        'The signs of collapse are a failure of training': of the question's words those count that
        neither the evidence nor its place has.
        """
        if grounding.verdict is not Verdict.SUPPORTED or grounding.close < CLOSE:
            return False
        stands = frozenset[str]().union(*(e.stems | e.around_stems for e in grounding.support))
        return not (content_stems(text) & content_stems(self._question)) - stands

    def _stand_ins(self, grounding: Grounding, *, listed: bool) -> Iterator[EvidenceSentence]:
        """The evidence that a sentence was drawn from, where it speaks to the question."""
        if grounding.verdict is Verdict.UNSUPPORTED:
            return
        supported = grounding.verdict is Verdict.SUPPORTED
        least = _RELEVANT_TO_SUPPORTED if supported else _RELEVANT
        for each in sorted(grounding.support, key=self._basis.index):
            relevant = self._score[_key(each)] >= least
            if (listed or relevant) and tells(each):
                yield each

    def _kept(self, sentence: Sentence) -> Sentence:
        self.sentences.append(sentence)
        return sentence


def _key(sentence: EvidenceSentence) -> tuple[str, int]:
    return sentence.passage.id, sentence.start


def units(text: str) -> tuple[Unit, ...]:
    """The sentences of a draft; an introduction and the list after it are one, without markers."""
    found: list[Unit] = []
    open_list = False
    for span in split_sentences(text):
        item = _is_item(text, span)
        if open_list and (item or not _new_line(text, span)):
            before = found.pop()
            joint = "\n" if item else " "
            found.append(Unit(f"{before.text}{joint}{span.text}", span.end, before.items + item))
            continue
        open_list = item or span.text.endswith(":")
        found.append(Unit(span.text, span.end, int(item)))
    return tuple(found)


def _is_item(text: str, span: Span) -> bool:
    return bool(_ITEM.fullmatch(text[text.rfind("\n", 0, span.start) + 1 : span.start]))


def _new_line(text: str, span: Span) -> bool:
    return not text[text.rfind("\n", 0, span.start) + 1 : span.start].strip()
