"""A conversation's next question made to stand alone, before anything is looked up. Pure.

A question that points back has what it points at put in its place or behind it. Rewriting by the
small model loses names and adds others, and putting the earlier question in front gets that one
answered again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from knowledge.elliptic import fragment, implies
from knowledge.language import language
from knowledge.pointing import pointed, without_courtesy
from knowledge.subject import AUXILIARY, Turn, listed, new_names, person, proposition
from knowledge.substitute import substituted, version_name
from knowledge.words import content_stems, names

# Turns further back than this are forgotten.
_REMEMBERED = 6
_OWNED = frozenset({"its", "their", "theirs", "his", "her", "hers"})
_PERSONAL = frozenset({"he", "him", "his", "she", "her", "hers"})
_PLURAL = frozenset({"they", "them", "their", "theirs", "these", "those"})
_WHOLE = frozenset({"this", "that"})
_TOLD = re.compile(r"\b(?:said|says?|claims?|claimed|thinks?|wrote)\s$", re.IGNORECASE)
_BOTH = re.compile(r"\b(?:the (?:first )?two(?: of them)?|both(?: of them)?)$", re.IGNORECASE)
_REASON = re.compile(r"^(?:why|how come|does|do|is|are|can)\b", re.IGNORECASE)
_WHY = re.compile(
    r"^(?:(?:and|but|so)\s)?(?:why|how (?:can|could|does|do|did|is|are)|how come)\b", re.I
)
_SHORT = 12
_MEANT = re.compile(
    r"^(?:(?:no|nope|nah|not (?:that|this)(?: one)?|wrong|actually|sorry)\b[\s,.:–-]*)*"
    r"(?:but )?(?P<cue>i (?:mean|meant|was asking about|was talking about)\b[\s,:]*(?:about )?)?"
    r"(?P<what>.*?)(?P<late>,? i mean(?:t)?)?[\s.!?]*$",
    re.IGNORECASE,
)
_DENIES = re.compile(r"^(?:no|nope|nah|not (?:that|this)(?: one)?|wrong)\b[\s,.:–-]", re.IGNORECASE)
_MORE = re.compile(
    r"^(?:(?:can|could|would) you )?(?:please )?(?:(?:tell|give|show)(?: me| us)? )?"
    r"(?:some |a few |any |a bit |a little )?"
    r"(?P<kind>more|(?:an?(?:other)? )?examples?|details?|go on|continue|elaborate|"
    r"explain (?:more|further|that|it|again)|expand(?: on (?:that|it|this))?)"
    r"(?: (?:details?|info(?:rmation)?|examples?|please|pls|about (?:it|that|this)|"
    r"on (?:it|that|this)|of (?:it|that|this)))*[\s.?!]*$",
    re.IGNORECASE,
)
_ELSE = re.compile(r"^(?:what|who|which|where|how|anything)(?: \w+)? else[\s?.!]*$", re.IGNORECASE)
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}
_PLACES = {**_ORDINALS, "former": 0, "latter": 1, "last": -1, "other": -1}
_ORDINAL = re.compile(
    rf"(?:\bthe |\b(?=\w+ ones?\b))(?P<place>{'|'.join(_PLACES)})\b"
    r"(?: (?P<noun>ones?|of (?:them|these|those)|\w+))?",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"^(?:is|are|was|were)\b(?!.*\b(?:than|or|vs|versus)\b).*\b(?:better|faster|slower|cheaper|larger|"
    r"bigger|smaller|newer|older|stronger|safer|easier|worse|more \w+)$",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"^(?:vs\.?|versus|compared (?:to|with))\s+(?P<what>.+)$",
    re.IGNORECASE,
)
_NO_NOUN = re.compile(rf"^(?:one|ones|of .*|and|or|{AUXILIARY})$", re.IGNORECASE)


def standalone(question: str, conversation: Sequence[tuple[str, str]]) -> str:
    """The question with what it points back to named in it; unchanged where it stands alone.

    `conversation` holds (question, answer) pairs, oldest first. 'And how is it trained?' after
    'What is a GAN?' becomes 'And how is a GAN trained?'; where nothing can be replaced, the subject
    is put behind ('Why? (a GAN)').
    """
    body = without_courtesy(question)
    turn = _last_turn(conversation)
    # The rules are English ones.
    if not body or turn is None or language(body) != "English":
        return question
    for rule in _RULES:
        found = rule(body, turn)
        if found:
            return found
    return question


def _last_turn(conversation: Sequence[tuple[str, str]]) -> Turn | None:
    """The newest turn that is more than thanks, its question made to stand alone."""
    turns: list[tuple[str, str]] = []
    for asked, told in conversation[-_REMEMBERED:]:
        if without_courtesy(asked):
            turns.append((standalone(asked, turns), told))
    return Turn(*turns[-1]) if turns else None


def _corrected(body: str, turn: Turn) -> str:
    """'No, I meant 3.5': the last question, asked of what was meant."""
    match = _MEANT.match(body)
    if match is None or not (match["cue"] or match["late"] or _DENIES.match(body)):
        return ""
    what = match["what"].strip(" ,")
    if not what:
        return ""
    chosen = _chosen(what, turn)
    if chosen:
        return substituted(turn, chosen)
    if not (match["cue"] or match["late"]) and fragment(what) is None:
        # 'No, how is it trained?'
        return standalone(f"{what}?", [(turn.asked, turn.told)])
    version = version_name(turn, what)
    if version:
        return turn.asked.replace(turn.subject, version)
    return substituted(turn, what)


def _chosen(body: str, turn: Turn) -> str:
    """What 'the second one' is, where the whole text is no more than that."""
    match = _ORDINAL.fullmatch(body)
    return _item(match["place"], turn) if match else ""


def _item(place: str, turn: Turn) -> str:
    """The item of that place in the last list of the answer or the question; '' for none."""
    sources = [turn.told, turn.asked]
    if place.lower() in ("former", "latter"):
        sources.reverse()
    items = next(filter(None, map(listed, sources)), [])
    return items[_PLACES[place.lower()]] if _PLACES[place.lower()] < len(items) > 0 else ""


def _counted(body: str, turn: Turn) -> str:
    """'The second one' named, by the list of the answer or the question."""
    both = _BOTH.search(_bare(body))
    pair = listed(turn.asked) or listed(turn.told)
    if both and len(pair) > 1:
        return f"{body[: both.start()]}{pair[0]} and {pair[1]}?"
    for match in _ORDINAL.finditer(body):
        noun = (match["noun"] or "").lower()
        before, after = body[: match.start()], body[match.end() :]
        if noun == "version" and (version := version_name(turn, match.group())):
            return f"{before}{version}{after}"
        item = _item(match["place"], turn)
        # 'The second step' counts the steps that were asked of, 'the first chatbot' does not.
        counts = not noun or _NO_NOUN.match(noun) or noun.rstrip("s") in turn.asked.lower()
        if item and counts:
            kept = f" {noun}" if re.fullmatch(rf"and|or|{AUXILIARY}", noun) else ""
            named = f"{before}{item}{kept}{after}"
            # 'The decoder' alone could be anybody's.
            return named if names(item) else _behind(named, turn)
    return ""


def _more(body: str, turn: Turn) -> str:
    """'Tell me more', 'an example?', 'what else?': of what was talked of."""
    if _ELSE.match(body):
        return re.sub(r"^(\S+)", r"\1 else", turn.asked)
    match = _MORE.match(body)
    if match is None or not turn.subject:
        return ""
    if "example" in match["kind"].lower():
        return f"{_bare(body)} of {turn.subject}?"
    return f"more details about {turn.subject}"


def _continued(body: str, turn: Turn) -> str:
    """'And GPT-2?', 'what about Japan?', 'vs diffusion?': the last question, of something else."""
    against = _AGAINST.match(_bare(body))
    if against:
        return f"{turn.subject} versus {against['what']}?"
    what = fragment(body)
    if what is None:
        return ""
    if what.asks:
        return _behind(body, turn)
    return substituted(turn, what.text, sure=what.goes_on)


def _whole(body: str, turn: Turn) -> str:
    """'How do I fix that?' after a 'why': all of what was asked is meant."""
    match = pointed(body)
    if match is None or match["word"].lower() not in _WHOLE or not _REASON.match(turn.asked):
        return ""
    return "" if _brought_in(turn) else f"{_bare(body)} ({proposition(turn.asked)})?"


def _pointed(body: str, turn: Turn) -> str:
    """A pronoun replaced by what it stands for, or that put behind where it would not fit."""
    match = pointed(body)
    if match is None:
        return ""
    named = _meant(match, body, turn)
    return _in_place(body, match, named) if named else _behind(body, turn)


def _meant(match: re.Match[str], body: str, turn: Turn) -> str:
    """What a pronoun stands for; '' where that cannot take its place."""
    word = match["word"].lower()
    if word in _PERSONAL:
        return person(turn)
    people = word in ("they", "them") and turn.asked.lower().startswith("who ")
    told = word in _WHOLE and _TOLD.search(body[: match.start()])
    if match["noun"] or people or told or (word in _PLURAL and _brought_in(turn)):
        return ""
    named = turn.subject
    if word in _PLURAL and re.match(r"an?\s", named) and not named.endswith("s"):
        named = f"{named.split(' ', 1)[1]}s"
    return named


def _brought_in(turn: Turn) -> bool:
    """Whether what is talked of was first named in the answer."""
    return turn.asks_for_one and bool(new_names(turn))


def _compared(body: str, turn: Turn) -> str:
    """'Is a GRU faster?': than what was talked of."""
    bare = _bare(body)
    if turn.subject and re.match(r"or\s", bare, re.IGNORECASE):
        return f"{turn.subject} {bare}?"
    return f"{bare} than {turn.subject}?" if turn.subject and _COMPARES.match(bare) else ""


def _implied(body: str, turn: Turn) -> str:
    return _behind(body, turn) if implies(body) else ""


_RULES: tuple[Callable[[str, Turn], str], ...] = (
    _corrected,
    _more,
    _counted,
    _whole,
    _pointed,
    _continued,
    _compared,
    _implied,
)


def _in_place(body: str, match: re.Match[str], named: str) -> str:
    owned = match["word"].lower() in _OWNED
    named += ("'" if named.endswith("s") else "'s") * owned
    return f"{body[: match.start('word')]}{named}{body[match.end('word') :]}"


def _behind(body: str, turn: Turn) -> str:
    if not turn.subject:
        return f"{_bare(turn.asked)}? {body}"
    about = turn.subject
    if _WHY.match(turn.asked) and len(proposition(turn.asked).split()) <= _SHORT:
        about = proposition(turn.asked)
    if content_stems(about) <= content_stems(body):
        return body
    return f"{_bare(body)} ({about})?"


def _bare(text: str) -> str:
    return text.rstrip(" ?.!")
