"""Whether a program is ready, asked as an orchestrator asks: by a connection, HTTP, gRPC or its log.

A start that takes long is judged by what the machine gave it: on a machine that is busy with
other things the seconds count for less, so that they are not the submission's fault.
Source: Kubernetes' probes; gRPC's is RFC 9113, section 3.4: whoever serves HTTP/2 answers the
preface by SETTINGS.
"""

import os
import re
import socket
import time
from collections.abc import Callable

from servelab.grading.endpoint import Endpoint
from servelab.grading.program import Program

ANSWER_S = 0.5
MOST_TIMES = 10
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
_SETTINGS = 4
_TYPE = 3


class Patience:
    """How long a start may still take, in seconds of a machine that has nothing else to do."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._last = time.monotonic()
        self._end = self._last + MOST_TIMES * seconds

    def spend(self) -> bool:
        """Count the time since the last look, and say whether there is any left."""
        now = time.monotonic()
        self._left -= (now - self._last) * _share_of_a_core()
        self._last = now
        return self._left > 0 and now < self._end


def _share_of_a_core() -> float:
    """Return how much of a core one more process gets now, from 1 down."""
    try:
        with open("/proc/loadavg", encoding="ascii") as file:  # noqa: PTH123 - asked a hundred times a second
            running = float(file.read().split()[3].partition("/")[0]) - 1  # this one asks
    except OSError:
        running = os.getloadavg()[0]
    return min(1.0, (os.cpu_count() or 1) / max(running, 1.0))


def is_ready(program: Program, endpoint: Endpoint | None, output: str, over: Callable[[], bool]) -> bool:
    """Say whether a program is ready.

    Args:
        program: says how it is asked.
        endpoint: where it is asked, None for one that listens nowhere.
        output: what it has printed.
        over: says whether it has ended, or its time is over; then nothing is waited for any longer.
    """
    kind, _, rest = program.ready.partition(" ")
    if kind == "log":
        return re.search(rest, output) is not None
    if endpoint is None:
        return True
    try:
        with endpoint.connect() as connection:
            if kind == "tcp":
                return True
            connection.settimeout(ANSWER_S)
            return _speaks_http2(connection) if kind == "grpc" else _answers(connection, rest, over)
    except OSError:
        return False


def _answers(connection: socket.socket, asked: str, over: Callable[[], bool]) -> bool:
    status, _, path = asked.rpartition(" ")
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: service\r\nConnection: close\r\n\r\n".encode())
    head = b""
    while len(head) < len("HTTP/1.1 200"):
        try:
            part = connection.recv(64)
        except TimeoutError:
            # A probe that waits is no news; a second one would only wait beside it.
            if over():
                return False
            continue
        if not part:
            break
        head += part
        if not status:
            return True
    return bool(status) and head.split(b" ", 2)[1:2] == [status.encode()]


def _speaks_http2(connection: socket.socket) -> bool:
    connection.sendall(_PREFACE)
    frame = connection.recv(9)
    return len(frame) > _TYPE and frame[_TYPE] == _SETTINGS


def is_broken(program: Program, output: str) -> bool:
    """Say whether a program has printed that it will never be ready, although it goes on."""
    return bool(program.broken) and re.search(program.broken, output) is not None
