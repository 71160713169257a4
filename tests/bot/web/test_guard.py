"""Who is let in: by name, by where a request comes from, by token."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.web.command import serve, site_of
from bot.web.guard import COOKIE, Keys
from knowledge.errors import SettingsError
from tests.bot.web.place import QUESTION, TOKEN, application, served
from tests.bot_cli.conftest import Footnote


@pytest.fixture
def page(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a page that needs no token."""
    with served(application(tmp_path)) as address, httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a page that needs one."""
    with (
        served(application(tmp_path, token=TOKEN)) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield client


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", ""])
def test_a_foreign_name_that_leads_here_is_not_answered(page: httpx.Client, name: str) -> None:
    answer = page.get("/receipts", headers={"Host": name})

    assert answer.status_code in (400, 421)
    assert "Footnote" not in answer.text


@pytest.mark.parametrize("name", ["localhost:1234", "127.0.0.1", "[::1]:8710"])
def test_this_machine_s_names_are_answered(page: httpx.Client, name: str) -> None:
    assert page.get("/", headers={"Host": name}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_what_another_site_sends_is_not_done(page: httpx.Client, headers: dict[str, str]) -> None:
    answer = page.post("/ask", data={"question": QUESTION}, headers=headers)

    assert answer.status_code == 403
    assert page.get("/receipts").text.count("/receipts/") == 0


def test_what_the_page_itself_sends_is_done(page: httpx.Client) -> None:
    own = str(page.base_url).rstrip("/")

    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": own}):
        answer = page.post("/ask", data={"question": QUESTION}, headers=headers)
        assert answer.status_code == 303


def test_a_locked_page_shows_nothing_before_the_token(locked: httpx.Client) -> None:
    for address in ("/", "/documents", "/receipts", "/stats/chart.png", "/questions/a/events"):
        answer = locked.get(address)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login"
    assert locked.post("/ask", data={"question": QUESTION}).status_code == 303
    assert locked.get("/login").status_code == 200
    assert locked.get("/static/style.css").status_code == 200


def test_the_token_opens_it_and_a_wrong_one_does_not(locked: httpx.Client) -> None:
    wrong = locked.post("/login", data={"token": TOKEN[:-1]})
    assert wrong.status_code == 403
    assert "not the token" in wrong.text
    assert not locked.cookies

    right = locked.post("/login", data={"token": TOKEN})

    assert right.status_code == 303
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in right.headers["set-cookie"]
    assert locked.get("/documents").status_code == 200


def test_a_made_up_cookie_opens_nothing(locked: httpx.Client) -> None:
    for value in ("", "1", TOKEN, Keys(TOKEN).cookie()):
        answer = locked.get("/documents", headers={"Cookie": f"{COOKIE}={value}"})
        assert answer.status_code == 303


def test_refusals_carry_the_same_policy(page: httpx.Client) -> None:
    refused = page.post("/ask", headers={"Sec-Fetch-Site": "cross-site"})

    assert "default-src 'none'" in refused.headers["content-security-policy"]


@pytest.mark.parametrize("token", ["", "short"])
def test_others_are_let_near_only_with_a_good_token(tmp_path: Path, token: str) -> None:
    app = application(tmp_path, token=token)

    with pytest.raises(SettingsError, match="FOOTNOTE_WEB_TOKEN"):
        site_of(app, host="0.0.0.0")
    app.library.close()


def test_with_a_good_token_any_name_is_answered(tmp_path: Path) -> None:
    app = application(tmp_path, token=TOKEN)

    guard = site_of(app, host="0.0.0.0")

    assert guard._hosts == frozenset()
    assert guard._keys.needed
    app.library.close()


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    app = application(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match="--port"):
            serve(site_of(app, host="127.0.0.1"), host="127.0.0.1", port=port)
    app.library.close()


def test_the_command_refuses_an_open_door(footnote: Footnote) -> None:
    result = footnote("web", "--host", "0.0.0.0")

    assert result.exit_code == 1
    assert "FOOTNOTE_WEB_TOKEN" in result.stderr
