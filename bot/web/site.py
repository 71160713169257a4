"""The page's addresses, and what is done at each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.evaluation import REPORTS
from bot.insight.words import chart_description, lines
from bot.permissions import SHARED
from bot.web import reading
from bot.web.answering import Questions
from bot.web.fields import days_back, fields, number
from bot.web.guard import COOKIE, REPORT_POLICY, Guard, Keys
from bot.web.house import House
from bot.web.render import fragment
from bot.web.replies import language, missing, reply, trouble
from knowledge.errors import FootnoteError

STATIC = Path(__file__).parent / "static"

_THEMES = ("dark", "light")
_STATUSES = ("answered", "partial", "refused")
# A guess at the token costs time.
_WRONG_TOKEN_S = 0.5

Opening = Callable[[], AbstractAsyncContextManager[House]]
Handler = Callable[[Request], Awaitable[Response]]


class Site:
    """Answers requests; the house is opened with the server and closed with it."""

    def __init__(self, opening: Opening, *, keys: Keys) -> None:
        self._opening = opening
        self._keys = keys
        self._house: House
        self._questions: Questions

    def app(self, *, hosts: frozenset[str]) -> Guard:
        """The whole site behind its guard."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/", self.home),
            ("POST", "/ask", self.ask),
            ("GET", "/questions/{name}/events", self.events),
            ("POST", "/questions/{name}/stop", self.stop),
            ("GET", "/documents", self.documents),
            ("GET", "/document", self.document),
            ("GET", "/receipts", self.receipts),
            ("GET", "/receipts/{name}", self.receipt),
            ("GET", "/receipts/{name}/sources/{n}", self.source),
            ("GET", "/gaps", self.gaps),
            ("GET", "/golden", self.golden),
            ("GET", "/evaluations", self.evaluations),
            ("GET", "/evaluations/{name}", self.evaluation),
            ("GET", "/stats", self.stats),
            ("GET", "/stats/{picture}.png", self.picture),
            ("GET", "/login", self.login_form),
            ("POST", "/login", self.login),
        ]
        routes: list[Any] = [Route(path, call, methods=[method]) for method, path, call in table]
        routes.append(Mount("/static", StaticFiles(directory=STATIC)))
        made = Starlette(
            routes=routes,
            lifespan=self._open,
            exception_handlers={
                reading.NotFoundError: trouble(404),
                FootnoteError: trouble(400),
                404: missing,
                Exception: trouble(500),
            },
        )
        return Guard(made, keys=self._keys, hosts=hosts)

    @asynccontextmanager
    async def _open(self, _: Starlette) -> AsyncIterator[None]:
        async with self._opening() as house:
            self._house, self._questions = house, Questions(house)
            yield

    async def home(self, request: Request) -> Response:
        """The question's form, and the latest answers."""
        house = self._house
        latest, _ = await house.worker.read(reading.receipts, house, status="", skip=0)
        scopes = await house.worker.read(house.scopes)
        values = {"latest": latest[:8], "scopes": scopes, "parent": None, "most": self._most}
        return reply(request, "home", **values, question=request.query_params.get("q", ""))

    @property
    def _most(self) -> int:
        return self._house.settings.question_length

    async def ask(self, request: Request) -> Response:
        """Take a question; with scripts its events follow, without them the whole answer."""
        form = await fields(request.stream())
        text, parent = form.get("question", ""), form.get("parent")
        scope = form.get("scope", SHARED)
        say = language(request)
        by_script = request.headers.get("hx-request") == "true"
        try:
            asked = await self._house.worker.read(
                self._questions.take, text, scope=scope, parent=parent
            )
        except FootnoteError as error:
            if not by_script:
                raise
            sentence = say.again(error)
            return HTMLResponse(fragment("trouble", say=say, sentence=sentence))
        if by_script:
            return HTMLResponse(fragment("question", say=say, asked=asked))
        receipt = await self._questions.receipt(asked)
        return RedirectResponse(f"/receipts/{receipt.id}", status_code=303)

    async def events(self, request: Request) -> Response:
        """A question's way as server-sent events."""
        name = request.path_params["name"]

        async def stream() -> AsyncIterator[str]:
            async for sent in self._questions.events(name, say=language(request)):
                lines = "".join(f"data: {line}\n" for line in sent.html.splitlines() or [""])
                yield f"event: {sent.name}\n{lines}\n"

        headers = {"cache-control": "no-store"}
        return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)

    async def stop(self, request: Request) -> Response:
        """End an answer early."""
        self._questions.stop(request.path_params["name"])
        return Response(status_code=204)

    async def documents(self, request: Request) -> Response:
        """The libraries' documents, and passages found by what is asked."""
        house, wanted = self._house, request.query_params.get("q", "").strip()[:200]
        shelf = await house.worker.read(reading.shelf, house, wanted)
        found = (
            await house.worker.read(house.library.search, wanted, k=8, scopes=list(shelf))
            if wanted
            else ()
        )
        return reply(request, "documents", shelf=shelf, wanted=wanted, found=found)

    async def document(self, request: Request) -> Response:
        """One document."""
        asked, house = request.query_params, self._house
        name, scope = asked.get("id", ""), asked.get("scope", SHARED)
        opened = await house.worker.read(reading.document, house, name, scope=scope)
        return reply(request, "document", opened=opened)

    async def source(self, request: Request) -> Response:
        """The document that an answer quotes, with the quote marked."""
        name, n = request.path_params["name"], number(request.path_params["n"])
        opened = await self._house.worker.read(reading.source, self._house, name, n)
        return reply(request, "document", opened=opened)

    async def receipts(self, request: Request) -> Response:
        """The latest questions, a page at a time."""
        status = request.query_params.get("status", "")
        status = status if status in _STATUSES else ""
        skip = number(request.query_params.get("skip", "0"))
        found, more = await self._house.worker.read(
            reading.receipts, self._house, status=status, skip=skip
        )
        values = {"lines": found, "more": more, "skip": skip, "page_size": reading.PAGE}
        return reply(request, "receipts", **values, status=status, statuses=_STATUSES)

    async def receipt(self, request: Request) -> Response:
        """One answer with all it stands on."""
        house, name = self._house, request.path_params["name"]
        found, opinions = await house.worker.read(reading.receipt, house, name)
        values = {"receipt": found, "opinions": opinions, "fresh": False, "most": self._most}
        return reply(request, "receipt", **values)

    async def gaps(self, request: Request) -> Response:
        """What was asked and not answered."""
        gaps = await self._house.worker.read(reading.gaps, self._house)
        return reply(request, "gaps", gaps=gaps)

    async def golden(self, request: Request) -> Response:
        """Golden answers."""
        golden = await self._house.worker.read(reading.golden, self._house)
        return reply(request, "golden", golden=golden)

    async def evaluations(self, request: Request) -> Response:
        """The evaluations that were kept."""
        runs = await self._house.worker.read(reading.runs, self._house)
        folder = self._house.settings.home / REPORTS
        return reply(request, "evaluations", runs=runs, folder=folder)

    async def evaluation(self, request: Request) -> Response:
        """One of them."""
        name = request.path_params["name"]
        html = await self._house.worker.read(reading.report, self._house, name)
        return HTMLResponse(html, headers={"content-security-policy": REPORT_POLICY})

    async def stats(self, request: Request) -> Response:
        """What went on, in numbers and pictures."""
        days = days_back(request.query_params.get("days", "30"))
        figures = await self._house.worker.read(reading.figures, self._house, days=days)
        say = language(request)
        words = {
            "lines": lines(figures, say=say),
            "description": chart_description(figures, say=say),
        }
        return reply(request, "stats", figures=figures, days=days, **words)

    async def picture(self, request: Request) -> Response:
        """The chart or the map."""
        name, theme = request.path_params["picture"], request.query_params.get("theme", "light")
        if name not in ("chart", "map") or theme not in _THEMES:
            raise reading.NotFoundError("There is no such picture.")
        days = days_back(request.query_params.get("days", "30"))
        draw = reading.map_of if name == "map" else reading.chart_of
        say = language(request)
        picture = await self._house.worker.read(draw, self._house, days=days, theme=theme, say=say)
        return Response(picture, media_type="image/png")

    async def login_form(self, request: Request) -> Response:
        """Ask for the token."""
        return reply(request, "login", wrong=False)

    async def login(self, request: Request) -> Response:
        """Give a cookie to who knows the token."""
        form = await fields(request.stream())
        if not self._keys.opens(form.get("token", "")):
            await asyncio.sleep(_WRONG_TOKEN_S)
            return reply(request, "login", 403, wrong=True)
        answer = RedirectResponse("/", status_code=303)
        secure = request.url.scheme == "https"
        answer.set_cookie(
            COOKIE, self._keys.cookie(), httponly=True, samesite="strict", secure=secure
        )
        return answer
