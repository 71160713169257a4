"""Pages from the web over real sockets; nothing near this machine is reached."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from indexer.addresses import document_id, public
from indexer.load import load_bytes
from indexer.web import Web
from knowledge.errors import DocumentError

PAGE = b"<html><head><title>Hours</title></head><body><p>It opens at nine.</p></body></html>"


class Site(BaseHTTPRequestHandler):
    """A site with good and bad pages."""

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])
        page = getattr(self, f"page_{self.path.split('?')[0].strip('/')}", None)
        if page is None:
            self.send_error(404)
        else:
            page()

    def answer(self, body: bytes, *, kind: str = "text/html", **headers: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def page_hours(self) -> None:
        self.answer(PAGE, kind="text/html; charset=utf-8")

    def page_packed(self) -> None:
        self.answer(gzip.compress(PAGE), Content_Encoding="gzip")

    def page_bomb(self) -> None:
        self.answer(gzip.compress(b" " * 50_000_000), Content_Encoding="gzip")

    def page_song(self) -> None:
        self.answer(b"la", kind="audio/mpeg")

    def page_huge(self) -> None:
        self.answer(b"x" * 200_000)

    def page_lying(self) -> None:
        self.answer(b"x" * 200_000, Content_Length="200000")

    def page_slow(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        for _ in range(200):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def page_drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-")
        for _ in range(200):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.end_headers()

    def page_moved(self) -> None:
        self.redirect("/hours")

    def page_round(self) -> None:
        self.redirect("/round")

    def page_inward(self) -> None:
        self.redirect(f"http://inside.example:{self.server.server_address[1]}/hours")

    def page_file(self) -> None:
        self.redirect("file:///etc/passwd")

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()


@contextmanager
def site(*, tls: ssl.SSLContext | None = None) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.hosts = []
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def web(**changes: object) -> Web:
    """A web in which site.example is out in the open, and inside.example is not."""

    def resolve(host: str, port: int) -> list[str]:
        return {"site.example": ["127.0.0.1"], "inside.example": ["127.0.0.2"]}[host]

    how = {"largest": 100_000, "seconds": 5.0, "resolve": resolve}
    open_to = ipaddress.ip_address("127.0.0.1")
    return Web(**{**how, "permitted": lambda address: address == open_to, **changes})


def at(server: ThreadingHTTPServer, path: str, scheme: str = "http") -> str:
    return f"{scheme}://site.example:{server.server_address[1]}/{path}"


@pytest.mark.parametrize("path", ["hours", "packed", "moved", "hours?day=sunday", "hours#top"])
def test_a_page_comes_with_a_name_that_says_how_to_read_it(path: str) -> None:
    with site() as server:
        found = web().fetch(at(server, path))

    assert found.data == PAGE
    assert found.name.endswith(".html")
    assert load_bytes(found.data, name=found.name).title == "Hours"
    assert server.hosts[0].startswith("site.example:")
    assert "#" not in found.url


def test_a_secure_page_must_have_the_certificate_of_its_name() -> None:
    authority = trustme.CA()
    theirs, ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("site.example").configure_cert(theirs)
    authority.configure_trust(ours)
    with site(tls=theirs) as server:
        assert web(trust=ours).fetch(at(server, "hours", "https")).data == PAGE
        with pytest.raises(DocumentError, match="cannot be reached"):
            web().fetch(at(server, "hours", "https"))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nowhere", "answers 404"),
        ("song", "audio/mpeg"),
        ("huge", "larger than 0.1 MB"),
        ("lying", "larger than 0.1 MB"),
        ("bomb", "larger than 0.1 MB"),
        ("round", "redirects too often"),
        ("inward", "inside.example leads to a private"),
        ("file", "http:// or https://"),
    ],
)
def test_what_is_no_page_for_a_library_is_refused_with_a_reason(path: str, reason: str) -> None:
    with site() as server, pytest.raises(DocumentError, match=reason):
        web().fetch(at(server, path))


@pytest.mark.parametrize("path", ["slow", "drip"])
def test_what_never_ends_is_ended(path: str) -> None:
    with site() as server:
        started = time.monotonic()
        with pytest.raises(DocumentError, match=r"longer than 0\.5 s"):
            web(seconds=0.5).fetch(at(server, path))
        assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1"),
        *("255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1"),
        *("64:ff9b::a9fe:a9fe", "2001:db8::1", "fec0::1", "2001:0:7f00:1::"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not public(ipaddress.ip_address(address))
    with pytest.raises(DocumentError, match="private, local or reserved"):
        Web(largest=10, resolve=lambda host, port: ["8.8.8.8", address]).fetch("http://a.example/")


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_addresses_that_are(address: str) -> None:
    assert public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("http://localhost/", "http://127.0.0.1/", "http://127.1/", "http://2130706433/"),
        *("http://0x7f000001/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://0/"),
        "https://localhost:8000/",
    ],
)
def test_this_machine_is_not_reached_however_it_is_written(url: str) -> None:
    with pytest.raises(DocumentError, match=r"private, local or reserved|no host"):
        Web(largest=10).fetch(url)


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://site.example/", "gopher://site.example/", "site.example"),
        *("http://", "http:///path", "javascript:alert(1)", "data:text/html,x", ""),
        *("http://a b/", "http://a\r\nX: y/", "http://[", "http://a:99999/"),
        "http://user:secret@site.example/",
    ],
)
def test_what_is_no_web_address_is_refused_before_anything_is_looked_up(url: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    with pytest.raises(DocumentError, match="address"):
        Web(largest=10, resolve=resolve).fetch(url)


def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    """A name that resolves to another address the second time gains nothing by it."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with site() as server:
        found = web(resolve=lambda host, port: next(answers)).fetch(at(server, "hours"))
    assert found.data == PAGE


def test_a_host_that_does_not_answer_or_does_not_exist_is_named() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        closed = held.getsockname()[1]

        def nowhere(host: str, port: int) -> list[str]:
            raise OSError("unknown")

        with pytest.raises(DocumentError, match=r"site\.example cannot be reached"):
            web().fetch(f"http://site.example:{closed}/")
        with pytest.raises(DocumentError, match=r"no host lost\.example"):
            web(resolve=nowhere).fetch("http://lost.example/")


def test_a_page_is_called_by_its_host_and_path() -> None:
    assert document_id("https://example.org/a/b%20c/") == "example.org/a/b c"
    assert document_id("https://example.org/?p=1") == "example.org?p=1"
