"""Chat completions of an OpenAI-compatible server, whole or streamed; the only importer of openai.

Requests run in an event loop of their own thread, since only there a request that waits for its
server can be taken back at any instant: the connection closes, and the server stops computing.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from knowledge.errors import GenerationError
from knowledge.once import Once
from knowledge.trouble import Kind, TroubleError, enough, kind_of, pause, transient
from knowledge.types import Tokens

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import CompletionUsage

_CONNECT_S = 5.0
# How often a reader that waits looks whether it is still wanted.
_GLANCE_S = 0.05
_FOREIGN = "its reply has another form"

Result = TypeVar("Result")
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Chat:
    """What is asked of a server: greedy, in at most `max_tokens`."""

    system: str
    user: str
    max_tokens: int

    def fields(self, model: str) -> dict[str, object]:
        """The request's body."""
        messages = [("system", self.system), ("user", self.user)]
        return {
            "model": model,
            "messages": [{"role": role, "content": content} for role, content in messages],
            "max_tokens": self.max_tokens,
            "temperature": 0.0,
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; `firsts` are the likeliest first tokens with their log-probabilities."""

    text: str
    tokens: Tokens
    firsts: tuple[tuple[str, float], ...]


class Endpoint:
    """A server at a base URL, as http://127.0.0.1:8080/v1. Safe to share between threads."""

    def __init__(self, url: str, *, key: SecretStr | None, timeout_s: float) -> None:
        self._url = url
        self._key = key.get_secret_value() if key else None
        self._timeout_s = timeout_s
        self._loop = Once(_running_loop)
        self._client = Once(self._connected)
        # What this server was found not to take, of what may be left out.
        self._refused: frozenset[str] = frozenset()

    def _connected(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI, Timeout

        return AsyncOpenAI(
            base_url=self._url,
            # The client insists on a key; servers without keys do not read it.
            api_key=self._key or "none",
            timeout=Timeout(self._timeout_s, connect=_CONNECT_S),
            max_retries=0,
        )

    def models(self) -> tuple[str, ...]:
        """Names of the models the server offers, in its order. Raises GenerationError."""
        return self._result(self._tried(self._models))

    def complete(self, chat: Chat, *, model: str, alternatives: int) -> Reply:
        """A whole reply, with the log-probabilities of its first token where the server has them.

        Raises GenerationError where the server cannot be reached or will not answer.
        """
        return self._result(self._complete(chat, model=model, alternatives=alternatives))

    def stream(
        self, chat: Chat, *, model: str, stop: threading.Event | None
    ) -> Iterator[str | Tokens]:
        """The reply's pieces as they come, and its tokens when they are known.

        Setting `stop`, or closing the iterator, closes the connection. Raises GenerationError.
        """
        pieces: queue.SimpleQueue[str | Tokens | None] = queue.SimpleQueue()

        async def pump() -> None:
            try:
                async with aclosing(self._stream(chat, model=model)) as stream:
                    async for piece in stream:
                        pieces.put(piece)
            finally:
                pieces.put(None)

        running = asyncio.run_coroutine_threadsafe(pump(), self._loop())
        try:
            while stop is None or not stop.is_set():
                try:
                    piece = pieces.get(timeout=_GLANCE_S)
                except queue.Empty:
                    continue
                if piece is None:
                    self._settled(running.result)
                    return
                yield piece
        finally:
            running.cancel()

    # -- in the loop's thread --------------------------------------------------------------

    async def _models(self) -> tuple[str, ...]:
        page = await self._client().models.list()
        return tuple(str(each.id) for each in _listed(page, "data"))

    async def _complete(self, chat: Chat, *, model: str, alternatives: int) -> Reply:
        wanted = {"logprobs": True, "top_logprobs": alternatives}
        reply = await self._created(chat.fields(model), wanted)
        choices = _listed(reply, "choices")
        if not choices:
            raise TroubleError(Kind.FOREIGN, _FOREIGN)
        choice = choices[0]
        content = (choice.logprobs.content if choice.logprobs else None) or []
        likeliest = content[0].top_logprobs if content else []
        firsts = tuple((each.token, each.logprob) for each in likeliest)
        return Reply(choice.message.content or "", _tokens(reply.usage), firsts)

    async def _stream(self, chat: Chat, *, model: str) -> AsyncGenerator[str | Tokens]:
        wanted = {"stream_options": {"include_usage": True}}
        reply = await self._created({**chat.fields(model), "stream": True}, wanted)
        if "text/event-stream" not in reply.response.headers.get("content-type", ""):
            await reply.close()
            raise TroubleError(Kind.FOREIGN, _FOREIGN)
        with _translated(begun=True):
            async with reply:
                async for chunk in reply:
                    if chunk.choices and chunk.choices[0].delta.content:
                        yield chunk.choices[0].delta.content
                    if chunk.usage:
                        yield _tokens(chunk.usage)

    async def _created(self, fields: Fields, wanted: Fields) -> Any:
        """The reply to `fields` with what else is wanted, or without where the server refuses."""
        optional = {name: value for name, value in wanted.items() if name not in self._refused}
        create: Any = self._client().chat.completions.create
        try:
            return await self._tried(lambda: create(**fields, **optional))
        except TroubleError as error:
            if error.kind is not Kind.REFUSED or not optional:
                raise
            reply = await self._tried(lambda: create(**fields))
            self._refused |= optional.keys()
            return reply

    async def _tried(self, request: Callable[[], Awaitable[Result]]) -> Result:
        """What a request gives, asked again while the server is starting, busy or restarting."""
        from tenacity import AsyncRetrying, retry_if_exception

        attempts = AsyncRetrying(
            retry=retry_if_exception(transient), stop=enough, wait=pause, reraise=True
        )
        async for attempt in attempts:
            with attempt, _translated(begun=False):
                return await request()
        raise AssertionError("the last attempt returns or raises")

    # -- in the caller's thread ------------------------------------------------------------

    def _result(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._settled(asyncio.run_coroutine_threadsafe(work, self._loop()).result)

    def _settled(self, result: Callable[[], Result]) -> Result:
        try:
            return result()
        except TroubleError as error:
            offered: tuple[str, ...] = ()
            if error.kind is Kind.UNKNOWN:
                listing = asyncio.run_coroutine_threadsafe(self._models(), self._loop())
                with suppress(Exception):
                    offered = listing.result(_CONNECT_S)
            sentence = error.sentence(self._url, secret=self._key, offered=offered)
            raise GenerationError(sentence) from error


def _running_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="model server", daemon=True).start()
    return loop


@contextmanager
def _translated(*, begun: bool) -> Iterator[None]:
    """Tell a server's troubles apart; those of a reply that has `begun` cannot be tried again."""
    import httpx2
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        wait = error.response.headers.get("retry-after", "")
        wait_s = float(wait) if wait.replace(".", "", 1).isdecimal() else None
        raise TroubleError(kind_of(error.status_code), error.message, wait_s=wait_s) from error
    except (openai.APITimeoutError, httpx2.TimeoutException) as error:
        connecting = isinstance(error.__cause__, httpx2.ConnectTimeout)
        kind = Kind.UNREACHABLE if connecting else Kind.SLOW
        raise TroubleError(kind, "it does not answer") from error
    except (openai.APIConnectionError, httpx2.HTTPError) as error:
        detail = str(error.__cause__ or error) or type(error).__name__
        raise TroubleError(Kind.BROKEN if begun else Kind.UNREACHABLE, detail) from error
    except openai.APIError as error:
        raise TroubleError(Kind.BROKEN, error.message) from error
    except (AttributeError, TypeError, ValueError) as error:
        # The client takes a reply of another form for what it expects, until something is missing.
        raise TroubleError(Kind.FOREIGN, _FOREIGN) from error


def _listed(reply: Any, name: str) -> list[Any]:
    """A list that every OpenAI-compatible server's reply has."""
    values = getattr(reply, name, None)
    if not isinstance(values, list):
        raise TroubleError(Kind.FOREIGN, _FOREIGN)
    return values


def _tokens(usage: CompletionUsage | None) -> Tokens:
    return Tokens(usage.prompt_tokens, usage.completion_tokens) if usage else Tokens()
