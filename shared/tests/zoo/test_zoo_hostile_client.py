"""The model's server against a learner's process that holds the socket and means harm."""

import contextlib
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from servelab import zoo
from servelab.zoo import call_log, model_server, wire
from servelab.zoo.connection_pool import connect

SAFETY_S = 10.0
ROW = np.zeros((1, 64), dtype=np.float32)


@contextlib.contextmanager
def raw(served: zoo.InstrumentedModel) -> Iterator[socket.socket]:
    """A connection without any manners."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(SAFETY_S)
        connection.connect(served.uri.removeprefix("unix:"))
        yield connection


def drain(connection: socket.socket) -> bytes:
    """Everything the server says until it closes."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            data += chunk
    return data


def is_answered(connection: socket.socket) -> bool:
    """Say whether the server talks on this connection."""
    with contextlib.suppress(OSError):
        connection.sendall(wire.Frame({"op": "check"}).encode())
        return connection.recv(1) != b""
    return False


def frame(header: bytes, body: bytes = b"") -> bytes:
    """A frame with any header."""
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(body)) + header + body


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        bytes(64),
        b"\xff" * 4096,
        struct.pack(">4sII", wire.MAGIC, 2**32 - 1, 2**32 - 1),
        struct.pack(">4sII", wire.MAGIC, 10, 2**31),
        struct.pack(">4sII", b"SLZ\x02", 2, 0) + b"{}",
        frame(b""),
        frame(b"not json"),
        frame(b"\xff\xfe"),
        frame(b"[" * 4000),
        frame(b'{"a":' * 500 + b"1" + b"}" * 500 + b" " * 500),
        frame(b"9" * 4096),
        frame(b"[]"),
        frame(b'{"op": "run", "shape": [1, 64]}'),
        frame(b'{"op": "run", "shape": [1, 64]}', bytes(252)),
        frame(b'{"op": "run", "shape": [-1, -64]}', bytes(256)),
        frame(b'{"op": "run", "shape": [true, 64]}', bytes(256)),
        frame(b'{"op": "run", "shape": [0, 99999999999999999999]}'),
        frame(b'{"op": "run", "shape": "1x64"}', bytes(256)),
        frame(b'{"op": "run", "shape": [' + b"1, " * 1000 + b"64]}", bytes(256)),
        frame(b'{"op": "run"}', bytes(256)),
    ],
)
def test_broken_bytes_end_their_connection_with_a_reason_and_nothing_else(
    served: zoo.InstrumentedModel, client: zoo.Model, data: bytes
) -> None:
    """The server lives in the grader's process: no input may bring it down or be counted."""
    with raw(served) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        reply = drain(connection)

    assert b'"ok": false' in reply
    assert [] == served.calls
    client.check()


@pytest.mark.parametrize(
    "question",
    [
        wire.Frame({"op": "run"}),
        wire.Frame({"op": "run"}, np.zeros((2, 63), np.float32)),
        wire.Frame({"op": "run"}, np.zeros((64,), np.float32)),
        wire.Frame({"op": "run"}, np.zeros((0, 64), np.float32)),
        wire.Frame({"op": "run"}, np.zeros((0, 1 << 20, 1 << 20), np.float32)),
        wire.Frame({"op": "train"}),
        wire.Frame({"op": {"op": "run"}}),
        wire.Frame({}),
    ],
)
def test_a_question_without_sense_gets_an_error_and_is_not_counted(
    served: zoo.InstrumentedModel, question: wire.Frame
) -> None:
    """A well-formed frame is no licence to reach the model."""
    with raw(served) as connection:
        connection.sendall(question.encode())
        refused = wire.receive(connection, wire.Limit(4096, 4096, SAFETY_S), SAFETY_S)
        connection.sendall(wire.Frame({"op": "check"}).encode())
        accepted = wire.receive(connection, wire.Limit(4096, 4096, SAFETY_S), SAFETY_S)

    assert refused is not None
    assert accepted is not None
    assert (False, "input") == (refused.header["ok"], refused.header["error"])
    assert {"ok": True} == accepted.header, "the connection stays usable"
    assert [] == served.calls


def test_a_frame_that_comes_byte_by_byte_is_understood(served: zoo.InstrumentedModel) -> None:
    """A stream has no packets; a slow client is not yet a hostile one."""
    with raw(served) as connection:
        for byte in wire.Frame({"op": "run"}, ROW).encode():
            connection.sendall(bytes([byte]))
        answer = wire.receive(connection, wire.Limit(4096, 4096, SAFETY_S), SAFETY_S)

    assert answer is not None
    assert answer.array is not None
    np.testing.assert_allclose(served.oracle(ROW), answer.array, atol=1e-6)


def test_a_frame_that_never_ends_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-open connections must not hold threads of the grader for ever."""
    monkeypatch.setattr(model_server, "FRAME_S", 0.1)
    with zoo.instrumented("zoo:digits-mlp-small", folder=folder) as served, raw(served) as connection:
        connection.sendall(wire.MAGIC)

        assert b"" == drain(connection), "the server closes without an answer"


def test_an_answer_that_nobody_takes_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that sends questions and reads nothing must not block a thread for ever."""
    monkeypatch.setattr(model_server, "SEND_TIMEOUT_S", 0.1)
    question = wire.Frame({"op": "run"}, np.zeros((4096, 64), np.float32)).encode()
    with zoo.instrumented("zoo:digits-mlp-small", folder=folder) as served, raw(served) as connection:
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            connection.sendall(question * 100)

        assert 0 < len(served.calls) < 20


def test_thousands_of_connections_are_capped(served: zoo.InstrumentedModel, client: zoo.Model) -> None:
    """Each connection is a thread of the grader."""
    threads_before = threading.active_count()
    path = Path(served.uri.removeprefix("unix:"))
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connect(path)) for _ in range(400)]
        answered = sum(is_answered(connection) for connection in connections)
        threads = threading.active_count() - threads_before

        client.check()

    assert 100 < answered <= model_server.MAX_CONNECTIONS
    assert threads <= model_server.MAX_CONNECTIONS
    for _ in range(2000):
        connect(path).close()
    zoo.open(served.uri).close()


def test_an_announced_length_reserves_no_memory(served: zoo.InstrumentedModel) -> None:
    """A hundred connections that promise a megabyte each must cost the grader next to nothing."""
    promise = struct.pack(">4sII", wire.MAGIC, 31, 4096 * 64 * 4) + b'{"op": "run", "shape": [4096, '
    tracemalloc.start()
    try:
        with contextlib.ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(raw(served)).sendall(promise)
            time.sleep(0.1)
            _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4096 * 64 * 4 * 5


@pytest.mark.parametrize(("limit", "value"), [("MAX_CALLS", 5), ("MAX_BYTES", 5 * ROW.nbytes)])
def test_the_log_of_calls_is_bounded(
    served: zoo.InstrumentedModel, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    """Endless calls must not fill the grader's memory: past the limit the model refuses, and says why."""
    monkeypatch.setattr(call_log, limit, value)
    with contextlib.closing(zoo.open(served.uri)) as client:
        for _ in range(5):
            client.run(ROW)
        with pytest.raises(zoo.ModelUnavailableError) as caught:
            client.run(ROW)

    assert "refuses further calls" in str(caught.value)
    assert 5 == len(served.calls)


def test_a_client_that_leaves_while_its_call_is_held_harms_nobody(
    served: zoo.InstrumentedModel, client: zoo.Model
) -> None:
    """A killed service leaves calls behind; the model goes on for the next one."""
    with served.hold(), raw(served) as connection:
        connection.sendall(wire.Frame({"op": "run"}, ROW).encode())
        assert served.wait_for_calls(1, SAFETY_S)

    np.testing.assert_allclose(served.oracle(ROW), client.run(ROW), atol=1e-6)
