"""A page from the web, and only from the web: nothing that is near this machine is reached.

Every address a name resolves to is checked, and the connection goes to the checked address itself,
so that a name that resolves differently a moment later leads nowhere else (DNS rebinding).
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from indexer.load import KNOWN, SUFFIXES
from knowledge.errors import DocumentError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
_PIECE = 65_536
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_KINDS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/x-subrip": ".srt",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/vtt": ".vtt",
    "text/x-rst": ".rst",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page's bytes, the name that says how to read them, and the address it had at last."""

    data: bytes
    name: str
    url: str


def public(address: Address) -> bool:
    """Whether an address is one of the open internet, also where it stands for another."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the operating system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class Web:
    """Fetches pages within limits; what resolves and what is permitted are given by tests."""

    largest: int
    seconds: float = 20.0
    resolve: Resolve = resolve
    permitted: Callable[[Address], bool] = public
    trust: ssl.SSLContext | None = None

    def fetch(self, url: str) -> Fetched:
        """The page at an address, after redirects; raises DocumentError for every reason."""
        deadline = time.monotonic() + self.seconds
        for _ in range(_MOST_REDIRECTS + 1):
            parts = _checked(url)
            found = self._once(parts, deadline)
            if isinstance(found, Fetched):
                return found
            url = urljoin(parts.geturl(), found)
        raise DocumentError(f"{_host(url)} redirects too often. Give the page's own address.")

    def _once(self, parts: SplitResult, deadline: float) -> Fetched | str:
        """The page, or where it is instead."""
        plain = _connected(parts, self._address(parts), deadline, trust=self.trust)
        # Ends whatever hangs, also what comes byte by byte.
        alarm = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, [plain])
        alarm.daemon = True
        alarm.start()
        connection = http.client.HTTPConnection(parts.hostname or "")
        connection.sock = plain
        try:
            if isinstance(plain, ssl.SSLSocket):
                plain.do_handshake()
            found = self._asked(connection, parts)
            if time.monotonic() >= deadline:
                raise TimeoutError
        except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
            raise self._unreached(parts, error, deadline) from error
        else:
            return found
        finally:
            alarm.cancel()
            connection.close()
            plain.close()

    def _asked(self, connection: http.client.HTTPConnection, parts: SplitResult) -> Fetched | str:
        connection.request("GET", _target(parts), headers=_headers(parts))
        response = connection.getresponse()
        moved = response.headers.get("Location")
        if response.status in _REDIRECTS and moved:
            return str(moved)
        if response.status != 200:
            raise DocumentError(
                f"{parts.hostname} answers {response.status} ({response.reason}). "
                "Check the address, and that anybody may see the page."
            )
        name = _name(parts, response)
        return Fetched(self._body(response, parts), name, parts.geturl())

    def _address(self, parts: SplitResult) -> str:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise DocumentError(f"There is no host {host}. Check the address.") from error
        for each in found:
            if not self.permitted(ipaddress.ip_address(each.split("%")[0])):
                raise DocumentError(
                    f"{host} leads to a private, local or reserved network, and only public pages "
                    "are fetched. Add the page as a file instead."
                )
        if not found:
            raise DocumentError(f"There is no host {host}. Check the address.")
        return found[0]

    def _body(self, response: http.client.HTTPResponse, parts: SplitResult) -> bytes:
        packed = response.headers.get("Content-Encoding", "identity").lower()
        if packed not in ("identity", "gzip"):
            raise DocumentError(f"{parts.hostname} packs the page as {packed}, unasked.")
        unpack = zlib.decompressobj(wbits=31) if packed == "gzip" else None
        data = bytearray()
        while piece := response.read1(_PIECE):
            data += piece if unpack is None else unpack.decompress(piece, self.largest + 1)
            if len(data) > self.largest:
                raise DocumentError(
                    f"The page at {parts.hostname} is larger than {self.largest / 1e6:g} MB. "
                    "Save the part that matters, and add that as a file."
                )
        return bytes(data)

    def _unreached(self, parts: SplitResult, error: Exception, deadline: float) -> DocumentError:
        if time.monotonic() >= deadline - 0.05 or isinstance(error, TimeoutError):
            return DocumentError(
                f"{parts.hostname} took longer than {self.seconds:g} s. Try again later, or add "
                "the page as a file."
            )
        return DocumentError(f"{parts.hostname} cannot be reached ({error}). Check the address.")


def document_id(url: str) -> str:
    """What a page is called in a library: its host and path."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.hostname or ''}{unquote(parts.path).rstrip('/')}{query}"[:200]


def _checked(url: str) -> SplitResult:
    wrong = DocumentError("Give a whole address that begins with http:// or https://.")
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in _PORTS or not host or any(ord(each) < 33 for each in url.strip()):
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise DocumentError("An address with a name or password in it is not fetched.")
    return parts._replace(fragment="")


def _connected(
    parts: SplitResult, address: str, deadline: float, *, trust: ssl.SSLContext | None
) -> socket.socket:
    """A connection to the checked address, which the host's certificate must still be for."""
    port = parts.port or _PORTS[parts.scheme]
    left = max(0.1, deadline - time.monotonic())
    try:
        plain = socket.create_connection((address, port), timeout=left)
    except OSError as error:
        raise DocumentError(
            f"{parts.hostname} cannot be reached ({error}). Check the address, or try later."
        ) from error
    if parts.scheme == "http":
        return plain
    context = trust or ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=parts.hostname, do_handshake_on_connect=False)


def _cut(opened: socket.socket) -> None:
    with contextlib.suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return f"{path}?{quote(parts.query, safe='=&%:@!$()*+,;/?~-._')}" if parts.query else path


def _headers(parts: SplitResult) -> dict[str, str]:
    return {
        "Host": parts.netloc.encode("idna").decode(),
        "User-Agent": "Footnote (adds pages to a library at an admin's request)",
        "Accept": "text/html, application/xhtml+xml, text/plain, text/markdown, application/pdf",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The host"


def _name(parts: SplitResult, response: http.client.HTTPResponse) -> str:
    """A file name whose ending says what the page is."""
    stem = PurePosixPath(unquote(parts.path))
    kind = response.headers.get_content_type()
    suffix = _KINDS.get(kind)
    if kind in ("text/plain", "application/octet-stream") and stem.suffix.lower() in SUFFIXES:
        suffix = stem.suffix.lower()
    if suffix is None:
        raise DocumentError(
            f"{parts.hostname} gives {kind}, which cannot be read. Give the address of a web page, "
            f"or of one of {KNOWN}."
        )
    return f"{stem.stem or parts.hostname}{suffix}"
