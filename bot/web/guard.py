"""Who is let in: this machine's browser, or whoever knows the token; and what pages may load.

A page on loopback can be reached by any web site that the same browser has open: through a form
or a script of its own (refused by where a request says it comes from), and through a name that it
lets point to 127.0.0.1 (refused by the name).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "footnote"
LOGIN = "/login"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

# Everything from here and nothing from elsewhere; no inline script or style at all.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A report is one file with its own style sheet in it, and no script.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'none'; sandbox"
)
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_OPEN = (LOGIN, "/static/")


class Keys:
    """The token that opens the page, and the cookie that stands for it afterwards.

    The cookie is worth nothing after a restart, and does not give the token away.
    """

    def __init__(self, token: str | None) -> None:
        self._token = token
        self._secret = secrets.token_bytes(32)

    @property
    def needed(self) -> bool:
        """Whether a token is asked for at all."""
        return self._token is not None

    def opens(self, token: str) -> bool:
        """Whether this is the token."""
        wanted = (self._token or "").encode()
        return self.needed and hmac.compare_digest(token.encode(), wanted)

    def cookie(self) -> str:
        """What a browser that knew the token is given."""
        return hmac.new(self._secret, (self._token or "").encode(), hashlib.sha256).hexdigest()

    def knows(self, cookies: str) -> bool:
        """Whether a request's Cookie header holds it."""
        pairs = (pair.strip().partition("=") for pair in cookies.split(";"))
        found = next((value for name, _, value in pairs if name == COOKIE), "")
        return hmac.compare_digest(found.encode(), self.cookie().encode())


class Guard:
    """Stands before the site; `hosts` are the names it may be called by, empty for any."""

    def __init__(self, app: App, *, keys: Keys, hosts: Iterable[str]) -> None:
        self._app = app
        self._keys = keys
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                if not any(name.lower() == b"content-security-policy" for name, _ in given):
                    given.append((b"content-security-policy", POLICY.encode()))
                message["headers"] = [*given, *_HEADERS]
            await send(message)

        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            status, sentence, more = refusal
            await _answer(send_guarded, status, sentence, more)
        else:
            await self._app(scope, receive, send_guarded)

    def _refusal(
        self, scope: Scope, headers: Mapping[str, str]
    ) -> tuple[int, str, tuple[tuple[bytes, bytes], ...]] | None:
        host = headers.get("host", "")
        if self._hosts and _name(host) not in self._hosts:
            return 421, "This page answers only under the name of its own machine.", ()
        if scope["method"] not in {"GET", "HEAD"} and not _from_here(headers, host):
            return 403, "That came from another site, so it was not done.", ()
        path = str(scope["path"])
        if self._keys.needed and not path.startswith(_OPEN):
            if self._keys.knows(headers.get("cookie", "")):
                return None
            return 303, "Log in first.", ((b"location", LOGIN.encode()),)
        return None


def _name(host: str) -> str:
    return (urlsplit(f"//{host}").hostname or "").rstrip(".")


def _from_here(headers: Mapping[str, str], host: str) -> bool:
    """Whether one of our own pages sent it; a program that says nothing is no browser."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == host


async def _answer(
    send: Send, status: int, sentence: str, more: tuple[tuple[bytes, bytes], ...]
) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})
