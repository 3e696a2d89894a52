"""The HTTP client against servers that misbehave as servers do: it never loses a sample."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from servelab.bench.arrivals import constant
from servelab.bench.errors import TargetDownError
from servelab.bench.http import HttpTargets, Request
from servelab.bench.load.generator import run_open
from servelab.bench.run import Load, Run
from servelab.bench.servers.process import fast

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[str, list[int]]]:
    """A server that gives request i of each connection answers[i], then closes; b"" is silence."""
    connections: list[int] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connections.append(1)
            for answer in answers:
                if not self.request.recv(65536):
                    return
                if not answer:
                    self.request.recv(65536)  # until the client leaves
                    return
                self.request.sendall(answer)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", connections
        server.shutdown()
        thread.join()


def drive(address: str, count: int = 4, connections: int = 1, timeout_s: float = 2.0, **wants: object) -> Run:
    """Offer `count` requests, 5 ms apart."""
    arrivals = constant(200.0, count / 200)
    load = Load("open", "constant", 200.0, count / 200, connections=connections, timeout_s=timeout_s)
    request = Request(**wants)  # type: ignore[arg-type]
    return run_open(HttpTargets(address, (request,)), arrivals, load)


def test_one_connection_carries_many_requests() -> None:
    """A client that reconnects measures handshakes, not the service."""
    with answering(*[OK] * 8) as (address, connections):
        run = drive(address, count=8)

    assert {} == run.samples.errors
    assert 1 == len(connections)


def test_a_connection_closed_after_each_answer_is_opened_again() -> None:
    """Many servers close after some requests; the next request must not fail of it."""
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"

    with answering(closing) as (address, connections):
        run = drive(address, count=5)

    assert {} == run.samples.errors
    assert 5 == len(connections)


@pytest.mark.parametrize(
    ("answer", "category"),
    [
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "status 503"),
        (b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", "status 302"),
        (b"not HTTP\r\n\r\n", "protocol"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "status 101"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut off", "connection"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "connection"),
    ],
)
def test_every_failure_is_a_sample_with_a_category(answer: bytes, category: str) -> None:
    """A failed request that is left out makes a broken server look fast."""
    with answering(answer) as (address, _):
        run = drive(address, count=1)

    assert {category: 1} == run.samples.errors
    assert np.isfinite(run.samples.ended).all()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
        b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end",
    ],
)
def test_every_way_to_end_an_answer_is_understood(answer: bytes) -> None:
    """RFC 9112 has five ways to say where a body ends."""
    with answering(answer) as (address, _):
        run = drive(address, count=1)

    assert {} == run.samples.errors


def test_an_answer_that_never_comes_is_a_time_out_and_frees_its_place() -> None:
    """A hung request must neither hang the run nor block those behind it for ever."""
    with answering(b"") as (address, connections):
        run = drive(address, count=3, timeout_s=0.1)

    assert {"timeout": 3} == run.samples.errors
    assert len(connections) >= 2
    assert run.samples.ended - run.samples.issued == pytest.approx(0.1, abs=0.05)


def test_bytes_behind_an_answer_cost_the_connection_not_the_answer() -> None:
    """What a confused server sends next must never be taken for the next answer."""
    with answering(OK + OK) as (address, connections):
        run = drive(address, count=3)

    assert {} == run.samples.errors
    assert 3 == len(connections)


def test_a_server_that_goes_away_gives_errors_to_the_end() -> None:
    """The run goes on, and each request that finds nobody says so."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"

    def leave() -> None:
        connection, _ = listener.accept()
        listener.close()
        connection.recv(1000)
        connection.close()

    thread = threading.Thread(target=leave)
    thread.start()
    run = drive(address, count=6)
    thread.join()

    assert {"connection": 6} == run.samples.errors


def test_a_target_that_is_down_is_refused_before_the_run() -> None:
    """A run of nothing but errors tells less than one sentence."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"

    with pytest.raises(TargetDownError) as refused:
        drive(address)

    assert "start the service" in str(refused.value)


def test_a_unix_socket_is_served_like_tcp(tmp_path: Path) -> None:
    """Graded services listen on Unix sockets."""
    with fast(f"{tmp_path}/s.sock") as address:
        run = drive(address, count=4)

    assert {} == run.samples.errors
    assert f"unix:{tmp_path}/s.sock:/" == run.target
