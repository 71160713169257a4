"""Pages as they are sent: in the language of whoever asked, also where something did not work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.faults import told
from bot.language import Language, accepted
from bot.web.render import page


def language(request: Request) -> Language:
    """The language that a browser wants most, of those there are."""
    return accepted(request.headers.get("accept-language", ""))


def reply(request: Request, name: str, code: int = 200, /, **values: object) -> HTMLResponse:
    """A page, under the status `code`."""
    say = language(request)
    headers = {"vary": "accept-language", "content-language": say.tag}
    return HTMLResponse(page(name, say=say, **values), status_code=code, headers=headers)


def trouble(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What answers an error: its sentence, under this status."""

    async def answer(request: Request, error: Exception) -> Response:
        sentence = told(error, say=language(request))
        return reply(request, "trouble", status, sentence=sentence)

    return answer


async def missing(request: Request, _: Exception) -> Response:
    """What answers an address that leads nowhere."""
    sentence = language(request)("There is no such page.")
    return reply(request, "trouble", 404, sentence=sentence)
