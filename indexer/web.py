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
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from indexer.addresses import PORTS, Address, Resolve, checked, public, resolve
from indexer.kinds import file_name
from knowledge.errors import DocumentError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_PIECE = 65_536
_LONGEST_HEADER = 300


class GoneError(DocumentError):
    """There is no page at this address any more."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a server calls the version of a page, to be asked whether it is still that one."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page's bytes, the name that says how to read them, and the address it had at last."""

    data: bytes
    name: str
    url: str
    version: Version = Version()


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
        found = self.fetch_newer(url, Version())
        if found is None:
            raise DocumentError(f"{_host(url)} says that nothing is new, unasked. Try again later.")
        return found

    def fetch_newer(self, url: str, known: Version) -> Fetched | None:
        """The same, or None where the page still is the version that is known.

        Raises GoneError where there is none any more.
        """
        deadline = time.monotonic() + self.seconds
        for _ in range(_MOST_REDIRECTS + 1):
            parts = checked(url)
            found = self._once(parts, deadline, known)
            if not isinstance(found, str):
                return found
            url = urljoin(parts.geturl(), found)
        raise DocumentError(f"{_host(url)} redirects too often. Give the page's own address.")

    def _once(self, parts: SplitResult, deadline: float, known: Version) -> Fetched | str | None:
        """The page, where it is instead, or None for nothing new."""
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
            found = self._asked(connection, parts, known)
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

    def _asked(
        self, connection: http.client.HTTPConnection, parts: SplitResult, known: Version
    ) -> Fetched | str | None:
        connection.request("GET", _target(parts), headers=_headers(parts, known))
        response = connection.getresponse()
        moved = response.headers.get("Location")
        if response.status in _REDIRECTS and moved:
            return str(moved)
        if response.status == HTTPStatus.NOT_MODIFIED and known != Version():
            return None
        if response.status != HTTPStatus.OK:
            gone = response.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
            raise (GoneError if gone else DocumentError)(
                f"{parts.hostname} answers {response.status} ({response.reason}). "
                "Check the address, and that anybody may see the page."
            )
        name = file_name(parts, response.headers.get_content_type())
        version = Version(
            _short(response.headers.get("ETag")), _short(response.headers.get("Last-Modified"))
        )
        return Fetched(self._body(response, parts), name, parts.geturl(), version)

    def _address(self, parts: SplitResult) -> str:
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
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


def _connected(
    parts: SplitResult, address: str, deadline: float, *, trust: ssl.SSLContext | None
) -> socket.socket:
    """A connection to the checked address, which the host's certificate must still be for."""
    port = parts.port or PORTS[parts.scheme]
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


def _headers(parts: SplitResult, known: Version) -> dict[str, str]:
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    return {
        **{name: value for name, value in conditions.items() if value},
        "Host": parts.netloc.encode("idna").decode(),
        "User-Agent": "Footnote (adds pages to a library at an admin's request)",
        "Accept": "text/html, application/xhtml+xml, text/plain, text/markdown, application/pdf",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def _short(header: str | None) -> str:
    """A header that is sent back later; none where it is oddly long or cannot be sent."""
    value = header or ""
    return (
        value if len(value) <= _LONGEST_HEADER and value.isascii() and value.isprintable() else ""
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The host"
