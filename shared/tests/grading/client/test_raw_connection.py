"""Bytes that no client library would send, and what comes back, within a time."""

import socket
import time
from collections.abc import Callable
from contextlib import closing

from servelab.grading.endpoint import UnixEndpoint
from servelab.grading.raw_connection import RawConnection

Converse = Callable[[socket.socket], None]
Serve = Callable[[Converse], UnixEndpoint]


def test_raw_bytes_are_read_up_to_what_is_looked_for(serve: Serve) -> None:
    """Requests that no client library would send are sent by hand."""
    with closing(
        RawConnection(serve(lambda connection: connection.sendall(b"one\r\n\r\ntwo")))
    ) as connection:
        assert connection.send(b"BREW /tea HTCPCP/1.0\r\n\r\n")
        assert connection.receive(b"\r\n\r\n").startswith(b"one")


def test_reading_raw_bytes_ends_with_its_time(serve: Serve) -> None:
    """A service that says nothing is no reason to wait for ever."""

    def drip(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"a")
            time.sleep(0.05)

    with closing(RawConnection(serve(drip))) as connection:
        connection.send(b"x")
        started = time.monotonic()

        assert set(b"a") >= set(connection.receive(b"never", timeout=0.3))
        assert time.monotonic() - started < 1.5


def test_waiting_for_an_answer_does_not_shorten_the_time_for_sending(serve: Serve) -> None:
    """Tests send in one thread and read in another; their time-outs are their own."""

    def read_late(connection: socket.socket) -> None:
        time.sleep(0.5)
        while connection.recv(1 << 20):
            pass

    with closing(RawConnection(serve(read_late))) as connection:
        connection.send(b"x")

        assert b"" == connection.receive(timeout=0.05)
        assert connection.send(bytes(4_000_000)), "half a second passes before it is read"


def test_a_connection_that_the_service_has_closed_takes_nothing(serve: Serve) -> None:
    """It says so, and raises nothing: being closed is often what is expected."""
    path = serve(lambda connection: connection.shutdown(socket.SHUT_RDWR))
    with closing(RawConnection(path)) as connection:
        connection.send(b"x")

        assert b"" == connection.receive()
        assert not all(connection.send(b"x" * 100_000) for _ in range(5))
