"""The learner's side of a served model: threads, lost connections, time limits."""

import contextlib
import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from servelab import zoo
from servelab.zoo import connection_pool, remote_model, wire

SAFETY_S = 10.0


def test_many_threads_get_each_their_own_answer(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array
) -> None:
    """Answers of concurrent calls must never be mixed up."""
    expected = served.oracle(rows)

    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda i: client.run(rows[i % 16 : i % 16 + 1]), range(400)))

    for i, answer in enumerate(answers):
        np.testing.assert_allclose(expected[i % 16], answer[0], atol=1e-6)
    assert 400 == len(served.calls)


def test_calls_run_side_by_side_not_one_after_the_other(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array
) -> None:
    """A pool of workers is worth nothing if the client sends one call at a time."""
    with ThreadPoolExecutor(max_workers=8) as pool, served.hold():
        answers = [pool.submit(client.run, rows[:1]) for _ in range(8)]
        assert served.wait_for_calls(8, SAFETY_S), "all eight must reach the model while it answers none"
        served.release()
        assert [1] * 8 == [len(answer.result(SAFETY_S)) for answer in answers]


def test_a_model_that_is_down_is_unavailable_and_comes_back_by_itself(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array
) -> None:
    """Readiness goes to 503 and back without a restart of the service."""
    client.run(rows)
    with served.down():
        for call in (client.check, lambda: client.run(rows), lambda: zoo.open(served.uri)):
            with pytest.raises(zoo.ModelUnavailableError) as caught:
                call()
            assert "\n" not in str(caught.value)
            assert served.uri in str(caught.value)

    client.check()
    np.testing.assert_allclose(served.oracle(rows), client.run(rows), atol=1e-6)
    assert (2, 1) == (len(served.calls), served.opened)


def test_a_call_that_is_running_when_the_model_goes_down_fails_at_once(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array
) -> None:
    """A lost model must not leave a request hanging."""
    with ThreadPoolExecutor(max_workers=1) as pool, served.hold():
        answer = pool.submit(client.run, rows)
        assert served.wait_for_calls(1, SAFETY_S)
        with served.down(), pytest.raises(zoo.ModelUnavailableError):
            answer.result(SAFETY_S)

    assert 1 == len(served.calls), "a call that may have run must not be sent again"


def test_down_and_up_many_times_loses_no_call_between(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array
) -> None:
    """Idle connections of the time before are noticed, not used."""
    for _ in range(20):
        client.run(rows[:1])
        with served.down():
            pass

    client.run(rows[:1])
    assert 21 == len(served.calls)


def test_a_closed_client_raises_and_keeps_no_connection(
    served: zoo.InstrumentedModel, rows: zoo.Float32Array
) -> None:
    """Shutdown closes the models; a late call is an error, not a reconnection."""
    client = zoo.open(served.uri)
    client.run(rows)
    client.close()
    client.close()

    with pytest.raises(zoo.ModelUnavailableError) as caught:
        client.run(rows)

    assert "is closed" in str(caught.value)


def test_closing_during_a_call_lets_the_call_end(
    served: zoo.InstrumentedModel, rows: zoo.Float32Array
) -> None:
    """A drain lets what is in flight finish."""
    client = zoo.open(served.uri)
    with ThreadPoolExecutor(max_workers=1) as pool, served.hold():
        answer = pool.submit(client.run, rows)
        assert served.wait_for_calls(1, SAFETY_S)
        client.close()
        served.release()
        assert len(rows) == len(answer.result(SAFETY_S))

    gc.collect()  # an unclosed socket would warn, and warnings are errors


def test_wrong_instances_are_refused_before_they_are_sent(
    served: zoo.InstrumentedModel, client: zoo.Model
) -> None:
    """A served model refuses what a model in the process refuses."""
    with pytest.raises(zoo.InvalidInputError):
        client.run(np.zeros((1, 63), np.float32))
    with pytest.raises(zoo.InvalidInputError):
        client.run(np.zeros((1, 64)))  # type: ignore[arg-type]

    assert [] == served.calls


def test_a_batch_larger_than_the_server_reads_is_refused_with_the_reason(
    served: zoo.InstrumentedModel, client: zoo.Model
) -> None:
    """The limit is the server's, so it must reach the caller as a sentence."""
    with pytest.raises(zoo.ModelUnavailableError):
        client.run(np.zeros((5000, 64), np.float32))

    assert 4096 == len(client.run(np.zeros((4096, 64), np.float32)))
    assert [4096] == [call.batch_size for call in served.calls]


@contextlib.contextmanager
def listener(folder: Path, answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve connections with a function, as something that is no model of ours might."""
    path = folder / "other.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, contextlib.suppress(OSError):
                        answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"unix:{path}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(SAFETY_S)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        wire.PREFIX.pack(wire.MAGIC, 2**31, 0),
        wire.PREFIX.pack(b"SLZ\x02", 2, 0) + b"{}",
        wire.PREFIX.pack(wire.MAGIC, 100, 0) + b"{",
        wire.PREFIX.pack(wire.MAGIC, 4, 0) + b"null",
        wire.PREFIX.pack(wire.MAGIC, 12, 4) + b'{"ok": true}' + bytes(4),
    ],
    ids=["nothing", "http", "huge", "other version", "cut off", "no object", "body without shape"],
)
def test_another_program_at_the_socket_is_unavailable_not_a_crash(folder: Path, reply: bytes) -> None:
    """A path in a setting can point anywhere."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(reply)

    with listener(folder, answer) as uri, pytest.raises(zoo.ModelUnavailableError) as caught:
        zoo.open(uri)

    assert "\n" not in str(caught.value)


def test_a_server_without_a_proper_signature_is_no_model(folder: Path) -> None:
    """What cannot be described cannot be served."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(wire.Frame({"ok": True, "signature": {"name": "x"}}).encode())

    with listener(folder, answer) as uri, pytest.raises(zoo.ModelCorruptError):
        zoo.open(uri)


def test_a_silent_server_is_given_up_after_the_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a model never hangs for ever: neither on a server that says nothing, nor on half a frame."""
    monkeypatch.setattr(remote_model, "CHECK_TIMEOUT_S", 0.1)
    monkeypatch.setattr(remote_model, "LIMIT", wire.Limit(1 << 16, 1 << 24, frame_s=0.1))
    waiting = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        if waiting.is_set():
            connection.sendall(wire.MAGIC)
        waiting.set()
        connection.recv(4096)

    with listener(folder, answer) as uri:
        began = time.monotonic()
        for _ in range(2):
            with pytest.raises(zoo.ModelUnavailableError) as caught:
                zoo.open(uri)
            assert "no answer in" in str(caught.value)

    assert time.monotonic() - began < SAFETY_S


def test_a_connection_whose_answer_came_too_late_is_never_used_again(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The late answer to one call must not become the answer to the next."""
    expected = served.oracle(rows)
    monkeypatch.setattr(remote_model, "RUN_TIMEOUT_S", 0.05)
    with ThreadPoolExecutor(max_workers=1) as pool, served.hold():
        with pytest.raises(zoo.ModelUnavailableError):
            client.run(rows[:1])
        monkeypatch.setattr(remote_model, "RUN_TIMEOUT_S", SAFETY_S)
        answer = pool.submit(client.run, rows[1:2])
        assert served.wait_for_calls(2, SAFETY_S), "the second call must not queue up behind the first"
        served.release()
        np.testing.assert_allclose(expected[1:2], answer.result(SAFETY_S), atol=1e-6)


def test_a_full_backlog_is_given_up_after_the_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts nobody must not hang its clients."""
    monkeypatch.setattr(connection_pool, "CONNECT_TIMEOUT_S", 0.1)
    path = folder / "full.sock"
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(str(path))
        server.listen(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
                waiting.settimeout(0)
                waiting.connect(str(path))

        with pytest.raises(zoo.ModelUnavailableError) as caught:
            zoo.open(f"unix:{path}")

    assert "no model answers" in str(caught.value)
