"""Which addresses are out on the open web, and how they are written."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from urllib.parse import SplitResult, unquote, urlsplit

from knowledge.errors import DocumentError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


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


def checked(url: str) -> SplitResult:
    """The parts of a web address; raises DocumentError for anything else."""
    wrong = DocumentError("Give a whole address that begins with http:// or https://.")
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in PORTS or not host or any(ord(each) < 33 for each in url.strip()):
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise DocumentError("An address with a name or password in it is not fetched.")
    return parts._replace(fragment="")


def document_id(url: str) -> str:
    """What a page is called in a library: its host and path."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.hostname or ''}{unquote(parts.path).rstrip('/')}{query}"[:200]
