"""Watched pages: asked whether they are new, taken in if so, and reported when they are gone."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot.desk import Desk
from bot.jobs import Jobs
from bot.refreshing import Look
from bot.rounds import once
from bot.watching import State
from indexer.pending import Upload
from indexer.web import Web
from knowledge.errors import DocumentError, UsageError
from tests.bot.hall import Hall, hall_story
from tests.stores import HALL, opened, said

NINE = "<html><head><title>Hours</title></head><body><p>It opens at nine.</p></body></html>"
TEN = NINE.replace("nine", "ten")


class Page(BaseHTTPRequestHandler):
    """One page, in whatever state its server says."""

    def do_GET(self) -> None:
        server = self.server
        asked = {name.lower(): value for name, value in self.headers.items()}
        server.asked.append(asked)
        if server.status != 200:
            self.send_error(server.status)
            return
        if asked.get("if-none-match") == server.etag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("ETag", server.etag)
        self.send_header("Last-Modified", "Sat, 01 Nov 2025 10:00:00 GMT")
        self.end_headers()
        self.wfile.write(server.page.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.page, server.etag, server.status, server.asked = NINE, '"1"', 200, []
    Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def web() -> Web:
    here = ipaddress.ip_address("127.0.0.1")
    return Web(
        largest=100_000,
        seconds=5,
        resolve=lambda host, port: ["127.0.0.1"],
        permitted=lambda address: address == here,
    )


def added(jobs: Jobs, server: Any, scope: str = HALL) -> str:
    """The page, approved and watched; its document."""
    url = f"http://site.example:{server.server_address[1]}/hours"
    found = web().fetch(url)
    upload = Upload(found.name, found.data, "site.example/hours", scope, "7", source=url)
    jobs.approve(jobs.add(upload).staged.id, scope=scope, by="7")
    jobs.watch(upload.document_id, hours=1, scope=scope, by="7")
    return upload.document_id


def looked(jobs: Jobs, *, at_once: bool = False, scope: str = HALL) -> Look | None:
    """A look at the one page that is watched, due or not."""
    (page,) = jobs.watched(scope=scope)
    try:
        found: Any = web().fetch_newer(page.url, page.version)
    except DocumentError as error:
        found = error
    return jobs.refreshed(page, found, at_once=at_once)


def test_a_page_is_asked_whether_it_is_new_and_read_only_then(tmp_path: Path) -> None:
    with served() as server, opened(tmp_path) as (library, jobs):
        added(jobs, server)
        for _ in range(2):
            look = looked(jobs)
            assert look is not None
            assert look.state is State.SAME
        assert "if-none-match" not in server.asked[1]
        assert server.asked[2]["if-none-match"] == '"1"'
        assert server.asked[2]["if-modified-since"].startswith("Sat, 01 Nov 2025")

        # Another version that says the same: nobody is bothered with it.
        server.page, server.etag = NINE.replace("<body>", "<body><!-- 2 -->"), '"2"'
        look = looked(jobs)
        assert look is not None
        assert (look.state, look.news) == (State.SAME, False)
        assert jobs.waiting(scope=HALL) == ()

        server.page, server.etag = TEN, '"3"'
        look = looked(jobs)
        assert look is not None
        assert (look.state, look.news) == (State.WAITS, True)
        assert "nine" in said(library)
        server.page, server.etag = TEN.replace("ten", "eleven"), '"4"'
        looked(jobs)
        (waits,) = jobs.waiting(scope=HALL)
        jobs.approve(waits.id, scope=HALL, by="7")
        assert "eleven" in said(library)


def test_a_trusted_change_answers_at_once_unless_a_golden_answer_becomes_worse(
    tmp_path: Path,
) -> None:
    with served() as server, opened(tmp_path) as (library, jobs):
        added(jobs, server)
        server.page, server.etag = TEN, '"2"'
        look = looked(jobs, at_once=True)
        assert look is not None
        assert (look.state, look.news) == (State.CHANGED, False)
        assert "ten" in said(library)

        jobs.golden.write("When does it open?", "It opens at ten.", scope=HALL)
        server.page, server.etag = NINE, '"3"'
        look = looked(jobs, at_once=True)
        assert look is not None
        assert (look.state, look.news) == (State.WAITS, True)
        assert "ten" in said(library)


def test_a_page_that_vanishes_is_reported_once_and_goes_on_answering(tmp_path: Path) -> None:
    with served() as server, opened(tmp_path) as (library, jobs):
        added(jobs, server)
        server.status = 404
        looks = [looked(jobs), looked(jobs)]
        assert [(each.state, each.news) for each in looks if each] == [
            (State.GONE, True),
            (State.GONE, False),
        ]
        assert "nine" in said(library)
        entry = jobs.audit.entries(scope=HALL)[0]
        assert (entry.who, entry.action) == ("the schedule", "looked at")
        assert "answers 404" in entry.outcome


def test_a_page_that_cannot_be_reached_is_reported_when_it_stays_so(tmp_path: Path) -> None:
    with served() as server, opened(tmp_path) as (_, jobs):
        added(jobs, server)
        server.status = 500
        looks = [looked(jobs) for _ in range(4)]
        assert [each.news for each in looks if each] == [False, False, True, False]
        server.status = 200
        look = looked(jobs)
        assert look is not None
        assert look.state is State.SAME
        assert jobs.watched(scope=HALL)[0].failures == 0


def test_what_is_removed_is_watched_no_more_and_a_text_cannot_be(tmp_path: Path) -> None:
    from tests.stores import text

    with served() as server, opened(tmp_path) as (_, jobs):
        name = added(jobs, server)
        assert jobs.due() == ()
        jobs.remove(name, scope=HALL, by="7")
        assert looked(jobs) is None
        assert jobs.watched(scope=HALL) == ()
        jobs.approve(jobs.add(text("Be kind.")).staged.id, scope=HALL, by="7")
        with pytest.raises(UsageError, match="does not come from a page"):
            jobs.watch("rules.md", hours=1, scope=HALL, by="7")


def test_a_page_is_due_when_its_time_has_come(tmp_path: Path) -> None:
    with served() as server, opened(tmp_path) as (_, jobs):
        name = added(jobs, server)
        jobs.watch(name, hours=0.0001, scope=HALL, by="7")
        time.sleep(0.4)
        (page,) = jobs.due()
        assert page.document == name
        jobs.watch(name, hours=0, scope=HALL, by="7")
        assert jobs.due() == ()


def on_the_web(jobs: Jobs, settings: Any) -> Desk:
    return Desk(jobs, web=web(), interval=settings.edit_interval_s)


@hall_story(on_the_web)
async def test_whoever_watches_is_told_of_what_needs_them(hall: Hall) -> None:
    ada = hall.admin()
    with served() as server:
        address = f"http://site.example:{server.server_address[1]}/hours"
        sent = await ada.slash("knowledge add url", address=address, watch="every hour")
        review = await hall.until(
            lambda: sent.message if sent.message and "Approve" in sent.message.labels else None
        )
        await ada.press(review, "Approve")
        await hall.until(lambda: "Approved" in review.text)
        await hall.until(lambda: hall.jobs.watched(scope=hall.scope))
        (page,) = hall.jobs.watched(scope=hall.scope)
        hall.jobs.watch(page.document, hours=0.0001, scope=hall.scope, by=str(ada.user.id))
        server.status = 410
        await asyncio.sleep(0.4)
        services = hall.client.services
        await once(services, hall.client, desk=services.desk)
        direct = ada.directly().channel
        told = await hall.until(lambda: [m.text for m in hall.written(direct)])
        assert any("is gone" in each for each in told), told
        status = await hall.told(await ada.slash("knowledge status"))
        assert "Watched pages" in status.text
        assert "gone" in status.text
        assert "nine" in said(hall.books, scope=hall.scope)

        (choice,) = await ada.autocomplete("knowledge watch", document="hours")
        never = await ada.slash("knowledge watch", document=choice["value"], often="never")
        assert "no more" in (await hall.told(never)).text
        assert hall.jobs.watched(scope=hall.scope) == ()
