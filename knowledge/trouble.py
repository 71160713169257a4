"""What goes wrong with a model's server: what is worth another try, and what to say of the rest."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from knowledge.said import said

if TYPE_CHECKING:
    from tenacity import RetryCallState

_KEY_REFUSED = (401, 403)
_NOT_FOUND = 404
_BUSY = (408, 409, 425, 429)
_SERVER_ERRORS = 500
# A server that is loading its model, or has too much to do, says so and is asked for about eight
# seconds; one that is not there at all is given a second, as long as a restart behind a proxy.
_ATTEMPTS_BUSY = 6
_ATTEMPTS_UNREACHABLE = 3
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 10.0
_LONGEST_DETAIL = 300


class Kind(StrEnum):
    """What a person can do something about."""

    UNREACHABLE = "unreachable"
    SLOW = "slow"
    BUSY = "busy"
    KEY = "key"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    BROKEN = "broken"
    FOREIGN = "foreign"


_SENTENCES = {
    Kind.UNREACHABLE: said("cannot be reached ({detail}). Start it, or correct LLM_BASE_URL."),
    Kind.SLOW: said("did not answer in time. Try again, or raise LLM_TIMEOUT_S."),
    Kind.BUSY: said("is too busy, or still starting ({detail}). Try again in a minute."),
    Kind.KEY: said("does not accept the key ({detail}). Correct LLM_API_KEY."),
    Kind.UNKNOWN: said(
        "does not know what was asked for ({detail}). Correct LLM_MODEL{offered}, or "
        "LLM_BASE_URL, which usually ends in /v1."
    ),
    Kind.REFUSED: said(
        "refused the question ({detail}). A shorter prompt may help: lower "
        "FOOTNOTE_EVIDENCE_PASSAGES, or start the server with a larger context."
    ),
    Kind.BROKEN: said("broke off ({detail}). Try again; its own log tells more."),
    Kind.FOREIGN: said(
        "does not speak the OpenAI protocol ({detail}). Correct LLM_BASE_URL, which "
        "usually ends in /v1."
    ),
}


class TroubleError(Exception):
    """A request that failed; `wait_s` is how long the server asks to be left alone."""

    def __init__(self, kind: Kind, detail: str, *, wait_s: float | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.wait_s = wait_s

    def sentence(self, url: str, *, secret: str | None, offered: tuple[str, ...]) -> str:
        """What happened and what to do; without the key, which some servers send back."""
        detail = " ".join(self.detail.split())[:_LONGEST_DETAIL].rstrip(".")
        if secret:
            detail = detail.replace(secret, "…")
        listed = said(f" (it offers {', '.join(offered[:5])})") if offered else ""
        told = _SENTENCES[self.kind].format(detail=detail, offered=listed)
        return said(f"The language model's server at {url} {told}")


def kind_of(status: int) -> Kind:
    """What an HTTP status that is no success stands for."""
    if status in _KEY_REFUSED:
        return Kind.KEY
    if status == _NOT_FOUND:
        return Kind.UNKNOWN
    if status in _BUSY or status >= _SERVER_ERRORS:
        return Kind.BUSY
    return Kind.REFUSED


def transient(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment."""
    return isinstance(error, TroubleError) and error.kind in (Kind.BUSY, Kind.UNREACHABLE)


def enough(state: RetryCallState) -> bool:
    """Whether a request was tried as often as its trouble is worth."""
    busy = _trouble(state).kind is Kind.BUSY
    return state.attempt_number >= (_ATTEMPTS_BUSY if busy else _ATTEMPTS_UNREACHABLE)


def pause(state: RetryCallState) -> float:
    """Seconds until the next try: what the server asks for, else twice as long each time."""
    wanted = _trouble(state).wait_s
    doubled = _FIRST_PAUSE_S * 2.0 ** (state.attempt_number - 1)
    return min(_LONGEST_PAUSE_S, doubled if wanted is None else max(0.0, wanted))


def _trouble(state: RetryCallState) -> TroubleError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, TroubleError), "only what is transient is tried again"
    return error
