"""A client of a service that may be hostile: every answer has an end, in bytes and in time."""

import gzip
import shlex
import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest

from servelab.grading.client import Client, Trace, curl
from servelab.grading.endpoint import UnixEndpoint
from servelab.grading.transport import MAX_ANSWER_BYTES, UnacceptableAnswerError

Converse = Callable[[socket.socket], None]
Serve = Callable[[Converse], UnixEndpoint]
OK = b"HTTP/1.1 200 OK\r\n"


def whole(body: bytes, *heads: bytes) -> bytes:
    """Return an answer of the server."""
    return b"\r\n".join([OK.strip(), *heads, b"Content-Length: %d" % len(body), b"", body])


def send(answer: bytes) -> Converse:
    """Return a conversation that gives one answer."""
    return lambda connection: connection.sendall(answer)


def again_and_again(first: bytes, then: bytes, pause_s: float) -> Converse:
    """Return a conversation that never comes to its end."""

    def converse(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(then)
            time.sleep(pause_s)

    return converse


def test_an_answer_is_read_whole(serve: Serve) -> None:
    """The plain case: status, headers, body."""
    client = Client(serve(send(whole(b'{"a":1}', b"X-Id: 7"))), Trace())

    reply = client.get("/x")

    assert (200, {"a": 1}, "7") == (reply.status_code, reply.json(), reply.headers["x-id"])


@pytest.mark.parametrize(
    ("first", "then", "pause_s"),
    [
        pytest.param(OK + b"X-Slow: ", b"a", 0.02, id="head-that-drips"),
        pytest.param(OK + b"Content-Length: 100000\r\n\r\n", b"a", 0.02, id="body-that-drips"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.001, id="endless-row-of-continue"),
        pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.001, id="endless-chunks"),
        pytest.param(b"", b"", 1.0, id="silence"),
    ],
)
def test_no_answer_takes_longer_than_its_time(
    serve: Serve, first: bytes, then: bytes, pause_s: float
) -> None:
    """A time-out for each read is none: a byte now and then keeps it from ever coming."""
    client = Client(serve(again_and_again(first, then, pause_s)), Trace())
    started = time.monotonic()

    with pytest.raises(httpx.TimeoutException):
        client.get("/x", timeout=0.4)

    assert time.monotonic() - started < 2


@pytest.mark.parametrize("first", [OK + b"\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n100000\r\n"])
def test_no_answer_is_larger_than_its_cap(serve: Serve, first: bytes) -> None:
    """The grader grades a thousand submissions in one memory."""
    client = Client(serve(again_and_again(first, bytes(1 << 20), 0)), Trace())

    with pytest.raises((UnacceptableAnswerError, httpx.RemoteProtocolError)):
        client.get("/x")


def test_a_head_without_end_is_refused(serve: Serve) -> None:
    """Thousands of headers are kept in memory one by one."""
    client = Client(serve(again_and_again(OK, b"X-Many: 1\r\n" * 1000, 0)), Trace())

    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/x")


def test_an_answer_at_the_cap_is_taken(serve: Serve) -> None:
    """The cap is for bombs, not for large answers."""
    body = bytes(MAX_ANSWER_BYTES - 1000)
    client = Client(serve(send(whole(body))), Trace())

    assert len(body) == len(client.get("/x").content)


def test_the_cap_holds_for_each_answer_by_itself(serve: Serve) -> None:
    """Connections are kept, and a hundred decent answers on one of them are no flood."""
    client = Client(serve(send(whole(bytes(MAX_ANSWER_BYTES // 3)))), Trace())

    assert [200] * 5 == [client.get("/x").status_code for _ in range(5)]


def test_a_compressed_answer_is_refused_undecoded(serve: Serve) -> None:
    """Eight MiB of it can be eight GiB."""
    client = Client(serve(send(whole(gzip.compress(bytes(1 << 22)), b"Content-Encoding: gzip"))), Trace())

    with pytest.raises(UnacceptableAnswerError, match="compressed"):
        client.get("/x")


def test_no_compression_is_asked_for(serve: Serve) -> None:
    """A decent service with a compressing middleware leaves it out then."""
    seen: list[bytes] = []
    endpoint = serve(lambda connection: connection.sendall(whole(b"")))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(endpoint.path.parent / "t"))
        listener.listen(1)

        def note() -> None:
            connection, _ = listener.accept()
            with connection:
                seen.append(connection.recv(65536))
                connection.sendall(whole(b""))

        thread = threading.Thread(target=note)
        thread.start()
        Client(UnixEndpoint(endpoint.path.parent / "t"), Trace()).get("/x")
        thread.join()

    assert b"accept-encoding: identity" in seen[0].lower()


@pytest.mark.parametrize("charset", [b"punycode", b"idna", b"zlib_codec", b"no-such-thing"])
def test_text_is_decoded_as_utf8_whatever_the_service_calls_it(serve: Serve, charset: bytes) -> None:
    """Decoding some charsets takes hours for a megabyte, in the grader's process."""
    body = b"-" + b"a9" * 200_000
    client = Client(serve(send(whole(body, b"Content-Type: text/plain; charset=" + charset))), Trace())
    started = time.monotonic()

    assert body.decode() == client.get("/x").text
    assert time.monotonic() - started < 2


def test_a_redirect_is_an_answer_and_not_an_order(serve: Serve) -> None:
    """A service must not send the grader anywhere."""
    client = Client(
        serve(send(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n")),
        Trace(),
    )

    assert 302 == client.get("/x").status_code


def test_proxies_of_the_environment_do_not_matter(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader behind a proxy still speaks to the socket."""
    monkeypatch.setenv("ALL_PROXY", "http://192.0.2.1:3128")
    client = Client(serve(send(whole(b"here"))), Trace())

    assert "here" == client.get("/x").text


def test_a_call_can_be_pasted_into_a_shell() -> None:
    """The first thing to do about a failure is to try the call by hand."""
    line = curl("POST", "/v1/it's?a=1&b=2", json={"text": "it's $HOME"}, headers={"X-A": "b c"})

    assert [
        "curl", "-i", "-X", "POST", "-H", "X-A: b c", "-H", "content-type: application/json",
        "-d", '{"text": "it\'s $HOME"}', "http://127.0.0.1:8000/v1/it's?a=1&b=2",
    ] == shlex.split(line)  # fmt: skip


def test_the_last_call_is_remembered(serve: Serve) -> None:
    """It is the one that a failure message shows."""
    trace = Trace()
    client = Client(serve(send(whole(b""))), trace)

    client.get("/first")
    client.delete("/second")

    assert "curl -i -X DELETE http://127.0.0.1:8000/second" == trace.last
