"""Whole files of every kind, and what chance makes of them."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.indexer.formats.files import book, new_word, pdf, slide, word

WORDS = "The reading room opens at nine. It closes at six, and never on a Sunday. "


def _word() -> bytes:
    document = new_word()
    document.add_heading("Rooms", 1)
    document.add_paragraph(WORDS, style="List Bullet")
    document.add_table(2, 2).rows[0].cells[0].text = WORDS
    return word(document)


WHOLE: dict[str, bytes] = {
    ".csv": b"Room,Opens\n" + b"North,nine\nSouth,ten\n" * 20,
    ".docx": _word(),
    ".epub": book(f"<h1>One</h1><p>{WORDS}</p>", f"<ul><li>{WORDS}</li></ul>"),
    ".html": f"<html><body><h1>Rooms</h1><p>{WORDS * 5}</p><table><tr><td>a</table>".encode(),
    ".ipynb": b'{"cells": [{"cell_type": "code", "source": ["x = 1"], "outputs": []}]}',
    ".jsonl": b'{"id": "a", "text": "Nine."}\n{"id": "b", "text": "Ten."}\n',
    ".md": f"---\ntitle: Rooms\n---\n# A\n\n{WORDS}\n\n- a\n  - b\n\n| a | b |\n|--|--|\n".encode(),
    ".pdf": pdf([[WORDS, "", WORDS], [WORDS]], title="Rooms"),
    ".pptx": slide(WORDS),
    ".py": b"class Room:\n    def open(self):\n        return 9\n\n\ndef close():\n    pass\n",
    ".rst": f"Rooms\n=====\n\n.. note:: {WORDS}\n\n* a\n\n::\n\n   code\n".encode(),
    ".srt": f"1\n00:00:01,000 --> 00:00:02,000\n{WORDS}\n\n".encode() * 5,
    ".txt": WORDS.encode() * 20,
}
_TOKENS = [
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\x1b[2J", b"<" * 50, b"[" * 50, b"(" * 50),
    *(b"{" * 50, b"%", b"9" * 40, b"-1", b"--->", b"\xe2\x80\xae", b"\xe2\x80\x8b" * 20, b"/" * 20),
    *(b"endobj", b"stream", b"<!DOCTYPE", b"<![CDATA[", b"&amp;" * 20, b"\xf0\x9f\x92\xa9" * 10),
    *(b"PK\x03\x04", b"PK\x05\x06", b"%PDF-1.4", b"\x00\x00\xff\xff", b"xref", b"trailer"),
]


def spoiled(seed: int) -> tuple[str, bytes]:
    """A name and a file that is no longer whole."""
    chance = random.Random(seed)
    suffix = chance.choice(sorted(WHOLE))
    data = WHOLE[suffix]
    # The inside of an archive too: bytes of its own would only break the checksums.
    inside = zipfile.is_zipfile(io.BytesIO(data)) and chance.random() < 0.8
    data = _repacked(data, chance) if inside else _changed(data, chance)
    named = suffix if chance.random() < 0.9 else chance.choice(sorted(WHOLE))
    return f"file-{seed}{named}", data


def _changed(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.choice([1, 2, 5, 20])):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(6):
            case 0:
                found[at : at + chance.randrange(200)] = b""
            case 1:
                found[at:at] = chance.choice(_TOKENS)
            case 2:
                found[at:at] = found[: chance.randrange(2000)]
            case 3 if found:
                found[min(at, len(found) - 1)] ^= 1 << chance.randrange(8)
            case 4:
                found[at : at + 8] = chance.randbytes(8)
            case _:
                found = found[:at] if chance.random() < 0.3 else found
    return bytes(found)


def _repacked(data: bytes, chance: random.Random) -> bytes:
    """The archive with one of its parts changed, gone, or there twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = chance.choice([name for name in old.namelist() if name.endswith((".xml", "l"))])
        for name in old.namelist():
            part = old.read(name)
            if name == chosen:
                match chance.randrange(8):
                    case 0:
                        continue
                    case 1:
                        new.writestr(f"../../{name}", part)
                    case _:
                        part = _changed(part, chance)
            new.writestr(name, part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def bombs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Small files that want to become large, deep or endless; made when they are needed."""
    yield "zip.docx", lambda: _zipped({"word/document.xml": bytes(190_000_000)})
    yield "laughs.docx", lambda: _with_part(WHOLE[".docx"], "word/document.xml", _laughs())
    yield "laughs.pptx", lambda: _with_part(WHOLE[".pptx"], "ppt/presentation.xml", _laughs())
    yield "laughs.epub", lambda: _with_part(WHOLE[".epub"], "book.opf", _laughs())
    yield "deep.docx", lambda: _with_part(WHOLE[".docx"], "word/document.xml", b"<a>" * 200_000)
    yield "picture.docx", lambda: _pictured(60_000)
    yield "deep.html", lambda: b"<div>" * 300_000 + b"x"
    yield "wide.html", lambda: b"<p>x" * 400_000
    yield "deep.md", lambda: b"> " * 100_000 + b"x"
    yield "deep-list.md", lambda: b"".join(b" " * n + b"- x\n" for n in range(3000))
    yield "deep.ipynb", lambda: b'{"cells": ' + b"[" * 500_000
    yield "deep.jsonl", lambda: b"[" * 500_000
    yield "deep.rst", lambda: b"".join(b" " * n + b".. note::\n\n" for n in range(2000)) + b"x"
    yield "line.txt", lambda: b"x" * 19_000_000
    yield "quotes.txt", lambda: b'(".' * 3_000_000
    yield "line.md", lambda: b"word " * 3_000_000
    yield "line.py", lambda: b"def f(" * 2_000_000
    yield "line.csv", lambda: b"a," * 5_000_000
    yield "rows.csv", lambda: b"a,b\n" * 2_000_000
    yield "marks.txt", lambda: "\u202e\u200b\u0301".encode() * 2_000_000
    yield "joined.txt", lambda: b"e" + "\u0301".encode() * 3_000_000
    yield "cues.srt", lambda: b"00:00:01,000 --> 00:00:02,000\na\n\n" * 200_000
    yield "pages.pdf", lambda: pdf([["x"]] * 30_000)
    yield "circle.pdf", lambda: pdf([["x"]]).replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]")
    yield "stream.pdf", lambda: _packed_pdf(150_000_000)
    yield "matter.md", lambda: b"---\na: &a [x]\n" + _aliases() + b"---\nText."
    yield "tables.html", lambda: b"<table><tr><td>" * 20_000 + b"x"
    yield "entities.html", lambda: b"&lt;" * 4_000_000


def _zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def _with_part(data: bytes, name: str, part: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return _zipped({each: old.read(each) for each in old.namelist()} | {name: part})


def _laughs() -> bytes:
    names = "abcdefghijkl"
    entities = "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names)
    )
    return f'<!DOCTYPE x [<!ENTITY a "lol">{entities}]><package>&l;</package>'.encode()


def _aliases() -> bytes:
    names = "abcdefghijkl"
    return b"".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n".encode()
        for before, name in pairwise(names)
    )


def _pictured(side: int) -> bytes:
    """A document with a picture of `side` × `side` pixels in a few kilobytes."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(side // 8 + 1)) for _ in range(side)) + rows.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    image = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
        for kind, part in parts
    )
    document = new_word()
    document.add_paragraph(WORDS)
    document.add_picture(io.BytesIO(image), width=900_000)
    return word(document)


def _packed_pdf(size: int) -> bytes:
    whole = pdf([["x"]])
    start, end = whole.index(b"<</Length"), whole.index(b"endstream")
    packed = zlib.compress(b"BT (x) Tj ET " * (size // 13))
    stream = b"<</Length %d/Filter/FlateDecode>>stream\n%s\n" % (len(packed), packed)
    return whole[:start] + stream + whole[end:]
