"""HTTP over a connection to a service, with the size and the time of each answer bounded from its first byte.

The bound lies below the HTTP parser: a head that drips in, an endless row of
`100 Continue` and a body of any length all end at the same deadline and byte count.
Source: httpcore's network backends.
Leaves out: compressed answers, which are refused; a few bytes of them can be gigabytes.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from servelab.grading.endpoint import Endpoint

MAX_ANSWER_BYTES = 8 << 20
MAX_WAIT_S = 600.0


class UnacceptableAnswerError(Exception):
    """The service sent what no client would take: too much of it, or compressed without being asked."""


class Allowance:
    """What is left of one answer's time and bytes."""

    def __init__(self) -> None:
        self.renew(MAX_WAIT_S)

    def renew(self, wait_s: float) -> None:
        """Begin a new answer, which must be complete after `wait_s`."""
        self._deadline = time.monotonic() + wait_s
        self._bytes = MAX_ANSWER_BYTES

    def time_left_s(self) -> float:
        """Return the seconds that are left.

        Raises:
            httpcore.ReadTimeout: none are.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            msg = "the answer was not complete in time"
            raise httpcore.ReadTimeout(msg)
        return left

    def take(self, data: bytes) -> bytes:
        """Count bytes that have come, and return them.

        Raises:
            UnacceptableAnswerError: they are too many.
        """
        self._bytes -= len(data)
        if self._bytes < 0:
            msg = f"the answer is larger than {MAX_ANSWER_BYTES >> 20} MiB"
            raise UnacceptableAnswerError(msg)
        return data


class _Stream(httpcore.NetworkStream):
    def __init__(self, connection: socket.socket, allowance: Allowance) -> None:
        self._connection = connection
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the allowance is less
        with _translated(httpcore.ReadTimeout, httpcore.ReadError):
            self._connection.settimeout(self._allowance.time_left_s())
            return self._allowance.take(self._connection.recv(max_bytes))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the allowance is less
        with _translated(httpcore.WriteTimeout, httpcore.WriteError):
            self._connection.settimeout(self._allowance.time_left_s())
            self._connection.sendall(buffer)

    def close(self) -> None:
        self._connection.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the base class has it
        return self._connection if info == "socket" else None


class _Backend(httpcore.NetworkBackend):
    def __init__(self, endpoint: Endpoint, allowance: Allowance) -> None:
        self._endpoint = endpoint
        self._allowance = allowance

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - a client has one endpoint
        port: int,  # noqa: ARG002 - likewise
        timeout: float | None = None,  # noqa: ARG002 - the endpoint's own
        local_address: str | None = None,  # noqa: ARG002 - likewise
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - likewise
    ) -> httpcore.NetworkStream:
        with _translated(httpcore.ConnectTimeout, httpcore.ConnectError):
            return _Stream(self._endpoint.connect(), self._allowance)


@contextmanager
def _translated(timeout: type[Exception], error: type[Exception]) -> Iterator[None]:
    """Raise what httpx knows in the place of what a socket raises."""
    try:
        yield
    except TimeoutError as cause:
        raise timeout(str(cause)) from cause
    except OSError as cause:
        raise error(str(cause)) from cause


class CappedTransport(httpx.HTTPTransport):
    """A transport for one thread at a time; the "read" time-out of a request is that of its whole answer."""

    def __init__(
        self, endpoint: Endpoint
    ) -> None:  # the pool of the base class knows no backend, so it is not made
        self._allowance = Allowance()
        self._pool = httpcore.ConnectionPool(
            # Making an SSL context costs 10 ms, and plain HTTP needs none.
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            network_backend=_Backend(endpoint, self._allowance),
            # A server that answered 500 may close the connection after the answer: a request that
            # was sent on it meanwhile would fail for no fault of its own route.
            max_keepalive_connections=0,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; its answer may only be read before the next one is sent."""
        wait_s = request.extensions["timeout"]["read"]
        self._allowance.renew(MAX_WAIT_S if wait_s is None else wait_s)
        response = super().handle_request(request)
        coding = response.headers.get("content-encoding", "identity")
        if coding != "identity":
            response.close()
            msg = f"the answer is compressed ({coding[:40]!r}), which the request did not ask for"
            raise UnacceptableAnswerError(msg)
        return response
