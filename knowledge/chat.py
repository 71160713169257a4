"""Chat's own spellings written out, and its fillers left out. Pure."""

from __future__ import annotations

import re

# A word with letters only: the r of 'r1' and the u of '8u' are none of chat's.
_WORD = re.compile(r"(?<![\w'’])[^\W\d_]+(?![\w'’])")
# Of chat's own spellings those that stand for one plain word or two.
_CHAT = {
    "abt": "about",
    "aint": "is not",
    "bc": "because",
    "coz": "because",
    "cuz": "because",
    "dif": "difference",
    "diff": "difference",
    "dunno": "do not know",
    "frm": "from",
    "gimme": "give me",
    "gonna": "going to",
    "gotta": "have to",
    "hows": "how is",
    "hw": "how",
    "imgs": "images",
    "lemme": "let me",
    "lr": "learning rate",
    "nn": "neural network",
    "nns": "neural networks",
    "param": "parameter",
    "params": "parameters",
    "pic": "picture",
    "pics": "pictures",
    "ppl": "people",
    "pls": "please",
    "plz": "please",
    "r": "are",
    "realy": "really",
    "rly": "really",
    "shud": "should",
    "thru": "through",
    "tmrw": "tomorrow",
    "u": "you",
    "ur": "your",
    "vid": "video",
    "vids": "videos",
    "vs": "versus",
    "wanna": "want to",
    "wat": "what",
    "wats": "what is",
    "whats": "what is",
    "wheres": "where is",
    "whos": "who is",
    "wht": "what",
    "wich": "which",
    "wut": "what",
    "y": "why",
}
_PHRASES = (
    # 'How 2 detect', 'need 2 know', but not 'llama 2'.
    (
        re.compile(
            r"\b(how|need|want|have|able|ok|okay|easy|hard|way|going|best place) 2 (?=[a-z])"
        ),
        r"\1 to ",
    ),
    (re.compile(r"\bb4\b"), "before"),
    (re.compile(r"(?<=[a-z] )4 (?=(?:me|you|u|the|a|an|my|your|free|beginners)\b)"), "for "),
    (re.compile(r"\b(diff?|difference) btw (?=\S+ (?:and|n|&) )"), r"\1 between "),
    (re.compile(r"\b(between|pros|\bvs) (\S+) n (?=[a-z])"), r"\1 \2 and "),
    (re.compile(r"\bpros n cons\b"), "pros and cons"),
)
# Said to somebody, and about nothing that could be looked up.
_FILLERS = re.compile(
    r"(?:(?<=\s)|^)(?:lol|lmao|lmfao|rofl|bruh|ngl|tbh|imo|imho|smh|omg|wtf|thx|tho|idk|irl|"
    r"haha+|xd|or nah)"
    r"(?=[\s?!.,]|$)[,.]?\s*"
)
_GREETING = re.compile(
    r"^(?:(?:hey|hi|hello|yo|sup|ok|okay)\b(?: (?:guys|all|everyone|there|folks|bot))?[\s,!.]*)+"
    r"(?:(?:does|do) any(?:one|body) (?:here )?know\s|"
    r"can some(?:one|body) (?:tell me|explain)\s)?(?=\w)"
)


def plain_words(question: str) -> str:
    """The question with chat's spellings written out; the rest is as it was."""
    text = question
    for pattern, plain in _PHRASES:
        text = pattern.sub(plain, text)
    bare = _FILLERS.sub("", _GREETING.sub("", text)).strip()
    return _WORD.sub(lambda match: _CHAT.get(match[0], match[0]), bare or text)
