"""What a text says once what hides it is taken away: look-alikes, spacing, simple codes. Pure.

For looking only: what is shown, embedded and given to the model stays as it was written.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
# Accents of Latin letters; marks of other scripts are letters there.
_ACCENTS = re.compile("([A-Za-z])[\u0300-\u036f]+")
_HIDDEN = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0f\uffa0]")
# Letters of other scripts that look like Latin ones, beside them in one word.
_ALIKE = str.maketrans(
    "аеоресухіјѕһԁԛԝгкмнтвАВЕКМНОРСТУХІЈЅαεοιρτυνκηχγΑΒΕΗΙΚΜΝΟΡΤΥΧΖ",
    "aeopecyxijshdqwrkmhtbABEKMHOPCTYXIJSaeoiptuvknxyABEHIKMNOPTYXZ",
)
_SMALL = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz")
_DIGITS = str.maketrans("013457@$", "oieasTas".lower())
_MIXED = re.compile(r"(?=\w*[a-z])[\w@$]*[013457@$][\w@$]*", re.IGNORECASE)
_SPACED = re.compile(r"\b\w(?:[ ._*|/-]\w){5,}\b")
_CODED = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}")
_TURNED = re.compile(r"\b(?:vtaber|qvfertneq|vafgehpgvbaf|cevag|erirny|bhgchg)\b", re.IGNORECASE)
_BACKWARDS = re.compile(r"snoitcurtsni|erongi|dragersid|tpmorp", re.IGNORECASE)
_SHORTEST = 12


def plain_reading(text: str) -> str:
    """The text as its reader sees it, in plain letters."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    folded = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    folded = _ACCENTS.sub(r"\1", unicodedata.normalize("NFKD", _HIDDEN.sub("", folded)))
    folded = unicodedata.normalize("NFC", folded).translate(_SMALL)
    return _WORD.sub(lambda match: _unmixed(match.group()), folded)


def readings(text: str) -> tuple[str, ...]:
    """What a text may be read as: itself in plain letters first, then what is coded in it."""
    plain = plain_reading(text)
    found = [plain]
    if _MIXED.search(plain):
        found.append(_MIXED.sub(lambda match: match.group().translate(_DIGITS), plain))
    if spaced := _SPACED.findall(plain):
        found.extend(re.sub(r"[\W_]", "", each) for each in spaced)
    if _TURNED.search(plain):
        found.append(codecs.decode(plain, "rot13"))
    if _BACKWARDS.search(plain):
        found.append(plain[::-1])
    found.extend(said for code in _CODED.findall(plain) if (said := _decoded(code)))
    return tuple(dict.fromkeys(found))


def _unmixed(word: str) -> str:
    return word.translate(_ALIKE) if not word.isascii() and _LATIN.search(word) else word


def _decoded(code: str) -> str | None:
    """What stands in Base64, where that is a text."""
    try:
        said = base64.b64decode(code + "=" * (-len(code) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return said if len(said) >= _SHORTEST and " " in said and said.isprintable() else None
