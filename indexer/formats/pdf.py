"""PDF → a document with page numbers, by PDFium, a page at a time."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from indexer.clean import clean
from indexer.document import Block, Document
from indexer.formats.outline import assemble, title_from
from indexer.formats.paragraphs import Line, blocks
from knowledge.errors import DocumentError
from knowledge.said import said

# PDFium is not thread-safe: two documents read at once end the process.
_ONE_AT_A_TIME = threading.Lock()
# What PDFium puts for a hyphen that ends a line, together with the line's end.
_HYPHEN = "\x02"
# Letters of a line that are measured: a bullet or a word in another font says little of the line.
_SAMPLE = 7
_TITLE_LENGTH = 150
# Titles that programs leave behind instead of a document's own.
_NO_TITLE = re.compile(
    r"untitled.*|microsoft (?:word|powerpoint) - .*|(?:slide|document|page) ?\d*|.*\.\w{2,4}",
    re.IGNORECASE,
)


def read(data: bytes, *, name: str) -> Document:
    """The document of a PDF; raises DocumentError for a locked, damaged or scanned one."""
    with _ONE_AT_A_TIME, closing(_open(data, name=name)) as document:
        stated = clean(document.get_metadata_value("Title")).strip()
        pages = [_page(document, index) for index in range(len(document))]
    if not any(pages):
        raise DocumentError(
            f"{name} has no text on any page and looks scanned: run text recognition (OCR) on it, "
            "for example with ocrmypdf, and add the result."
        )
    found = blocks(pages)
    return assemble(
        found,
        name=name,
        title=_title(stated, found) or title_from(name),
        pages=len(pages),
        notes=tuple(_notes(pages)),
    )


def _open(data: bytes, *, name: str) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise DocumentError(
                f"{name} is protected by a password: save it without one and add it again."
            ) from error
        raise DocumentError(
            f"{name} is damaged or no PDF: open it, save it again as PDF and add it again."
        ) from error


def _page(document: pdfium.PdfDocument, index: int) -> list[Line]:
    """A page's lines; none for a damaged page, which must not cost the reader all the others."""
    try:
        return _lines(document, index)
    except pdfium.PdfiumError:
        return []


def _lines(document: pdfium.PdfDocument, index: int) -> list[Line]:
    with closing(document[index]) as page, closing(page.get_textpage()) as text_page:
        count = text_page.count_chars()
        codes = [pdfium_c.FPDFText_GetUnicode(text_page, at) for at in range(count)]
        return [
            line
            for start, end in _spans(codes)
            if (line := _line(text_page, codes, start, end)) is not None
        ]


def _spans(codes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where lines begin and end among a page's characters; a hyphen at a line's end is in it."""
    start = 0
    for at, code in enumerate(codes):
        if code == ord(_HYPHEN):
            yield start, at + 1
            start = at + 1
        elif code in (ord("\r"), ord("\n")):
            yield start, at
            start = at + 1
    yield start, len(codes)


def _line(text_page: pdfium.PdfTextPage, codes: Sequence[int], start: int, end: int) -> Line | None:
    characters = "".join(map(chr, codes[start:end])).replace(_HYPHEN, "-")
    # Astral characters may come as two surrogates.
    whole = characters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = clean(whole.replace("\uf0b7", "•")).strip()
    if not text:
        return None
    seen = [at for at in range(start, end) if not chr(codes[at]).isspace()] or [start]
    sample = {seen[0], seen[-1], *seen[:: len(seen) // _SAMPLE + 1]}
    lefts, bottoms, rights, tops = zip(
        *(text_page.get_charbox(at, loose=True) for at in sample), strict=True
    )
    return Line(text, min(lefts), max(rights), top=median(tops), bottom=median(bottoms))


def _title(stated: str, found: Sequence[Block]) -> str | None:
    if stated and not _NO_TITLE.fullmatch(stated):
        return stated
    first = found[0].text if found else ""
    return first if first and len(first) <= _TITLE_LENGTH and not first.endswith(".") else None


def _notes(pages: Sequence[Sequence[Line]]) -> Iterator[str]:
    empty = [str(number) for number, lines in enumerate(pages, 1) if not lines]
    if empty:
        numbers = ", ".join(empty)
        yield said(
            f"Page {numbers} has no text: blank, damaged, or scanned and in need of OCR."
            if len(empty) == 1
            else f"Pages {numbers} have no text: blank, damaged, or scanned and in need of OCR."
        )
