"""Real files for the tests, made by hand where no library writes the format."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import docx
import pptx

CODE = frozenset(
    {
        *(".bash", ".c", ".cc", ".clj", ".cpp", ".cs", ".cxx", ".dart", ".erl", ".ex", ".exs"),
        *(".go", ".groovy", ".h", ".hpp", ".hs", ".java", ".jl", ".js", ".jsx", ".kt", ".lua"),
        *(".m", ".mjs", ".php", ".pl", ".ps1", ".py", ".r", ".rb", ".rs", ".scala", ".sh", ".sql"),
        *(".swift", ".ts", ".tsx", ".zig"),
    }
)

PdfLine = str | tuple[str, int]


def pdf(
    pages: Sequence[Sequence[PdfLine]], *, title: str | None = None, locked: bool = False
) -> bytes:
    """A PDF with a text line for each string; a pair gives its size; "" leaves a line free."""
    objects = [
        b"",
        b"",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    kids = []
    for lines in pages:
        stream = _stream(lines)
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]"
            b"/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(kids), len(kids))
    trailer = b"/Root 1 0 R"
    if title is not None:
        objects.append(b"<</Title(%s)>>" % _escaped(title))
        trailer += b"/Info %d 0 R" % len(objects)
    if locked:
        # Digests of no known password: the empty one does not open it.
        digest = b"<" + b"5a" * 32 + b">"
        objects.append(b"<</Filter/Standard/V 1/R 2/P -4/O %s/U %s>>" % (digest, digest))
        trailer += b"/ID[<00><00>]/Encrypt %d 0 R" % len(objects)
    return _file(objects, trailer)


def _stream(lines: Sequence[PdfLine]) -> bytes:
    parts = [b"BT 72 740 Td 14 TL"]
    for line in lines:
        text, size = (line, 11) if isinstance(line, str) else line
        parts.append(b"/F1 %d Tf (%s) Tj T*" % (size, _escaped(text)))
    return b"\n".join([*parts, b"ET"])


def _escaped(text: str) -> bytes:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return escaped.encode("latin-1")


def _file(objects: Sequence[bytes], trailer: bytes) -> bytes:
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d%s>>\nstartxref\n%d\n%%%%EOF"
        % (size, table, size, trailer, len(out))
    )


def word(document: Any) -> bytes:
    """A python-docx document as the bytes of its file."""
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def new_word() -> Any:
    """An empty Word document with Word's own styles."""
    return docx.Document()


def slide(text: str) -> bytes:
    """PowerPoint slides of one slide with one text box."""
    talk = pptx.Presentation()
    shapes = talk.slides.add_slide(talk.slide_layouts[6]).shapes
    shapes.add_textbox(0, 0, 900_000, 900_000).text_frame.text = text
    stream = io.BytesIO()
    talk.save(stream)
    return stream.getvalue()


def book(*chapters: str, **files: str) -> bytes:
    """An e-book of chapters, each the inside of a page's body; `files` are added or replaced."""
    stream = io.BytesIO()
    numbers = range(len(chapters))
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="book.opf"/>'
        "</rootfiles></container>",
        "book.opf": "<package><metadata/><manifest>"
        + "".join(f'<item id="c{n}" href="c{n}.xhtml"/>' for n in numbers)
        + "</manifest><spine>"
        + "".join(f'<itemref idref="c{n}"/>' for n in numbers)
        + "</spine></package>",
        **{f"c{n}.xhtml": f"<html><body>{chapters[n]}</body></html>" for n in numbers},
    }
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in {**parts, **files}.items():
            archive.writestr(name, text)
    return stream.getvalue()
