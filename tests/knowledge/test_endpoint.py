"""What a server does wrong, in bytes on a socket, and what is made of it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from knowledge.endpoint import Chat, Endpoint
from knowledge.errors import GenerationError
from knowledge.types import Tokens

CHAT = Chat("Be brief.", "GAN?", 5)
Serve = Callable[[socket.socket, bytes], None]


def response(status: str, body: object, *, kind: str = "application/json", **headers: str) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"content-type: {kind}", f"content-length: {len(data)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode() + data


def completion(text: str) -> dict[str, object]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant"}}
    choice["message"]["content"] = text  # type: ignore[index]
    usage = {"prompt_tokens": 7, "completion_tokens": 1, "total_tokens": 8}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m"} | {
        "choices": [choice],
        "usage": usage,
    }


def event(text: str) -> bytes:
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    chunk["choices"] = [{"index": 0, "delta": {"content": text}, "finish_reason": None}]
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


@contextmanager
def serving(serve: Serve) -> Iterator[tuple[str, list[bytes]]]:
    """A socket that answers each connection's one request by `serve`; its URL and the requests."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

        def handle(connection: socket.socket) -> None:
            with connection:
                request = whole(connection)
                requests.append(request)
                serve(connection, request)

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1", requests
        listener.shutdown(socket.SHUT_RDWR)


def whole(connection: socket.socket) -> bytes:
    """One request with its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def replies(*each: bytes) -> Serve:
    """One reply after another, the last one for ever."""
    left = list(each)

    def serve(connection: socket.socket, request: bytes) -> None:
        connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return serve


def endpoint(url: str, *, key: str | None = None, timeout_s: float = 5.0) -> Endpoint:
    return Endpoint(url, key=SecretStr(key) if key else None, timeout_s=timeout_s)


def complete(url: str, **how: object) -> str:
    return endpoint(url, **how).complete(CHAT, model="m", alternatives=20).text  # type: ignore[arg-type]


def test_a_server_that_is_starting_is_asked_again() -> None:
    loading = response("503 Service Unavailable", {"error": {"message": "Loading model"}})
    with serving(replies(loading, loading, response("200 OK", completion("ready")))) as (
        url,
        asked,
    ):
        assert complete(url) == "ready"
        assert len(asked) == 3


def test_a_server_says_how_long_it_wants_to_be_left_alone() -> None:
    wait = response("429 Too Many Requests", {}, retry_after="1")
    with serving(replies(wait, response("200 OK", completion("ready")))) as (url, _):
        started = time.monotonic()
        assert complete(url) == "ready"
        assert 1.0 <= time.monotonic() - started < 3.0


def test_a_server_that_stays_busy_is_told() -> None:
    busy = response("503 Service Unavailable", {"error": {"message": "no room"}}, retry_after="0")
    with (
        serving(replies(busy)) as (url, asked),
        pytest.raises(GenerationError, match=r"too busy.*no room.*Try again"),
    ):
        complete(url)
    assert len(asked) == 6


def test_a_refused_request_is_not_sent_again_and_again() -> None:
    with serving(replies(response("400 Bad Request", {"error": {"message": "no"}}))) as (
        url,
        asked,
    ):
        with pytest.raises(GenerationError, match="refused the question"):
            complete(url)
        # With what may be left out, and without.
        assert len(asked) == 2


def test_what_a_server_does_not_take_is_left_out_from_then_on() -> None:
    def serve(connection: socket.socket, request: bytes) -> None:
        if b"logprobs" in request:
            connection.sendall(response("422 Unprocessable Content", {"detail": "logprobs"}))
        else:
            connection.sendall(response("200 OK", completion("yes")))

    with serving(serve) as (url, asked):
        one = endpoint(url)
        for _ in range(3):
            reply = one.complete(CHAT, model="m", alternatives=20)
            assert (reply.text, reply.firsts, reply.tokens) == ("yes", (), Tokens(7, 1))
        assert [b"logprobs" in each for each in asked] == [True, False, False, False]


def test_a_key_that_a_server_sends_back_is_not_shown() -> None:
    told = {"error": {"message": "Incorrect key: sk-very-secret"}}
    with (
        serving(replies(response("401 Unauthorized", told))) as (url, asked),
        pytest.raises(GenerationError, match="LLM_API_KEY") as error,
    ):
        complete(url, key="sk-very-secret")
    assert "sk-very-secret" not in str(error.value)
    assert b"sk-very-secret" in asked[0]


def test_the_models_a_server_has_are_named_where_one_is_unknown() -> None:
    def serve(connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"GET /v1/models"):
            models = [
                {"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in "ab"
            ]
            connection.sendall(response("200 OK", {"object": "list", "data": models}))
        else:
            connection.sendall(response("404 Not Found", {"error": {"message": "no model m"}}))

    with (
        serving(serve) as (url, _),
        pytest.raises(GenerationError, match=r"no model m.*LLM_MODEL \(it offers a, b\)"),
    ):
        complete(url)


@pytest.mark.parametrize(
    "reply",
    [
        response("200 OK", b"<html>a page</html>", kind="text/html"),
        response("200 OK", b"{not json"),
        response("200 OK", {"choices": []}),
        response("200 OK", ["a list"]),
        response("200 OK", {"models": 3}),
    ],
)
def test_what_is_no_model_server_is_told(reply: bytes) -> None:
    with serving(replies(reply)) as (url, _):
        with pytest.raises(GenerationError, match=r"OpenAI protocol.*/v1"):
            complete(url)
        with pytest.raises(GenerationError, match=r"OpenAI protocol.*/v1"):
            endpoint(url).models()
        with pytest.raises(GenerationError, match=r"OpenAI protocol.*/v1"):
            list(endpoint(url).stream(CHAT, model="m", stop=None))


def test_a_silent_server_is_given_up() -> None:
    def serve(connection: socket.socket, request: bytes) -> None:
        connection.recv(1)

    with serving(serve) as (url, asked):
        with pytest.raises(GenerationError, match=r"in time.*LLM_TIMEOUT_S"):
            complete(url, timeout_s=0.3)
        assert len(asked) == 1


def test_a_stream_that_breaks_off_is_told_after_what_came() -> None:
    def serve(connection: socket.socket, request: bytes) -> None:
        connection.sendall(
            STREAM.replace(b"connection", b"transfer-encoding: chunked\r\nconnection")
            + f"{len(event('GANs')):x}\r\n".encode()
            + event("GANs")
            + b"\r\n"
        )

    with serving(serve) as (url, asked):
        pieces = endpoint(url).stream(CHAT, model="m", stop=None)
        assert next(pieces) == "GANs"
        with pytest.raises(GenerationError, match="broke off"):
            next(pieces)
        assert len(asked) == 1


def test_an_error_within_a_stream_is_told() -> None:
    def serve(connection: socket.socket, request: bytes) -> None:
        connection.sendall(
            STREAM + event("GANs") + b'data: {"error": {"message": "no memory"}}\n\n'
        )

    with serving(serve) as (url, _):
        pieces = endpoint(url).stream(CHAT, model="m", stop=None)
        assert next(pieces) == "GANs"
        with pytest.raises(GenerationError, match="no memory"):
            next(pieces)


@pytest.mark.parametrize("begun", [False, True])
def test_stopping_closes_the_connection_while_the_server_still_computes(begun: bool) -> None:
    closed = threading.Event()

    def serve(connection: socket.socket, request: bytes) -> None:
        if begun:
            connection.sendall(STREAM + event("GANs"))
        if connection.recv(1) == b"":
            closed.set()

    stop = threading.Event()
    with serving(serve) as (url, _):
        pieces = endpoint(url, timeout_s=60).stream(CHAT, model="m", stop=stop)
        threading.Timer(0.2, stop.set).start()
        started = time.monotonic()
        assert list(pieces) == (["GANs"] if begun else [])
        assert time.monotonic() - started < 2.0
        assert closed.wait(2.0)


def test_a_stopped_question_is_not_sent() -> None:
    stop = threading.Event()
    stop.set()
    with serving(replies(response("200 OK", completion("no")))) as (url, _):
        assert list(endpoint(url).stream(CHAT, model="m", stop=stop)) == []
