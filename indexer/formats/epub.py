"""E-books (.epub) → a document: the chapters in the order of the book's spine."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import lxml.etree

from indexer.clean import clean
from indexer.document import Document
from indexer.formats import archive, elements
from indexer.formats.decode import decode
from indexer.formats.outline import Item, assemble, first_heading, iso_date, title_from
from knowledge.errors import DocumentError

# lxml's elements, which have no types of their own.
Element = Any

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
# Fonts are often scrambled so; only other means keep the text from being read.
_SCRAMBLED_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read(data: bytes, *, name: str) -> Document:
    """The document of an e-book; raises DocumentError for a protected or damaged one."""
    with archive.opened(data, name=name, what="an e-book (.epub)") as book:
        if _is_protected(book):
            raise DocumentError(
                f"{name} is protected against copying: add a copy without that protection."
            )
        rootfile = _xml(book, _CONTAINER).find(".//{*}rootfile")
        place = "" if rootfile is None else rootfile.get("full-path", "")
        package = _xml(book, place)
        items = [
            item for path in _spine(package, place) for item in _chapter(book, path, name=name)
        ]
    stated = _stated(package, "title")
    return assemble(
        items,
        name=name,
        title=stated or first_heading(items) or title_from(name),
        updated=iso_date(_stated(package, "date")[:10]),
    )


def _xml(book: zipfile.ZipFile, path: str) -> Element:
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return lxml.etree.fromstring(book.read(path), parser=parser)


def _is_protected(book: zipfile.ZipFile) -> bool:
    if _ENCRYPTION not in book.namelist():
        return False
    methods = _xml(book, _ENCRYPTION).iterfind(".//{*}EncryptionMethod")
    return any(each.get("Algorithm") not in _SCRAMBLED_FONTS for each in methods)


def _stated(package: Element, field: str) -> str:
    found = package.find(f".//{{*}}metadata/{{*}}{field}")
    return "" if found is None else " ".join(clean("".join(found.itertext())).split())


def _spine(package: Element, place: str) -> Iterator[str]:
    """The paths of the chapters inside the archive."""
    files = {each.get("id"): each for each in package.iterfind(".//{*}manifest/{*}item")}
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        file = files.get(reference.get("idref"))
        if file is not None and "nav" not in (file.get("properties") or "").split():
            path = posixpath.join(posixpath.dirname(place), unquote(file.get("href", "")))
            yield posixpath.normpath(path)


def _chapter(book: zipfile.ZipFile, path: str, *, name: str) -> list[Item]:
    try:
        data = book.read(path)
    except KeyError:  # a chapter that the book names and does not hold
        return []
    tree = elements.parse(decode(data, name=name)) if data.strip() else None
    return [] if tree is None else elements.items(tree)
