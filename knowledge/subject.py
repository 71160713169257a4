"""What a turn of a conversation was about: its subject, its person, what it listed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.words import content_stems, plain, spelled_names

AUXILIARY = (
    "is|are|was|were|do|does|did|can|could|should|would|will|has|have|had|"
    "isn't|aren't|doesn't|don't|didn't|can't"
)
# What stands before the subject: 'What is', 'How many layers does', 'Explain', 'Who introduced'.
_ASKING = re.compile(
    rf"""^(?:(?:please|and|but|so|or)\s+)*(?:
    (?:(?:in|on|under|with|for|by|at|to|from|of|about|since|until)\s+)?
      (?:what|which|whose|how\s(?:many|much))\s+
      (?P<kind>(?:[\w'-]+\s+){{0,4}}?)(?:{AUXILIARY})\b\s*
    |who\s(?!(?:{AUXILIARY})\b)\w+\s+
    |(?:what|which|who|whom|when|where|why|how(?:\s(?:well|good|big|large|fast|old|long|often|far))?)
      (?:'?s)?\b\s*(?:(?:{AUXILIARY})\b\s*)?
    |(?:{AUXILIARY})\b\s*
    |(?:tell\sme\s(?:more\s)?about|explain|describe|compare|define|list|name|give\sme|show\sme)\b\s*
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# What stands behind it: 'How does LoRA | work?', 'When was GPT-4 | released?'.
_DOING = re.compile(
    r"\s+(?:(?:first|originally|usually|often|still|now)\s+)?(?:work|works|do|does|mean|means|happen|"
    r"help|differ|compare|come|came|look|cost|need|use|have|has|take|takes|stand|make|makes|give|"
    r"get|run|save|hurt|affect|release|publish|announce|introduce|decide|"
    r"used|trained|made|built|called|computed|measured|evaluated|released|published|announced|"
    r"introduced|invented|licensed|described|based|better|good|bad|free|slow|fast|expensive|cheap|hard|easy|important|dangerous|useful|"
    r"popular|legal|illegal|blurry|open|safe|accurate|reliable|common)\b.*$|"
    r"(?<!\ba)(?<!\ban)(?<!\bthe)\s+[a-z]{3,}ed(?=\s(?:by|in|on|for|with|from|as|to|at|under)\b|$).*$",
    re.IGNORECASE,
)
_DID = re.compile(r".*\b(?:do|does|did)\s$", re.IGNORECASE)
_SPEAKER = re.compile(r"^(?:i|we|you|one)\s+\w+\s+", re.IGNORECASE)
_PLACED = re.compile(r"\s(?:in|at|on|from|under|during)\s\S+(?:\s\S+)?$", re.IGNORECASE)
_WHO = re.compile(r"who\b", re.IGNORECASE)
_SHORT_TOPIC, _LONGEST_TOPIC = 4, 6
# 'the risks of deepfakes': what the risks are of.
_OF = re.compile(r"^the\s(?:[\w-]+\s){1,2}(?:of|in|for)\s(?P<of>.+)$", re.IGNORECASE)
# 'Which model beat …?', 'Is there a benchmark …?': the answer names what is talked of from then on.
_ASKS_FOR_ONE = re.compile(
    rf"""^(?:and\s)?(?:
    which\s(?!(?:[\w-]+\s){{0,4}}?(?:{AUXILIARY})\b)
    |(?:is|are)\sthere\b
    |what\s(?:should|can|could|do)\s(?:i|we|you|one|people)\b
    |(?:name|recommend|list)\b
    |(?:what|who|which)(?:'s|\s(?:is|was|are|were))\sthe\s(?:first|last|main|\w+est|most\s\w+)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_CASE = re.compile(r"(?!In )[A-Z][\w.]*(?: [A-Z][\w.]*)* v\.? [A-Z]\w+(?: [A-Z]\w+)*")
_LEAD = re.compile(
    r"(?:yes|no|that is)?[,:]?\s*(?!(?:It|This|That|There|They|The|In|A|An)\b)"
    r"(?P<name>[A-Z][\w.-]*(?: [A-Z0-9][\w.-]*)*)(?=,| \(| (?:is|was|are|were|has|have|can|had)\b)"
)
_MONTH = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_QUOTED = re.compile(r"(?<!\w)['‘“\"](?P<title>[^‘“\"\n]{3,80}?)['’”\"](?!\w)")
_NOBODY = re.compile(r"\b(?:the|at|in|from|of|with|under|for|on|to)\s$", re.IGNORECASE)
_PERSON = re.compile(
    rf"\b(?!(?i:{AUXILIARY}|what|which|who|when|the|in|an?)\b)[A-ZÀ-Þ][\w’'-]+(?: [A-Z]\.)*"
    r"(?: (?:van|von|de|den|der|di|la))*(?: [A-ZÀ-Þ][a-zà-ÿ’'-]+)+"
)
_NUMBERED = re.compile(
    r"(?:^|(?<=\s))(?:\d{1,2}[.)]|[-*•])\s+(?P<item>.+?)(?=\s(?:\d{1,2}[.)]|[-*•])\s|$)", re.DOTALL
)
_ROW = re.compile(
    r"(?P<before>[^.;:!?]*?[^.;:!?,\s]),?\s(?:and|or)\s(?P<last>[^.,;:!?]+)", re.IGNORECASE
)
_BRACKETS = re.compile(r"\s*\([^)]*\)")
_SAID_OF = re.compile(
    r"\s(?:is|are|was|were|that|which|who|by|for|in|into|on|with|to|from|learns?|uses?|does|do|has|have|"
    r"controls?|stands?|differ)\b.*$",
    re.IGNORECASE,
)
_ITEM_WORDS = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """One question that stands alone, and its answer."""

    asked: str
    told: str

    @property
    def subject(self) -> str:
        """What 'it' is after this turn; '' where nothing tells."""
        about = _OF.sub(lambda match: match["of"], topic(self.asked))
        if self.asks_for_one or not about:
            new = new_names(self)
            return next((each for each in new if each != person(self)), "".join(new[:1]) or about)
        return about

    @property
    def asks_for_one(self) -> bool:
        """Whether the answer, not the question, names what is talked of."""
        return bool(_ASKS_FOR_ONE.match(self.asked.strip()))


def topic(question: str) -> str:
    """What a question is about, in its own words: 'a latent space' of 'What is a latent space?'."""
    bare = question.strip().rstrip(" ?.!")
    start = _ASKING.match(bare)
    rest = bare[start.end() :] if start else bare
    if (
        start
        and start["kind"]
        and (rest.lower() in ("", "there") or (rest.islower() and " " not in rest))
    ):
        # 'Which lawyers were | caught?'
        rest = start["kind"].strip()
    case = _CASE.search(rest)
    if case:
        return case.group()
    rest = _SPEAKER.sub("", _DOING.sub("", rest))
    if _DID.match(bare[: start.end()] if start else ""):
        # 'When did DALL·E 2 | appear?': a name ends where its verb begins.
        rest = next(
            (each for each in spelled_names(question).values() if rest.startswith(each)), rest
        )
    if len(rest.split()) > _SHORT_TOPIC and not _OF.match(rest):
        rest = _PLACED.sub("", rest)
    if len(rest.split()) <= _SHORT_TOPIC:
        return rest
    named = [each for each in spelled_names(question).values() if each in rest]
    if named:
        return named[-1] if _WHO.match(bare) else named[0]
    return rest if len(rest.split()) <= _LONGEST_TOPIC else ""


def proposition(question: str) -> str:
    """All that a question says, without the words that ask: what 'that' is after a 'why'."""
    bare = question.strip().rstrip(" ?.!")
    start = _ASKING.match(bare)
    return bare[start.end() :] if start else bare


def new_names(turn: Turn) -> list[str]:
    """Names that the answer brought in: titles, cases, what it begins with, then all others."""
    known = plain(turn.asked)
    lead = _LEAD.match(turn.told)
    found = [match["title"] for match in _QUOTED.finditer(turn.told)]
    found += [match.group() for match in _CASE.finditer(turn.told)]
    found += [lead["name"]] if lead else []
    found += spelled_names(turn.told).values()
    fresh = [each for each in found if plain(each) not in known and not _MONTH.match(each)]
    return list(dict.fromkeys(fresh))


def person(turn: Turn) -> str:
    """Whom 'he' or 'she' is: a name of several words that is no title and stands in no place."""
    for text in (turn.asked, turn.told):
        bare = _QUOTED.sub(" ", text)
        for match in _PERSON.finditer(bare):
            if not _NOBODY.search(bare[: match.start()]):
                return match.group()
    return ""


def listed(text: str) -> list[str]:
    """A text's list: numbered, or told in a row ('the forget gate and the input gate')."""
    numbered = [_headed(match["item"]) for match in _NUMBERED.finditer(text)]
    if len(numbered) > 1:
        return numbered
    for match in _ROW.finditer(_BRACKETS.sub("", text)):
        items = _row([*match["before"].split(", "), match["last"]])
        if len(items) > 1:
            return items
    return []


def _row(parts: list[str]) -> list[str]:
    """The items that end a row; before the first one a sentence may have begun."""
    items = [_headed(parts[-1])]
    width = len(items[0].split())
    for part in reversed(parts[:-1]):
        words = part.split()
        if not words:
            break
        said = _headed(part)
        # Not what begins the sentence: 'They are the …'.
        short = len(said.split()) <= width and bool(content_stems(said.split()[0]))
        whole = len(words) <= width or short or bool(_named(part))
        items.insert(0, said if whole else " ".join(words[-width:]))
        if not whole:
            break
    return items


def _headed(item: str) -> str:
    """An item by its name, or without what is said of it."""
    bare = _BRACKETS.sub("", item).strip()
    said = " ".join(_SAID_OF.sub("", bare).split()[:_ITEM_WORDS]).rstrip(" .,;:")
    return _named(bare) or said


def _named(item: str) -> str:
    """The name that an item begins with, if it is more than one capital word."""
    for name in spelled_names(f"so {item}").values():
        if item.startswith(name) and (
            " " in name or not name[1:].isalpha() or not name[1:].islower()
        ):
            return name
    return ""
