"""E-books: the chapters of the spine, in order, and nothing that is not in it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest

from indexer.document import Document
from indexer.load import load_bytes
from knowledge.errors import DocumentError

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<metadata><dc:title>On  Libraries</dc:title><dc:date>2021-05-06T00:00:00Z</dc:date></metadata>"
    '<manifest><item id="n" href="nav.xhtml" properties="nav"/>'
    '<item id="b" href="text/two%20b.xhtml"/><item id="a" href="text/one.xhtml"/>'
    '<item id="x" href="../../outside.xhtml"/><item id="lost" href="lost.xhtml"/></manifest>'
    '<spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/><itemref idref="x"/>'
    '<itemref idref="lost"/><itemref idref="unknown"/></spine></package>'
)


def page(body: str) -> str:
    return f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'


FILES = {
    "META-INF/container.xml": CONTAINER,
    "OPS/book.opf": PACKAGE,
    "OPS/nav.xhtml": page("<ol><li>Contents</li></ol>"),
    "OPS/text/one.xhtml": page("<h1>One</h1><p>Books are <b>lent</b>.</p>"),
    "OPS/text/two b.xhtml": page("<h1>Two</h1><h2>Deep</h2><p>Books come back.</p>"),
    "OPS/unused.xhtml": page("<p>Not in the spine.</p>"),
}


def read(files: Mapping[str, str]) -> Document:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        for name, text in files.items():
            book.writestr(name, text)
    return load_bytes(stream.getvalue(), name="book.epub")


def test_chapters_come_in_the_spines_order() -> None:
    document = read(FILES)
    assert (document.title, document.updated) == ("On Libraries", "2021-05-06")
    assert [(block.text, block.headings) for block in document.blocks] == [
        ("Books are lent.", ("One",)),
        ("Books come back.", ("Two", "Deep")),
    ]


def test_a_protected_book_is_said_to_be_so() -> None:
    method = '<e><EncryptionMethod Algorithm="{}"/></e>'
    fonts = method.format("http://www.idpf.org/2008/embedding")
    assert read(FILES | {"META-INF/encryption.xml": fonts}).blocks
    aes = method.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    with pytest.raises(DocumentError, match=r"book\.epub is protected against copying"):
        read(FILES | {"META-INF/encryption.xml": aes})


def test_entities_are_not_expanded() -> None:
    entity = '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    stolen = read(FILES | {"OPS/book.opf": entity + PACKAGE.replace("On  Libraries", "A &a; B")})
    assert stolen.title == "A &a; B"


@pytest.mark.parametrize("missing", ["META-INF/container.xml", "OPS/book.opf"])
def test_a_book_without_its_order_is_refused(missing: str) -> None:
    with pytest.raises(DocumentError, match=r"book\.epub cannot be read as an e-book"):
        read({name: text for name, text in FILES.items() if name != missing})
